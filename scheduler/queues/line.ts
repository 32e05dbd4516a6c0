// All that is known of gangs and queues, kept up to date from the caches, and told to who acts on it.

import { namespaces, type Namespace } from "../../api/core/namespace.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { podGroups, type PodGroup } from "../../api/kctl-scheduling/pod-group.ts";
import { queues, type Queue } from "../../api/kctl-scheduling/queue.ts";
import { podDisruptionBudgets } from "../../api/policy/pod-disruption-budget.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { Gangs, type Gang } from "../gangs/gangs.ts";
import { DisruptionBudgets } from "../preemption/disruption-budgets.ts";
import type { StageParts } from "../stage.ts";
import { amountsOf } from "./amounts.ts";
import { QueueLedger } from "./queue-ledger.ts";
import { QueueMembership } from "./queue-membership.ts";
import { servesGangs } from "./served-kinds.ts";

export interface LineListener {
  /** The group, or what has become of a member. */
  gangChanged(gang: Gang): void;
  /** The use of these queues, or how many pods wait in them. */
  queuesChanged(names: readonly string[]): void;
  /** Which queues there are, what they may have, or which pods are in them. */
  treeChanged(): void;
  /** The pod is gone, or has ended. */
  podGone(uid: string): void;
}

/** Bound: an entry for each pod that is in a gang or a queue, for each node and for each namespace with a queue. */
export class Line {
  readonly gangs = new Gangs();
  readonly ledger = new QueueLedger();
  readonly budgets = new DisruptionBudgets();
  readonly synced: Promise<void>;
  readonly #membership = new QueueMembership(this.gangs);
  readonly #parts: StageParts;
  readonly #listener: LineListener;
  readonly #pods: Informer<Pod>;
  readonly #offers = new Map<string, ResourceAmounts>();
  readonly #stops: (() => void)[] = [];
  readonly #stop = new AbortController();
  #isServed = false;

  constructor(parts: StageParts, listener: LineListener) {
    this.#parts = parts;
    this.#listener = listener;
    this.#pods = parts.informer(pods);
    this.synced = this.#follow();
  }

  stop(): void {
    this.#stop.abort();
    for (const stop of this.#stops) stop();
  }

  /** The queue that the pod is in; undefined: it is outside queues, or the server knows no queues. */
  queueOf(pod: Pick<Pod, "metadata">): string | undefined {
    return this.#isServed ? this.#membership.queueOf(pod) : undefined;
  }

  findGroup(key: string): PodGroup | undefined {
    return this.gangs.find(key)?.group && this.#parts.informer(podGroups).get(readKey(key));
  }

  findQueue(name: string): Queue | undefined {
    return this.#parts.informer(queues).get({ name });
  }

  async #follow(): Promise<void> {
    const { client, clock } = this.#parts;
    if (!(await servesGangs(client, clock, this.#stop.signal))) return;
    this.#isServed = true;
    const groups = this.#parts.informer(podGroups);
    const allQueues = this.#parts.informer(queues);
    const budgets = this.#parts.informer(podDisruptionBudgets);
    this.#stops.push(
      this.#parts.informer(namespaces).onChange((change) => this.#namespaceChanged(change)),
      groups.onChange((change) => this.#groupChanged(change)),
      allQueues.onChange((change) => this.#queueChanged(change)),
      budgets.onChange(({ type, object }) =>
        type === "deleted" ? this.budgets.remove(object) : this.budgets.set(object),
      ),
      this.#parts.informer(nodes).onChange((change) => this.#nodeChanged(change)),
      this.#pods.onChange((change) => this.#podChanged(change)),
    );
    await Promise.all([groups.synced, allQueues.synced, budgets.synced]);
  }

  #groupChanged(change: Change<PodGroup>): void {
    const { type, object } = change;
    if (type === "updated" && isSameAsked(change.before, object)) return;
    const gang = this.gangs.setGroup(formatKey(keyOf(object)), type === "deleted" ? undefined : object);
    this.#recharge([...gang.members.values()].map(({ pod }) => pod));
    this.#listener.gangChanged(gang);
  }

  #queueChanged(change: Change<Queue>): void {
    const { type, object } = change;
    if (type === "updated" && isSameAsked(change.before, object)) return;
    this.ledger.setQueue(object.metadata.name, type === "deleted" ? undefined : object);
    this.#listener.treeChanged();
  }

  #namespaceChanged({ type, object }: Change<Namespace>): void {
    const { name, labels } = object.metadata;
    if (!this.#membership.setNamespace(name, type === "deleted" ? undefined : labels)) return;
    this.#recharge(this.#pods.list().filter(({ metadata }) => metadata.namespace === name));
    this.#listener.treeChanged();
  }

  #nodeChanged(change: Change<Node>): void {
    const { type, object } = change;
    const { name } = object.metadata;
    if (type === "updated" && semanticEqual(change.before.status.allocatable, object.status.allocatable)) return;
    const offer = type === "deleted" ? {} : resourceAmounts(object.status.allocatable);
    this.ledger.addCapacity(this.#offers.get(name) ?? {}, -1);
    this.ledger.addCapacity(offer, 1);
    if (type === "deleted") this.#offers.delete(name);
    else this.#offers.set(name, offer);
    if (this.ledger.hasPercentages) this.#listener.treeChanged();
  }

  #podChanged({ type, object: pod }: Change<Pod>): void {
    const { uid } = pod.metadata;
    const isGone = type === "deleted" || isPodTerminal(pod);
    if (isGone) this.#listener.podGone(uid);
    for (const gang of this.gangs.setPod(uid, type === "deleted" ? undefined : pod)) this.#listener.gangChanged(gang);
    if (isGone) this.#setWaiting(uid, undefined);
    else this.#account(pod);
  }

  /** The pod counts in the queue that it is in now. The scheduler says when it gets a node and when it leaves it. */
  #account(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const queue = this.queueOf(pod);
    const charged = this.ledger.queueOf(uid);
    const isPlaced = pod.spec.nodeName !== undefined || charged !== undefined;
    this.#setWaiting(uid, isPlaced || deletionTimestamp ? undefined : queue);
    if (!isPlaced || charged === queue) return;
    if (queue === undefined) this.#listener.queuesChanged(this.ledger.free(uid));
    else this.#listener.queuesChanged(this.ledger.place(uid, queue, amountsOf(pod)));
  }

  #setWaiting(uid: string, queue: string | undefined): void {
    const changed = this.ledger.setWaiting(uid, queue);
    if (changed.length > 0) this.#listener.queuesChanged(changed);
  }

  #recharge(changed: readonly Pod[]): void {
    for (const pod of changed) if (!isPodTerminal(pod)) this.#account(pod);
  }
}

/** Our own writes of the status are no news. */
const isSameAsked = (before: Asked, after: Asked) =>
  semanticEqual([before.spec, before.metadata.deletionTimestamp], [after.spec, after.metadata.deletionTimestamp]);

type Asked = Pick<PodGroup, "metadata"> & { readonly spec: unknown };

function readKey(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}
