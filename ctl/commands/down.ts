// kctl down: stops the cluster that kctl up has started.

import { defineCommand } from "../command.ts";
import { onOff, text } from "../flags.ts";
import { stopCluster } from "../standalone-cluster.ts";

export const down = defineCommand({
  usage: "down [--data-dir DIR] [--wipe]",
  description: "Pods go on running and are found again at the next start; --wipe removes them and all state.",
  examples: ["kctl down", "kctl down --wipe"],
  flags: {
    "data-dir": text("Where the cluster keeps its state; $KCTL_HOME or ~/.kctl unless given.", { placeholder: "DIR" }),
    wipe: onOff("Remove the cluster's pods, its rules and its state."),
  },
  run: ({ flags, session }) => stopCluster(session.io, { directory: flags["data-dir"], wipe: flags.wipe }),
});
