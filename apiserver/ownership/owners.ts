// metadata.managedFields: which manager has set which fields, by which operation, through which subresource and in which
// version. Entries are immutable, and an entry that stays as it is is the same object.

import type { ManagedFieldsEntry } from "../../api/meta/object-meta.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { difference, type FieldSet, readFieldSet, shareAll, union } from "../../api/schema/field-set.ts";

export interface Owner extends ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly fieldsV1: FieldSet;
}

/** Ordered as Kubernetes orders them. */
export type Owners = readonly Owner[];

export const NO_OWNERS: Owners = Object.freeze([]);

/** Who writes: what names an entry, and the version that its paths are in. */
export interface Writer {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource?: string;
}

/** An applier has one entry, whatever version it applies in. */
export const isEntryOf = (owner: Owner, { manager, operation, apiVersion, subresource = "" }: Writer): boolean =>
  owner.manager === manager &&
  owner.operation === operation &&
  (owner.subresource ?? "") === subresource &&
  (operation === "Apply" || owner.apiVersion === apiVersion);

/** The entry of a writer. `fields` is not empty. */
export function ownerOf(writer: Writer, fields: FieldSet, time: string | undefined): Owner {
  const { manager, operation, apiVersion, subresource } = writer;
  return Object.freeze({
    manager,
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: "FieldsV1",
    fieldsV1: fields,
    ...(subresource && { subresource }),
  });
}

interface Sole {
  readonly writer: Writer;
  readonly time: string;
  readonly owners: Owners;
}

/** Who creates many objects creates them alike: the entry that was made last for a set is nearly always the one wanted. */
const latest = new WeakMap<FieldSet, Sole>();

/** The owners of what a single writer has set. */
export function soleOwner(writer: Writer, fields: FieldSet, time: string): Owners {
  const known = latest.get(fields);
  if (known && known.time === time && isSameWriter(known.writer, writer)) return known.owners;
  const owners = Object.freeze([ownerOf(writer, fields, time)]);
  latest.set(fields, { writer, time, owners });
  return owners;
}

const isSameWriter = (a: Writer, b: Writer): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.apiVersion === b.apiVersion &&
  a.subresource === b.subresource;

/** The entry with other fields; undefined where none are left. */
export function withFields(owner: Owner, fields: FieldSet | undefined): Owner | undefined {
  if (fields === owner.fieldsV1) return owner;
  return fields && Object.freeze({ ...owner, fieldsV1: fields });
}

/** The entry without these fields. */
export const without = (owner: Owner, fields: FieldSet | undefined): Owner | undefined =>
  withFields(owner, difference(owner.fieldsV1, fields));

/** Adds what a writer has taken to its entry, which it makes where there is none, and dates it. */
export function withTaken(
  owners: Owners,
  writer: Writer,
  { taken, time }: { readonly taken: FieldSet; readonly time: string },
): Owners {
  const before = owners.find((owner) => isEntryOf(owner, writer));
  const entry = ownerOf(writer, union(before?.fieldsV1, taken) ?? shareAll(taken), time);
  return [...owners.filter((owner) => owner !== before), entry];
}

/** Times are UTC, to the second, so that their texts are ordered as they are. */
const order = (a = "", b = ""): number => (a < b ? -1 : a > b ? 1 : 0);

export const sortOwners = (owners: Owners): Owners =>
  [...owners].sort(
    (a, b) =>
      order(a.operation, b.operation) ||
      order(a.time, b.time) ||
      order(a.manager, b.manager) ||
      order(a.apiVersion, b.apiVersion) ||
      order(a.subresource, b.subresource),
  );

/** Entries of updates beyond this many are merged, the oldest first. */
const UPDATERS_MAX = 10;
const ANCIENT = "ancient-changes";

/** The owners with at most ten entries of updates, as far as they are of one version: who wrote long ago matters least. */
export function withOldMerged(owners: Owners): Owners {
  const updaters = owners.filter(({ operation }) => operation === "Update");
  if (updaters.length <= UPDATERS_MAX) return owners;
  updaters.sort((a, b) => order(a.time, b.time) || order(identityOf(a), identityOf(b)));
  const kept = new Set(owners);
  const firsts = new Map<string, Owner>();
  const buckets = new Map<string, Owner>();
  let count = updaters.length;
  for (const updater of updaters) {
    if (count <= UPDATERS_MAX) break;
    const { apiVersion } = updater;
    const first = firsts.get(apiVersion);
    if (!first) {
      firsts.set(apiVersion, updater);
      continue;
    }
    const bucket = buckets.get(apiVersion) ?? first;
    const fields = union(bucket.fieldsV1, updater.fieldsV1) ?? updater.fieldsV1;
    const merged = ownerOf({ manager: ANCIENT, operation: "Update", apiVersion }, fields, updater.time);
    kept.delete(bucket);
    kept.delete(updater);
    kept.add(merged);
    buckets.set(apiVersion, merged);
    count -= 1;
  }
  return [...kept];
}

/** What Kubernetes calls the manager's identifier: managers in messages are sorted by it. */
export function identityOf({ manager, operation, apiVersion, subresource }: Writer): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === "Update" && { apiVersion }),
    ...(subresource && { subresource }),
  });
}

/** The entries as a stored object has them. */
export const ownersIn = (entries: readonly ManagedFieldsEntry[] | undefined): Owners =>
  (entries as Owners | undefined) ?? NO_OWNERS;

/**
 * The entries that a client has sent: undefined where it means to leave them as they are, because it sent none or none that
 * makes sense. Nothing but an empty entry, or an empty list, means to forget all owners.
 */
export function readSentOwners(sent: readonly ManagedFieldsEntry[] | undefined, stored: Owners): Owners | undefined {
  if (!sent || sent === stored) return undefined;
  const [first, ...more] = sent;
  if (!first || (more.length === 0 && Object.keys(first).length === 0)) return NO_OWNERS;
  if (semanticEqual(sent, stored)) return undefined;
  const owners = sent.map(readOwner);
  return owners.every((owner) => owner !== undefined) ? withoutEmpty(owners) : undefined;
}

const withoutEmpty = (owners: readonly (Owner | "empty")[]): Owners =>
  owners.filter((owner): owner is Owner => owner !== "empty");

function readOwner(entry: ManagedFieldsEntry): Owner | "empty" | undefined {
  const { manager = "", operation, apiVersion, fieldsType, fieldsV1, time, subresource } = entry;
  if (!operation || !apiVersion || fieldsType !== "FieldsV1") return undefined;
  const fields = readFieldSet(fieldsV1 ?? {});
  if (!fields) return undefined;
  if (!fields.set) return "empty";
  return ownerOf({ manager, operation, apiVersion, subresource }, fields.set, time);
}

/** Whether both say the same but for when. */
export const sameButTimes = (a: Owners, b: Owners): boolean =>
  a.length === b.length &&
  a.every((owner) =>
    b.some((other) => isEntryOf(other, owner) && semanticEqual({ ...owner, time: "" }, { ...other, time: "" })),
  );
