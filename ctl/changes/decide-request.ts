// The decision about a request for a certificate, as kubectl writes it. Pure.

import { listAt, valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

export type Decision = "Approved" | "Denied";

const WORDS = {
  Approved: {
    other: "Denied",
    reason: "KubectlApprove",
    message: "This CSR was approved by kubectl certificate approve.",
  },
  Denied: { other: "Approved", reason: "KubectlDeny", message: "This CSR was denied by kubectl certificate deny." },
} as const;

/** The request itself where it is decided so already. Throws CommandError where it is decided otherwise. */
export function decideRequest(request: AnyObject, decision: Decision, now: string): AnyObject {
  const { other, reason, message } = WORDS[decision];
  const conditions = listAt(request, "status", "conditions");
  const has = (type: string) => conditions.some((each) => valueAt(each, "type") === type);
  if (has(other)) {
    throw new CommandError(`certificate signing request ${JSON.stringify(request.metadata.name)} is already ${other}`);
  }
  if (has(decision)) return request;
  const added = { type: decision, status: "True", reason, message, lastUpdateTime: now };
  const status = (valueAt(request, "status") ?? {}) as Readonly<Record<string, unknown>>;
  return { ...request, status: { ...status, conditions: [...conditions, added] } };
}
