// kctl version: which kctl this is, and which server it talks to.

import { CommandError } from "../command-error.ts";
import { defineCommand } from "../command.ts";
import { onOff, text } from "../flags.ts";
import type { Session } from "../session.ts";

/** kctl follows kubectl of this version in what it does and prints. */
const CLIENT_VERSION = { major: "1", minor: "33", gitVersion: "v1.33.0+gantry" };

interface VersionInfo {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
}

export const version = defineCommand({
  usage: "version [--client] [-o yaml|json]",
  flags: {
    client: onOff("Only kctl's own version: no server is asked."),
    output: text("The form of the output: yaml or json.", { short: "o" }),
  },
  async run({ flags, session }) {
    const { io } = session;
    const serverVersion = flags.client ? undefined : await askVersion(session);
    const all = { clientVersion: CLIENT_VERSION, ...(serverVersion && { serverVersion }) };
    if (flags.output === "json") {
      io.out(`${JSON.stringify(all, undefined, 2)}\n`);
    } else if (flags.output === "yaml") {
      const { renderYaml } = await import("../../lib/render-yaml.ts");
      io.out(renderYaml(all));
    } else if (flags.output) {
      throw new CommandError('--output must be "yaml" or "json"');
    } else {
      io.out(`Client Version: ${CLIENT_VERSION.gitVersion}\n`);
      if (serverVersion) io.out(`Server Version: ${serverVersion.gitVersion}\n`);
    }
  },
});

async function askVersion(session: Session): Promise<VersionInfo> {
  const server = await session.server();
  return (await server.call({ method: "GET", path: "/version" })) as VersionInfo;
}
