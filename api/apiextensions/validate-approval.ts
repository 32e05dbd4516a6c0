// Groups of the Kubernetes project take definitions only with a note of who has approved them, from Kubernetes' validation.

import type { CustomResourceDefinition } from "./custom-resource-definition.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

const ANNOTATION = "api-approved.kubernetes.io";
const PATH = `metadata.annotations[${ANNOTATION}]`;
const PROPOSAL = "see https://github.com/kubernetes/enhancements/pull/1111";

type Approval = "missing" | "bypassed" | "approved" | "invalid";

export function validateApproval(
  { metadata, spec }: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly FieldError[] {
  const isProtected = /(^|\.)(k8s|kubernetes)\.io$/.test(spec.group);
  const note = metadata.annotations?.[ANNOTATION] ?? "";
  const approval = approvalOf(note);
  if (!isProtected || (old && approvalOf(old.metadata.annotations?.[ANNOTATION] ?? "") === approval)) return [];
  const problem = `protected groups must have approval annotation "${ANNOTATION}"`;
  switch (approval) {
    case "missing":
      return [requiredField(PATH, `${problem}, ${PROPOSAL}`)];
    case "invalid":
      return [
        invalidField(PATH, note, `${problem} with either a URL or a reason starting with "unapproved", ${PROPOSAL}`),
      ];
    default:
      return [];
  }
}

function approvalOf(note: string): Approval {
  if (note === "") return "missing";
  if (note.startsWith("unapproved")) return "bypassed";
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]/.test(note) ? "approved" : "invalid";
}
