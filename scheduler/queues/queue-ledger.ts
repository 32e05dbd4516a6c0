// What each queue's pods use, wait for and have kept for them, whatever becomes of the tree of queues meanwhile: the tree is
// built anew when queues or the cluster's capacity have changed, and what is in the ledger is charged to it again.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Queue } from "../../api/kctl-scheduling/queue.ts";
import { addTo, type Amounts } from "./amounts.ts";
import { charge, discharge, QueueTree, type Ledger, type QueueNode } from "./queue-tree.ts";

interface Account {
  readonly queue: string;
  readonly ledger: Ledger;
  readonly amounts: ResourceAmounts;
}

/** Bound: an entry for each pod in a queue, and for each queue that a pod names. */
export class QueueLedger {
  readonly #queues = new Map<string, Queue>();
  readonly #capacity: Amounts = {};
  /** By what is charged for: a pod's uid, or the name of a group for which room is kept. */
  readonly #accounts = new Map<string, Account>();
  readonly #waiting = new Map<string, string>();
  readonly #pending = new Map<string, number>();
  readonly #admitted = new Map<string, number>();
  #tree: QueueTree | undefined;

  /** There are no queues: the ordinary case. */
  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  get queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  /** What some queue may have depends on what the cluster has. */
  get hasPercentages(): boolean {
    for (const { spec } of this.#queues.values())
      if (spec.guaranteePercent !== undefined || spec.maxPercent !== undefined) return true;
    return false;
  }

  get capacity(): ResourceAmounts {
    return this.#capacity;
  }

  get tree(): QueueTree {
    if (this.#tree) return this.#tree;
    this.#tree = new QueueTree([...this.#queues.values()], this.#capacity);
    for (const { queue, ledger, amounts } of this.#accounts.values()) {
      const node = this.#tree.find(queue);
      if (node) charge(node, ledger, amounts);
    }
    return this.#tree;
  }

  setQueue(name: string, queue: Queue | undefined): void {
    if (queue) this.#queues.set(name, queue);
    else this.#queues.delete(name);
    this.#tree = undefined;
  }

  /** A node has come or gone. */
  addCapacity(amounts: ResourceAmounts, sign: 1 | -1): void {
    addTo(this.#capacity, amounts, sign);
    this.#tree = undefined;
  }

  /** The pod has a node. Returns the queues whose use this changes. */
  place(uid: string, queue: string, amounts: ResourceAmounts): readonly string[] {
    const known = this.#accounts.get(uid);
    if (known?.queue === queue && isSame(known.amounts, amounts)) return [];
    const changed = this.free(uid);
    this.#enter(uid, { queue, ledger: "used", amounts });
    count(this.#admitted, queue, 1);
    return [...changed, queue];
  }

  /** The pod takes no room any more. Returns the queues whose use this changes. */
  free(uid: string): readonly string[] {
    const account = this.#leave(uid);
    if (account) count(this.#admitted, account.queue, -1);
    return account ? [account.queue] : [];
  }

  /** The queue that the pod is charged to; undefined: it has no node, or is outside queues. */
  queueOf(uid: string): string | undefined {
    return this.#accounts.get(uid)?.queue;
  }

  keep(unit: string, queue: string, amounts: ResourceAmounts): void {
    this.unkeep(unit);
    this.#enter(keptKey(unit), { queue, ledger: "kept", amounts });
  }

  unkeep(unit: string): void {
    this.#leave(keptKey(unit));
  }

  /** The queue in which something is kept for the unit. */
  queueKeptIn(unit: string): string | undefined {
    return this.#accounts.get(keptKey(unit))?.queue;
  }

  /** What is kept for the unit now. */
  keptFor(unit: string): ResourceAmounts {
    return this.#accounts.get(keptKey(unit))?.amounts ?? {};
  }

  /** The pod waits in the queue; undefined: it waits in none. Returns the queues where this changes how many wait. */
  setWaiting(uid: string, queue: string | undefined): readonly string[] {
    const before = this.#waiting.get(uid);
    if (before === queue) return [];
    if (before !== undefined) count(this.#pending, before, -1);
    if (queue === undefined) this.#waiting.delete(uid);
    else {
      this.#waiting.set(uid, queue);
      count(this.#pending, queue, 1);
    }
    return [before, queue].filter((name) => name !== undefined);
  }

  /** How many pods of the queue, and of those below it, wait and have a node. */
  countsOf(name: string): { readonly pending: number; readonly admitted: number } {
    const node = this.tree.find(name);
    const below = (node?.children ?? []).map((child) => this.countsOf(child.name));
    const sum = (own: number, key: "pending" | "admitted") => below.reduce((total, each) => total + each[key], own);
    return {
      pending: sum(this.#pending.get(name) ?? 0, "pending"),
      admitted: sum(this.#admitted.get(name) ?? 0, "admitted"),
    };
  }

  #enter(key: string, account: Account): void {
    this.#accounts.set(key, account);
    const node = this.#nodeOf(account);
    if (node) charge(node, account.ledger, account.amounts);
  }

  #leave(key: string): Account | undefined {
    const account = this.#accounts.get(key);
    if (!account) return undefined;
    this.#accounts.delete(key);
    const node = this.#nodeOf(account);
    if (node) discharge(node, account.ledger, account.amounts);
    return account;
  }

  /** Where the tree is to be built anyway, all is charged then. */
  #nodeOf({ queue }: Account): QueueNode | undefined {
    return this.#tree?.find(queue);
  }
}

const keptKey = (unit: string) => `kept for ${unit}`;

function isSame(a: ResourceAmounts, b: ResourceAmounts): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function count(counts: Map<string, number>, name: string, change: number): void {
  const next = (counts.get(name) ?? 0) + change;
  if (next === 0) counts.delete(name);
  else counts.set(name, next);
}
