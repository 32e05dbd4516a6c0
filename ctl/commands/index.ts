// The commands of kctl, in the order in which help lists them. Adding one is a file of its own and an entry here. Each is loaded
// only when it runs: that is what keeps the start short.

import type { CommandEntry } from "../command.ts";

export const commands: readonly CommandEntry[] = [
  {
    name: "get",
    summary: "Show one or many objects",
    load: async () => (await import("./get.ts")).get,
  },
  {
    name: "version",
    summary: "Show the versions of kctl and of the server",
    load: async () => (await import("./version.ts")).version,
  },
];
