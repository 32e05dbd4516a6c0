// Who owns what after a write that is no apply: the writer takes what it has added and changed from everybody else, and
// what it has removed is nobody's.

import type { Changes } from "./compare-fields.ts";
import {
  isEntryOf,
  sortOwners,
  without,
  withOldMerged,
  withTaken,
  type Owner,
  type Owners,
  type Writer,
} from "./owners.ts";

export interface Claim {
  readonly writer: Writer;
  now(): string;
  /** What has changed, in the terms of a version; undefined for one that is not served any more, whose entries go. */
  changesIn(apiVersion: string): Changes | undefined;
}

/** The owners after the write; those given, as they are, where it changes nothing that anybody owns. */
export function claimChanges(owners: Owners, { writer, now, changesIn }: Claim): Owners {
  const left = owners.map((owner) => {
    const changes = changesIn(owner.apiVersion);
    // What the writer has had before stays in its own entry.
    return changes && (isEntryOf(owner, writer) ? without(owner, changes.removed) : withoutChanged(owner, changes));
  });
  const taken = changesIn(writer.apiVersion)?.taken;
  if (!taken && left.every((owner, index) => owner === owners[index])) return owners;
  const remaining = left.filter((owner) => owner !== undefined);
  return sortOwners(withOldMerged(taken ? withTaken(remaining, writer, { taken, time: now() }) : remaining));
}

/** What a change leaves to those who had it before. */
export function withoutChanged(owner: Owner, { taken, removed }: Changes): Owner | undefined {
  const left = without(owner, taken);
  return left && without(left, removed);
}
