// Follows every revision of the store: keeps the current objects, a hash of all that ever happened, and checks what must
// hold at each revision, not only in the end.

import { createHash } from "node:crypto";
import type { Node } from "../../api/core/node.ts";
import { podRequests, resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { ALLOCATIONS_PREFIX } from "../../apiserver/allocation/allocations.ts";
import type { Revision, Store, StoreEvent } from "../../apiserver/storage/store.ts";

const PODS = "/registry/pods/";
const NODES = "/registry/minions/";

export class History {
  readonly #hash = createHash("sha256");
  readonly #values = new Map<string, unknown>();
  readonly #violations: string[] = [];
  #revision: Revision = 0;

  /** Runs until the signal is aborted or the store is closed. */
  async follow(store: Store, signal: AbortSignal): Promise<void> {
    const { items, revision } = await store.list("/");
    for (const { key, value } of items) this.#values.set(key, parse(value));
    for await (const { events } of store.watch("/", revision, signal)) {
      for (const transaction of byRevision(events)) this.#accept(transaction);
    }
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** Equal for two runs in which every write was the same, in the same order. Ends the recording. */
  digest(): string {
    return this.#hash.copy().digest("hex").slice(0, 16);
  }

  /** What was broken since the last call. */
  takeViolations(): readonly string[] {
    return this.#violations.splice(0);
  }

  /** The objects of a kind as they are stored now, by their prefix such as `/registry/pods/`. */
  objects<T extends KubeObject>(prefix: string): readonly T[] {
    return [...this.#values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value as T);
  }

  #accept(transaction: readonly StoreEvent[]): void {
    const touched = new Set<string>();
    for (const { key, value, revision } of transaction) {
      this.#revision = revision;
      this.#hash.update(`${revision} ${key}\n`).update(value ?? "deleted");
      for (const node of [this.#nodeOf(key), value && nodeNameOf(key, parse(value))]) if (node) touched.add(node);
      if (value) this.#values.set(key, parse(value));
      else this.#values.delete(key);
    }
    for (const node of touched) this.#checkNode(node);
  }

  #nodeOf(key: string): string | undefined {
    return nodeNameOf(key, this.#values.get(key));
  }

  /** Requests never exceed what the node offers, and the node's record is their sum: at every revision. */
  #checkNode(name: string): void {
    const requested = sumOf(this.objects<Pod>(PODS).filter((pod) => pod.spec.nodeName === name && !isPodTerminal(pod)));
    const node = this.#values.get(NODES + name) as Node | undefined;
    const record = this.#values.get(ALLOCATIONS_PREFIX + name) as { requested?: ResourceAmounts } | undefined;
    const at = `at revision ${this.#revision}: node ${name}`;
    if (!equalAmounts(record?.requested ?? {}, requested)) {
      this.#violations.push(`${at} has recorded ${show(record?.requested)}, but its pods request ${show(requested)}`);
    }
    const offered = resourceAmounts(node?.status.allocatable);
    for (const [resource, amount] of Object.entries(requested)) {
      if (node && amount > (offered[resource] ?? 0)) {
        this.#violations.push(`${at} offers ${offered[resource]} ${resource}, and its pods request ${amount}`);
      }
    }
  }
}

const parse = (value: Uint8Array): unknown => JSON.parse(Buffer.from(value).toString());

function byRevision(events: readonly StoreEvent[]): readonly (readonly StoreEvent[])[] {
  const transactions = new Map<Revision, StoreEvent[]>();
  for (const event of events) {
    const transaction = transactions.get(event.revision) ?? [];
    transactions.set(event.revision, transaction);
    transaction.push(event);
  }
  return [...transactions.values()];
}

/** The node whose account a key belongs to. */
function nodeNameOf(key: string, value: unknown): string | undefined {
  if (key.startsWith(PODS)) return (value as Pod | undefined)?.spec.nodeName;
  return [NODES, ALLOCATIONS_PREFIX]
    .filter((prefix) => key.startsWith(prefix))
    .map((prefix) => key.slice(prefix.length))[0];
}

function sumOf(pods: readonly Pod[]): ResourceAmounts {
  const sum: Record<string, number> = {};
  for (const pod of pods) {
    for (const [name, amount] of Object.entries({ ...podRequests(pod), pods: 1 }))
      sum[name] = (sum[name] ?? 0) + amount;
  }
  return sum;
}

function equalAmounts(left: ResourceAmounts, right: ResourceAmounts): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => (left[name] ?? 0) === (right[name] ?? 0));
}

const show = (value: unknown) => JSON.stringify(value ?? {});
