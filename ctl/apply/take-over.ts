// From client-side to server-side apply: what kctl or kubectl has set by patches becomes what it has applied, so that fields which
// the next manifest leaves out are removed. It is what kubectl does, so that both can take turns. Pure.

import type { ManagedFieldsEntry } from "../../api/meta/object-meta.ts";
import { type FieldSet, has, union } from "../../api/schema/field-set.ts";
import type { AnyObject } from "../any-object.ts";
import { LAST_APPLIED } from "./last-applied.ts";

/** The manager under which kubectl applies on the client's side, unless told otherwise. */
export const CLIENT_SIDE = "kubectl-client-side-apply";
/** The manager that keeps the annotation alive. */
export const ANNOTATION_OWNER = "kubectl-last-applied";

export const ownersOf = ({ metadata }: AnyObject): readonly ManagedFieldsEntry[] =>
  (metadata["managedFields"] ?? []) as readonly ManagedFieldsEntry[];

/** The object's owners once `manager` has taken over; undefined where there is nothing to take. */
export function planTakeOver(object: AnyObject, manager: string): readonly ManagedFieldsEntry[] | undefined {
  const owners = ownersOf(object);
  const [first] = owners.filter(isClientSide);
  if (!first) return undefined;
  const applied = owners.find(
    (entry) => entry.manager === manager && entry.operation === "Apply" && !entry.subresource,
  );
  const { apiVersion = first.apiVersion } = applied ?? {};
  const old = owners.filter((entry) => isClientSide(entry) && entry.apiVersion === apiVersion);
  const fields = [...(applied ? [applied] : []), ...old].reduce<FieldSet | undefined>(
    (set, { fieldsV1 }) => union(set, fieldsV1 as FieldSet),
    undefined,
  );
  const taken: ManagedFieldsEntry = { ...(applied ?? first), manager, operation: "Apply", fieldsV1: fields };
  return owners.flatMap((entry) => {
    if (entry === (applied ?? first)) return [taken];
    return isClientSide(entry) ? [] : [entry];
  });
}

const isClientSide = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  manager === CLIENT_SIDE && operation === "Update" && !subresource;

/** What keeps the annotation of client-side apply, where there is one that no applier owns; undefined otherwise. */
export function planAnnotation(object: AnyObject): AnyObject | undefined {
  const { apiVersion, kind, metadata } = object;
  const text = metadata.annotations?.[LAST_APPLIED];
  const path = ["f:metadata", "f:annotations", `f:${LAST_APPLIED}`];
  const isOwned = ownersOf(object).some(
    ({ operation, fieldsV1 }) => operation === "Apply" && has(fieldsV1 as FieldSet | undefined, path),
  );
  if (text === undefined || isOwned) return undefined;
  const { name, namespace } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, annotations: { [LAST_APPLIED]: text } } };
}
