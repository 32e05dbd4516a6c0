// Conflicts between an applier and those who own the fields that it would change, in Kubernetes' words.

import { StatusError } from "../../api/meta/status.ts";
import { type FieldSet, pathsOf } from "../../api/schema/field-set.ts";
import { identityOf, type Owner } from "./owners.ts";
import { renderPath } from "../../api/schema/path-element.ts";

/** What one owner would lose. */
export interface FieldConflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

/** Owners who have not agreed. Becomes a StatusError for the client, unless an apply may go on in spite of it. */
export class FieldConflicts extends Error {
  constructor(readonly conflicts: readonly FieldConflict[]) {
    super("fields are owned by others");
  }
}

/** 409, with a cause for each field of each owner. */
export function fieldConflict(conflicts: readonly FieldConflict[]): StatusError {
  const sorted = [...conflicts].sort((a, b) => (identityOf(a.owner) < identityOf(b.owner) ? -1 : 1));
  const lines = sorted.map(({ owner, fields }) => ({
    manager: renderManager(owner),
    fields: pathsOf(fields).map(renderPath),
  }));
  const causes = lines.flatMap(({ manager, fields }) =>
    fields.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field })),
  );
  return new StatusError("Conflict", renderMessage(lines, causes.length), { details: { causes } });
}

interface Line {
  readonly manager: string;
  readonly fields: readonly string[];
}

function renderMessage(lines: readonly Line[], count: number): string {
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${lines[0]?.manager}: ${lines[0]?.fields[0]}`;
  const parts = lines.flatMap(({ manager, fields }) => [
    `conflicts with ${manager}:`,
    ...fields.map((field) => `- ${field}`),
  ]);
  return `Apply failed with ${count} conflicts: ${parts.join("\n")}`;
}

function renderManager({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : "");
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
