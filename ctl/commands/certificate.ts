// kctl certificate approve and deny: whether the signer that a request names is to issue the certificate.

import { decideRequest, type Decision } from "../changes/decide-request.ts";
import { CommandError } from "../command-error.ts";
import { defineCommand, type Command } from "../command.ts";
import { onOff } from "../flags.ts";
import { manifestFlags } from "../manifests.ts";
import { outputFlags } from "../printers/output-format.ts";
import { formatTime } from "../../lib/clock.ts";

export const certificateApprove = defineDecision("approve", "Approved", "The signer issues the certificate.");
export const certificateDeny = defineDecision("deny", "Denied", "The signer issues nothing, now or later.");

function defineDecision(verb: "approve" | "deny", decision: Decision, description: string): Command {
  return defineCommand({
    usage: `certificate ${verb} (NAME ... | -f FILE)`,
    description,
    examples: [`kctl certificate ${verb} jane`, `kctl certificate ${verb} -f request.yaml`],
    flags: {
      ...manifestFlags,
      force: onOff("Accepted, and without effect: a decision that has been made is not written again."),
      ...outputFlags,
    },
    async run({ flags, args, session }) {
      if (args.length + flags.filename.length + flags.kustomize.length === 0) {
        throw new CommandError("one or more CSRs must be specified as <name> or -f <filename>");
      }
      const { selectObjects } = await import("../select-objects.ts");
      const named = args.length > 0 ? ["certificatesigningrequests", ...args] : [];
      const selected = await selectObjects(session, { ...flags, args: named });
      const { changeAll } = await import("../changes/change-object.ts");
      await changeAll(session, selected, {
        flags: { ...flags, "dry-run": "none" },
        fieldManager: "kubectl-certificate",
        subresource: "approval",
        plan: (request) => decideRequest(request, decision, formatTime(session.io.clock.now())),
        describe: () => decision.toLowerCase(),
      });
    },
  });
}
