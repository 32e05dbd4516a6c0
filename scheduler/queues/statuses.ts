// The status of queues and pod groups, as the scheduler sees them.

import { podGroups, type PodGroup } from "../../api/kctl-scheduling/pod-group.ts";
import { queues, type Queue } from "../../api/kctl-scheduling/queue.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import { formatTime } from "../../lib/clock.ts";
import { PodInfo } from "../pod-info.ts";
import type { StageParts } from "../stage.ts";
import type { Gang } from "../gangs/gangs.ts";
import type { Line } from "./line.ts";
import { planGroupStatus, planQueueStatus, type Reason } from "./plan-status.ts";
import { StatusWriter } from "./status-writer.ts";

/** Bound: an entry for each pod group that waits, besides what is still to be written. */
export class Statuses {
  readonly #parts: StageParts;
  readonly #line: Line;
  readonly #groups: StatusWriter<PodGroup>;
  readonly #queues: StatusWriter<Queue>;
  /** Why a group is not placed. */
  readonly #waiting = new Map<string, Reason>();

  constructor(parts: StageParts, line: Line) {
    this.#parts = parts;
    this.#line = line;
    this.#groups = new StatusWriter<PodGroup>({
      ...parts,
      resource: podGroups,
      find: (key) => line.findGroup(key),
      plan: (group) => this.#planGroup(group),
    });
    this.#queues = new StatusWriter<Queue>({
      ...parts,
      resource: queues,
      find: (name) => line.findQueue(name),
      plan: (queue) => planQueueStatus(queue, line.ledger, this.#now()),
    });
  }

  stop(): void {
    this.#groups.stop();
    this.#queues.stop();
  }

  touchGang(gang: Gang): void {
    if (gang.counts.placed > 0 || gang.members.size === 0) this.#waiting.delete(gang.key);
    if (gang.group && this.#isOurs(gang)) this.#groups.touch(gang.key);
  }

  /** The group has to wait. */
  setReason(gang: Gang, reason: Reason): void {
    this.#waiting.set(gang.key, reason);
    this.touchGang(gang);
  }

  /** These queues, and all that they are a part of. */
  touchQueues(names: Iterable<string>): void {
    for (const name of names) {
      for (const node of this.#line.ledger.tree.find(name)?.path ?? []) this.#queues.touch(node.name);
    }
  }

  touchAllQueues(): void {
    for (const { metadata } of this.#line.ledger.queues) this.#queues.touch(metadata.name);
  }

  /** Where several schedulers run, the status of a group is written by the one that its members name. */
  #isOurs({ members }: Gang): boolean {
    const [first] = members.values();
    return !first || this.#parts.profileOf(new PodInfo(first.pod)) !== undefined;
  }

  #planGroup(group: PodGroup): unknown {
    const key = formatKey(keyOf(group));
    const gang = this.#line.gangs.find(key);
    return gang ? planGroupStatus(group, gang, { now: this.#now(), waiting: this.#waiting.get(key) }) : group.status;
  }

  #now(): string {
    return formatTime(this.#parts.clock.now());
  }
}
