// Server-side apply as a pure decision: the object and its owners after a manager has applied its configuration. Fields that
// the configuration mentions become the manager's, those that it mentioned the last time and that nobody else owns go, and
// what others own and the configuration would change is a conflict, unless it is taken by force.

import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { fieldsOf, withNamedFields } from "./applied-fields.ts";
import { withoutChanged } from "./claim-changes.ts";
import { compareFields, excluding, type Changes } from "./compare-fields.ts";
import { type FieldConflict, FieldConflicts } from "./field-conflict.ts";
import type { StructKind } from "./field-kind.ts";
import { difference, differenceInDepth, type FieldSet, intersection, union } from "../../api/schema/field-set.ts";
import { mergeApplied, removeFields } from "./merge-applied.ts";
import { NEVER_OWNED } from "./owned-kind.ts";
import { isEntryOf, ownerOf, sortOwners, type Owner, type Owners, type Writer } from "./owners.ts";

/** An object in the terms of one version. */
export interface Versioned {
  readonly kind: StructKind;
  readonly object: unknown;
}

export type Convert = (
  object: unknown,
  versions: { readonly from: string; readonly to: string },
) => Versioned | undefined;

export interface Application {
  readonly live: object;
  readonly config: object;
  readonly owners: Owners;
  readonly writer: Writer;
  readonly time: string;
  readonly force: boolean;
  /** In the version of the writer. */
  readonly kind: StructKind;
  /** What a write of this sort cannot change. */
  readonly reset: FieldSet | undefined;
  /** The object in the terms of another version; undefined where one of the two is not served any more. */
  convert: Convert;
}

export interface Applied {
  /** Not yet decoded: fields that are to go may be null. The live object itself where nothing changes. */
  readonly object: object;
  readonly owners: Owners;
}

/** Throws FieldConflicts. The configuration must have been checked (check-applied.ts). */
export function applyConfiguration(application: Application): Applied {
  const { live, config, owners, writer, time, kind, reset } = application;
  const before = owners.find((owner) => isEntryOf(owner, writer));
  const others = owners.filter((owner) => owner !== before);
  const mentioned = differenceInDepth(fieldsOf(kind, config), reset);
  const merged = mergeApplied(kind, live, config);
  const object = before ? prune(application, { merged, mentioned, last: before, others }) : merged;
  const remaining = settle(application, others, object);
  const isSame = semanticEqual(live, object);
  const owned = difference(mentioned, NEVER_OWNED);
  const own = owned && withUnchanged(ownerOf(writer, owned, isSame ? before?.time : time), before);
  return {
    object: isSame ? live : (object as object),
    owners: sameList(sortOwners(own ? [...remaining, own] : remaining), owners),
  };
}

const withUnchanged = (owner: Owner, before: Owner | undefined): Owner =>
  before && semanticEqual(owner, before) ? before : owner;

const sameList = (next: Owners, before: Owners): Owners =>
  next.length === before.length && next.every((owner, index) => owner === before[index]) ? before : next;

/** The others, without what this changes of theirs. Throws FieldConflicts where they have to agree. */
function settle(application: Application, others: Owners, object: unknown): Owners {
  const { live, force, reset, writer } = application;
  const known = new Map<string, Changes>();
  const changesIn = (to: string): Changes | undefined => {
    const before = known.get(to);
    if (before) return before;
    const versions = { from: writer.apiVersion, to };
    const [left, right] = [live, object].map((each) => inVersion(application, each, versions));
    if (!left || !right) return undefined;
    const changes = excluding(compareFields(left.kind, left.object, right.object), reset);
    known.set(to, changes);
    return changes;
  };
  const conflicts: FieldConflict[] = [];
  const remaining = others.flatMap((owner) => {
    const changes = changesIn(owner.apiVersion);
    // Nobody can say any more what the fields of such a version were.
    if (!changes) return [];
    const fields = intersection(owner.fieldsV1, changes.taken);
    if (fields) conflicts.push({ owner, fields });
    return withoutChanged(owner, changes) ?? [];
  });
  if (conflicts.length > 0 && !force) throw new FieldConflicts(conflicts);
  return remaining;
}

interface Pruning {
  readonly merged: unknown;
  readonly mentioned: FieldSet | undefined;
  readonly last: Owner;
  readonly others: Owners;
}

/** Takes out of the merged object what the manager owned before, does not mention any more, and nobody else owns. */
function prune(application: Application, { merged, mentioned, last, others }: Pruning): unknown {
  const { apiVersion: own } = application.writer;
  const whole = inVersion(application, merged, { from: own, to: last.apiVersion });
  if (!whole) return merged;
  const lastFields = withNamedFields(whole.kind, last.fieldsV1);
  const owned = ownedByVersion([...others, { apiVersion: own, fieldsV1: mentioned }]);
  // The version of the manager's own fields comes first.
  const versions = [...owned.keys()].sort((a, b) => Number(b === last.apiVersion) - Number(a === last.apiVersion));
  let pruned = removeFields(whole.kind, whole.object, lastFields);
  for (const apiVersion of versions) {
    const complete = inVersion(application, merged, { from: own, to: apiVersion });
    const rest = inVersion(application, pruned, { from: last.apiVersion, to: apiVersion });
    if (!complete || !rest) continue;
    const back = addBack(complete, { present: rest.object, owned: owned.get(apiVersion) });
    pruned = inVersion(application, back, { from: apiVersion, to: last.apiVersion })?.object;
  }
  const gone = difference(namedFields(whole), namedFields({ kind: whole.kind, object: pruned }));
  const result = removeFields(whole.kind, whole.object, intersection(gone, lastFields));
  return inVersion(application, result, { from: last.apiVersion, to: own })?.object;
}

/** undefined where one of the versions is not served any more. */
function inVersion(
  { kind, convert, writer }: Application,
  object: unknown,
  { from, to }: { readonly from: string; readonly to: string },
): Versioned | undefined {
  if (from === to && to === writer.apiVersion) return { kind, object };
  return convert(object, { from, to });
}

const namedFields = ({ kind, object }: Versioned): FieldSet | undefined =>
  withNamedFields(kind, fieldsOf(kind, object));

/** The complete object without what is neither present nor owned. */
function addBack(
  { kind, object }: Versioned,
  { present, owned }: { readonly present: unknown; readonly owned: FieldSet | undefined },
): unknown {
  const kept = union(namedFields({ kind, object: present }), withNamedFields(kind, owned));
  return removeFields(kind, object, difference(namedFields({ kind, object }), kept));
}

type Holding = Pick<Owner, "apiVersion"> & { readonly fieldsV1: FieldSet | undefined };

function ownedByVersion(holdings: readonly Holding[]): ReadonlyMap<string, FieldSet | undefined> {
  const owned = new Map<string, FieldSet | undefined>();
  for (const { apiVersion, fieldsV1 } of holdings) owned.set(apiVersion, union(owned.get(apiVersion), fieldsV1));
  return owned;
}
