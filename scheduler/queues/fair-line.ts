// The line of pods to be tried next, where there are queues: between queues the one that is furthest below its guarantee, within
// a queue by priority and then age. Pods outside queues are ranked against the pod whose turn it is by priority and age alone.

import { Heap } from "../heap.ts";
import type { PodInfo } from "../pod-info.ts";
import type { ActiveLine, ActivePod, LineRules } from "../queue.ts";

export interface QueueOrder {
  /** The name of the pod's queue; undefined: it is outside queues. */
  queueOf(pod: PodInfo): string | undefined;
  /** Negative: pods of queue `a` come before those of queue `b`. */
  compare(a: string, b: string): number;
}

/** Costs a step for each queue with pods in line, and for each pod what a heap costs. Bound: that of the heaps. */
export class FairLine<T extends ActivePod> implements ActiveLine<T> {
  readonly #order: QueueOrder;
  readonly #rules: LineRules<T>;
  readonly #outside: Heap<T>;
  readonly #queues = new Map<string, Heap<T>>();

  constructor(order: QueueOrder, rules: LineRules<T>) {
    this.#order = order;
    this.#rules = rules;
    this.#outside = this.#newHeap();
  }

  push(item: T): void {
    const queue = this.#order.queueOf(item.entry.pod);
    if (queue === undefined) return this.#outside.push(item);
    const heap = this.#queues.get(queue) ?? this.#newHeap();
    heap.push(item);
    this.#queues.set(queue, heap);
  }

  pop(): T | undefined {
    if (this.#queues.size === 0) return this.#outside.pop();
    const outside = this.#first(this.#outside);
    const neediest = this.#neediest();
    if (!neediest || (outside && this.#rules.before(outside, neediest.first))) return this.#outside.pop();
    return neediest.heap.pop();
  }

  #newHeap(): Heap<T> {
    return new Heap<T>((a, b) => this.#rules.before(a, b));
  }

  #neediest(): { readonly heap: Heap<T>; readonly first: T } | undefined {
    let found: { readonly name: string; readonly heap: Heap<T>; readonly first: T } | undefined;
    for (const [name, heap] of this.#queues) {
      const first = this.#first(heap);
      if (!first) this.#queues.delete(name);
      else if (!found) found = { name, heap, first };
      else {
        const order = this.#order.compare(name, found.name);
        if (order < 0 || (order === 0 && this.#rules.before(first, found.first))) found = { name, heap, first };
      }
    }
    return found;
  }

  /** The first that is still in the line. */
  #first(heap: Heap<T>): T | undefined {
    for (let next = heap.peek(); next; next = heap.peek()) {
      if (this.#rules.isCurrent(next)) return next;
      heap.pop();
    }
    return undefined;
  }
}
