// The pods that a queue's maximum keeps waiting. When the queue gets room, those are named that now fit, in order: as many as fit,
// and no more, however many wait. Units of the same size wait in one line, so that a large one does not stand in the way of a
// small one.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import { Heap } from "../heap.ts";

export interface WaitingUnit {
  /** The name of a pod group, or a pod's uid. */
  readonly key: string;
  readonly uids: readonly string[];
  readonly amounts: ResourceAmounts;
  readonly priority: number;
  /** The queue whose maximum is in the way. */
  readonly queue: string;
}

interface Entry {
  readonly unit: WaitingUnit;
  readonly order: number;
}

/** Bound: an entry for each unit that waits, and for those that have left until their turn comes. */
export class WaitingLine {
  /** By the queue in the way, and by size. */
  readonly #lines = new Map<string, Map<string, Heap<Entry>>>();
  readonly #entries = new Map<string, Entry>();
  readonly #keyOfPod = new Map<string, string>();
  #order = 0;

  add(unit: WaitingUnit): void {
    this.remove(unit.key);
    const entry: Entry = { unit, order: ++this.#order };
    this.#entries.set(unit.key, entry);
    for (const uid of unit.uids) this.#keyOfPod.set(uid, unit.key);
    const lines = this.#lines.get(unit.queue) ?? new Map<string, Heap<Entry>>();
    const size = JSON.stringify(Object.entries(unit.amounts).sort());
    const line = lines.get(size) ?? new Heap<Entry>(comesFirst);
    line.push(entry);
    lines.set(size, line);
    this.#lines.set(unit.queue, lines);
  }

  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    for (const uid of entry.unit.uids) this.#keyOfPod.delete(uid);
  }

  /** The pod waits no more, and neither does what it was to be placed together with. */
  removePod(uid: string): void {
    const key = this.#keyOfPod.get(uid);
    if (key !== undefined) this.remove(key);
  }

  /** Takes out the units that fit now; `fits` must count those that it has agreed to. */
  release(queue: string, fits: (unit: WaitingUnit) => boolean): readonly WaitingUnit[] {
    const released: WaitingUnit[] = [];
    const lines = this.#lines.get(queue);
    for (const [size, line] of lines ?? []) {
      for (let next = this.#first(line); next && fits(next.unit); next = this.#first(line)) {
        released.push(next.unit);
        this.remove(next.unit.key);
      }
      if (!this.#first(line)) lines?.delete(size);
    }
    if (lines?.size === 0) this.#lines.delete(queue);
    return released;
  }

  /** Takes out all that wait. */
  releaseAll(): readonly WaitingUnit[] {
    const all = [...this.#entries.values()].sort((a, b) => a.order - b.order).map(({ unit }) => unit);
    for (const { key } of all) this.remove(key);
    this.#lines.clear();
    return all;
  }

  #first(line: Heap<Entry>): Entry | undefined {
    for (let next = line.peek(); next; next = line.peek()) {
      if (this.#entries.get(next.unit.key) === next) return next;
      line.pop();
    }
    return undefined;
  }
}

const comesFirst = (a: Entry, b: Entry) =>
  a.unit.priority !== b.unit.priority ? a.unit.priority > b.unit.priority : a.order < b.order;
