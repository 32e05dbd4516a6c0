// What /version says. Clients read the minor version to decide what they may ask for.

export const versionInfo = {
  major: "1",
  minor: "33",
  gitVersion: "v1.33.0+gantry",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "node",
  compiler: "node",
  platform: "linux/amd64",
} as const;
