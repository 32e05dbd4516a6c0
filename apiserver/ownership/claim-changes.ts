// Who owns what after a write that is no apply: the writer takes what it has added and changed from everybody else, and
// what it has removed is nobody's.

import { takenBy, type Changes } from "./compare-fields.ts";
import { type FieldSet, union } from "./field-set.ts";
import { isEntryOf, sortOwners, without, withOldMerged, withTaken, type Owners, type Writer } from "./owners.ts";

export interface Claim {
  readonly writer: Writer;
  readonly time: string;
  /** What has changed, in the terms of a version; undefined for one that is not served any more, whose entries go. */
  changesIn(apiVersion: string): Changes | undefined;
}

/** The owners after the write; those given, as they are, where it changes nothing that anybody owns. */
export function claimChanges(owners: Owners, { writer, time, changesIn }: Claim): Owners {
  const left = owners.map((owner) => {
    const changes = changesIn(owner.apiVersion);
    // What the writer has had before stays in its own entry.
    return changes && without(owner, isEntryOf(owner, writer) ? changes.removed : lostThrough(changes));
  });
  const changes = changesIn(writer.apiVersion);
  const taken = changes && takenBy(changes);
  if (!taken && left.every((owner, index) => owner === owners[index])) return owners;
  const remaining = left.filter((owner) => owner !== undefined);
  return sortOwners(withOldMerged(taken ? withTaken(remaining, writer, { taken, time }) : remaining));
}

/** What a change takes from those who had it before. */
export const lostThrough = (changes: Changes): FieldSet | undefined => union(takenBy(changes), changes.removed);
