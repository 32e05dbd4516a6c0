// kctl api-versions: the versions of the API that the server serves.

import { defineCommand } from "../command.ts";
import { apiVersionOfType } from "../resource-type.ts";

export const apiVersions = defineCommand({
  usage: "api-versions",
  flags: {},
  async run({ session }) {
    const types = await (await session.discovery()).fresh();
    const versions = [...new Set(types.map(apiVersionOfType))].sort();
    session.io.out(versions.map((version) => `${version}\n`).join(""));
  },
});
