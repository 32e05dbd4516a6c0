// Commands of kubectl that kctl knows and does not have: each says why, and what to do instead.

import { CommandError } from "../command-error.ts";
import type { Command } from "../command.ts";
import { text } from "../flags.ts";

const refuse = (usage: string, message: string): Command => ({
  usage,
  description: message,
  flags: { container: text("Accepted, and without effect.", { short: "c" }) },
  run: () => Promise.reject(new CommandError(message)),
});

export const authWhoami = refuse(
  "auth whoami",
  "the selfsubjectreviews API is not enabled in the cluster. The kubeconfig names the user: kctl config view",
);
export const authCanI = refuse(
  "auth can-i VERB TYPE",
  "the selfsubjectaccessreviews API is not enabled in the cluster. Try the command itself with --dry-run=server.",
);
export const cp = refuse(
  "cp FILE POD:PATH",
  "kctl does not copy files. Use exec and tar: tar cf - FILE | kctl exec -i POD -- tar xf - -C DIR",
);
