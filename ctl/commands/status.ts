// kctl status: what runs of the cluster that kctl up has started.

import { defineCommand } from "../command.ts";
import { text } from "../flags.ts";
import { showCluster } from "../standalone-cluster.ts";

export const status = defineCommand({
  usage: "status [--data-dir DIR]",
  description: "The exit code is 0 where the API server answers, else 1.",
  flags: {
    "data-dir": text("Where the cluster keeps its state; $KCTL_HOME or ~/.kctl unless given.", { placeholder: "DIR" }),
  },
  run: async ({ flags, session }) => ((await showCluster(session.io, { directory: flags["data-dir"] })) ? 0 : 1),
});
