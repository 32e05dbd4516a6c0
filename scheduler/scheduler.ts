// The scheduler's shell: changes of the cluster go into the snapshot and the queue, pods come out of the queue one by one, and
// decisions go out as bindings. A decision counts in the snapshot at once, long before the server has answered; if the server
// refuses it, the pod is taken out again and retried. The server's refusal, not this picture, is what keeps nodes from overload.

import assert from "node:assert/strict";
import type { Namespace } from "../api/core/namespace.ts";
import type { Node } from "../api/core/node.ts";
import { isPodTerminal } from "../api/core/pod-state.ts";
import type { Pod } from "../api/core/pod.ts";
import { hasReason, isConflict, isNotFound } from "../api/meta/status.ts";
import type { PlacementBinding } from "../api/placement/placement.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Change, Informer } from "../client/informer.ts";
import type { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { nextTurn } from "../lib/next-turn.ts";
import type { Random } from "../lib/random.ts";
import { Binder } from "./binder.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { Extender } from "./extenders/extender.ts";
import { ExtenderDesk } from "./extenders/extender-desk.ts";
import type { ConditionWriter } from "./condition-writer.ts";
import type { Blocker, ClusterChange } from "./framework.ts";
import { News } from "./news.ts";
import { PodInfo } from "./pod-info.ts";
import { SchedulingQueue, type QueuedPod } from "./queue.ts";
import { Profiles, type ProfileParts, type RunningProfile } from "./profiles.ts";
import type { Decision, Unschedulable } from "./schedule.ts";
import type { SchedulerMetrics } from "./scheduler-metrics.ts";
import { Snapshot } from "./snapshot.ts";
import type { Reserved, Stage, StageParts } from "./stage.ts";

export interface SchedulerParts {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly namespaces: Informer<Namespace>;
  readonly events: EventRecorder;
  readonly conditions: ConditionWriter;
  readonly metrics: SchedulerMetrics;
  /** Pods that name none of these are left to other schedulers. */
  readonly profiles: readonly ProfileParts[];
  /** The name under which its placements are counted; that of each pod's scheduler unless given. */
  readonly placesAs?: string;
  readonly backoff?: Backoff;
  readonly extenders?: readonly Extender[];
  readonly buildStages: (parts: StageParts) => readonly Stage[];
  readonly informer: StageParts["informer"];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Assumed extends PlacementBinding {
  readonly queued: QueuedPod;
  readonly reserved: readonly Reserved[];
}

/** After this long others have their turn. */
const TURN_MS = 4;

export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #snapshot = new Snapshot();
  readonly #queue: SchedulingQueue;
  readonly #profiles: Profiles;
  readonly #stages: readonly Stage[];
  readonly #binder: Binder<Assumed>;
  readonly #desk: ExtenderDesk;
  /** Pods with a binding on its way, until the cache shows them bound. */
  readonly #assumed = new Set<string>();

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#profiles = new Profiles(parts.profiles, this.#snapshot, parts.random);
    this.#stages = parts.buildStages({
      ...parts,
      snapshot: this.#snapshot,
      profileOf: ({ pod }) => this.#profiles.of(pod),
      approves: (pod, plan) => this.#desk.approves(pod, plan),
      wake: (changes, concerns) => (concerns ? this.#queue.wake(changes, concerns) : this.#wake(changes)),
      resume: (uid) => this.#queue.resume(uid),
      reconsider: (uid) => this.#queue.reconsider(uid),
    });
    const line = this.#stages.find(({ buildLine }) => buildLine);
    this.#queue = new SchedulingQueue(parts.clock, { ...line, backoff: parts.backoff });
    this.#desk = new ExtenderDesk({
      extenders: parts.extenders ?? [],
      log: parts.log,
      deciderOf: (pod) => this.#profileOf(pod).decider,
      onDecision: (queued, pod, decision) => this.#advised(queued, pod, decision),
      onFailure: (queued, error) => this.#failed(queued, error),
    });
    const { client, placesAs } = parts;
    this.#binder = new Binder({ client, placesAs, onResult: (binding, error) => this.#bound(binding, error) });
  }

  /** Resolves when, after the abort of `signal`, the last binding has been answered. */
  async run(signal: AbortSignal): Promise<void> {
    const { pods, nodes, namespaces } = this.#parts;
    const stops = [
      namespaces.onChange((change) => this.#namespaceChanged(change)),
      nodes.onChange((change) => this.#nodeChanged(change)),
      pods.onChange((change) => this.#podChanged(change)),
    ];
    try {
      const stages = this.#stages.map(({ synced }) => synced);
      await Promise.all([namespaces.synced, nodes.synced, pods.synced, ...stages]);
      await this.#loop(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      stops.forEach((stop) => stop());
      this.#stages.forEach((stage) => stage.stop?.());
      await this.#desk.close();
      await this.#binder.drained();
      this.#queue.clear();
    }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, metrics } = this.#parts;
    let turnStartedMs = clock.monotonic();
    for (let next = await this.#queue.take(signal); next; next = await this.#queue.take(signal)) {
      this.#scheduleOne(next);
      metrics.pending(this.#queue.counts);
      await this.#binder.room();
      if (clock.monotonic() - turnStartedMs < TURN_MS) continue;
      await nextTurn();
      turnStartedMs = clock.monotonic();
    }
  }

  #scheduleOne(queued: QueuedPod): void {
    if (this.#isHeld(queued)) return;
    const unit = this.#unitOf(queued);
    if (unit.length > 1) return this.#scheduleTogether(unit);
    const { pod } = queued;
    if (unit.length === 0) return;
    for (const stage of this.#stages) stage.prepare?.([pod]);
    if (this.#desk.takes(queued)) return;
    this.#carryOut(queued, this.#decide(pod));
  }

  #carryOut(queued: QueuedPod, decision: Decision): void {
    const { pod } = queued;
    if (decision.node !== undefined) return this.#bind([queued], [decision.node]);
    const notes = this.#stages.map((stage) => stage.makeRoom?.(pod, decision));
    const message = [decision.message, ...notes.filter((note) => note !== undefined)].join(" ");
    this.#setAside(queued, message, decision.rejectedBy);
  }

  /** Extenders were asked about this version of the pod, which may have changed or gone meanwhile. */
  #advised(queued: QueuedPod, pod: PodInfo, decision: Decision | undefined): void {
    if (!this.#queue.has(pod.uid)) return;
    if (decision && queued.pod.classKey === pod.classKey) this.#carryOut(queued, decision);
    else this.#queue.retry(queued);
  }

  /** What had to be asked about the pod did not answer. */
  #failed(queued: QueuedPod, error: unknown): void {
    const { metrics, conditions } = this.#parts;
    const { schedulerName, events } = this.#profileOf(queued.pod);
    const { pod } = queued.pod;
    const message = errorMessage(error);
    metrics.attempted(schedulerName, "error");
    this.#queue.retry(queued);
    conditions.write(pod, { message, reason: "SchedulerError", nominatedNode: this.#promiseOf(queued) });
    events.record({ object: pod }, "Warning", "FailedScheduling", message);
  }

  #decide(pod: PodInfo): Decision {
    const { clock, metrics } = this.#parts;
    const startedMs = clock.monotonic();
    const decision = this.#profileOf(pod).decider.schedule(pod);
    metrics.decided(clock.monotonic() - startedMs);
    return decision;
  }

  /** A stage has a reason why the pod must wait; it is set aside. */
  #isHeld(queued: QueuedPod): boolean {
    for (const stage of this.#stages) {
      const reason = stage.hold?.(queued.pod);
      if (reason === undefined) continue;
      this.#setAside(queued, reason, new Set([stage]));
      return true;
    }
    return false;
  }

  /** The pod, with those that are placed together with it; nothing where it has to wait for them. */
  #unitOf(first: QueuedPod): readonly QueuedPod[] {
    for (const stage of this.#stages) {
      const together = stage.together?.(first.pod);
      if (!together) continue;
      const unit = [first];
      for (const uid of together.candidates) {
        if (unit.length === together.needed) break;
        const next = this.#queue.takeAlso(uid);
        if (next && !this.#isHeld(next)) unit.push(next);
      }
      const pods = unit.map(({ pod }) => pod);
      const reason = unit.length < together.needed ? together.lacking : stage.holdTogether?.(pods);
      if (reason === undefined) return unit;
      for (const each of unit) this.#setAside(each, reason, new Set([stage]));
      return [];
    }
    return [first];
  }

  /** All are decided in the snapshot, one beside the other; where one finds no node, it is as if none had been asked about. */
  #scheduleTogether(unit: readonly QueuedPod[]): void {
    const pods = unit.map(({ pod }) => pod);
    for (const stage of this.#stages) stage.prepare?.(pods);
    const nodes: string[] = [];
    let refusal: Unschedulable | undefined;
    for (const pod of pods) {
      const decision = this.#decide(pod);
      if (decision.node === undefined) refusal = decision;
      if (decision.node === undefined) break;
      this.#snapshot.addPod(pod, decision.node);
      nodes.push(decision.node);
    }
    for (const { uid } of pods.slice(0, nodes.length)) this.#snapshot.removePod(uid);
    if (!refusal) return this.#bind(unit, nodes);
    const found = `${nodes.length} of ${pods.length} pods that are placed together found a node.`;
    const notes = this.#stages.map((stage) => stage.makeRoomTogether?.(pods, refusal));
    const message = [refusal.message, found, ...notes.filter((note) => note !== undefined)].join(" ");
    for (const each of unit) this.#setAside(each, message, refusal.rejectedBy);
  }

  /** The pod waits until something changes that the blockers wait for. */
  #setAside(queued: QueuedPod, message: string, blockers: ReadonlySet<Blocker>): void {
    const { metrics, conditions } = this.#parts;
    const { pod } = queued.pod;
    const { schedulerName, events } = this.#profileOf(queued.pod);
    metrics.attempted(schedulerName, "unschedulable");
    if ([...blockers].some((blocker) => this.#isResuming(blocker))) this.#queue.hold(queued);
    else this.#queue.park(queued, blockers);
    conditions.write(pod, { message, nominatedNode: this.#promiseOf(queued) });
    events.record({ object: pod }, "Warning", "FailedScheduling", message);
  }

  #isResuming(blocker: Blocker): boolean {
    return this.#stages.some((stage) => stage === blocker && stage.resumes);
  }

  /** Several pods are bound together or not at all. */
  #bind(unit: readonly QueuedPod[], nodes: readonly string[]): void {
    const bindings = unit.map((queued, index) => this.#assume(queued, nodes[index] ?? ""));
    const ready = bindings.flatMap(({ reserved }) => reserved.map((each) => each.ready));
    const send = () => {
      const [first] = bindings;
      if (bindings.length === 1 && first) this.#bindOne(first);
      else this.#binder.addTogether(bindings);
    };
    if (ready.length === 0) return send();
    Promise.all(ready).then(send, (error: unknown) => bindings.forEach((binding) => this.#bound(binding, error)));
  }

  #bindOne(binding: Assumed): void {
    const done = (error: unknown) => this.#bound(binding, error);
    const otherwise = () => this.#binder.add(binding);
    if (!this.#desk.binds(binding.queued.pod, binding, { done, otherwise })) otherwise();
  }

  /** The pod counts on the node from now on. */
  #assume(queued: QueuedPod, nodeName: string): Assumed {
    const { pod } = queued;
    const node = this.#snapshot.node(nodeName);
    const reserved = this.#stages.flatMap((stage) => (node && stage.reserve?.(pod, node)) ?? []);
    this.#assumed.add(pod.uid);
    this.#place(pod, nodeName);
    this.#dropPromise(pod.uid, nodeName);
    const { namespace = "", name } = pod.pod.metadata;
    return { namespace, name, uid: pod.uid, node: nodeName, queued, reserved };
  }

  #bound({ queued, node, reserved }: Assumed, error: unknown): void {
    const { metrics, log } = this.#parts;
    const { pod } = queued;
    const { schedulerName, events } = this.#profileOf(pod);
    if (error === undefined) {
      metrics.attempted(schedulerName, "scheduled");
      this.#queue.remove(pod.uid);
      events.record({ object: pod.pod }, "Normal", "Scheduled", `Successfully assigned ${pod.key} to ${node}`);
      return;
    }
    metrics.attempted(schedulerName, "error");
    // Pods that are bound together are too many for one transaction of this store: trying again is no help.
    const isTooLarge = hasReason(error, "RequestEntityTooLarge");
    // Another scheduler was first, or the pod is gone: nothing is wrong.
    if (!isConflict(error) && !isNotFound(error) && !isTooLarge)
      log.warn("Binding a pod failed; it is tried again", { pod: pod.key, error });
    this.#assumed.delete(pod.uid);
    const current = this.#parts.pods.get({ namespace: pod.pod.metadata.namespace, name: pod.pod.metadata.name });
    if (current?.metadata.uid === pod.uid && current.spec.nodeName) return;
    reserved.forEach((reservation) => reservation.release());
    this.#free(pod.uid);
    if (isTooLarge) this.#setAside(queued, errorMessage(error), new Set());
    else this.#queue.retry(queued);
  }

  #nodeChanged({ type, object: node }: Change<Node>): void {
    const { name } = node.metadata;
    if (type !== "deleted") return this.#wake(this.#snapshot.setNode(node), name);
    this.#snapshot.removeNode(name);
    this.#wake(["NodeRemoved"]);
  }

  #namespaceChanged({ type, object }: Change<Namespace>): void {
    if (type === "deleted") this.#snapshot.removeNamespace(object.metadata.name);
    else this.#wake(this.#snapshot.setNamespace(object));
  }

  #podChanged(change: Change<Pod>): void {
    const { type, object: pod } = change;
    const { uid } = pod.metadata;
    const { nodeName } = pod.spec;
    if (type === "deleted" || isPodTerminal(pod)) {
      this.#forget(uid);
      this.#free(uid);
      this.#dropPromise(uid);
    } else if (nodeName) {
      this.#forget(uid);
      this.#dropPromise(uid, nodeName);
      if (!this.#snapshot.renewPod(pod)) this.#place(new PodInfo(pod), nodeName);
    } else if (this.#profiles.waitsFor(pod) === "other shard") {
      this.#notePromise(new PodInfo(pod), change);
    } else if (this.#profiles.waitsFor(pod) !== "node") {
      if (this.#profiles.waitsFor(pod) === "gates") this.#queue.gate(uid);
      else this.#queue.remove(uid);
      this.#parts.metrics.pending(this.#queue.counts);
      this.#dropPromise(uid);
    } else if (!this.#assumed.has(uid)) {
      const info = new PodInfo(pod);
      this.#notePromise(info, change);
      this.#queue.put(info);
    }
  }

  /** What was promised before a restart, or by somebody else, counts; what the pod does not say yet does, too. */
  #notePromise(pod: PodInfo, change: Change<Pod>): void {
    const { nominatedNode } = pod;
    const before = change.type === "updated" ? change.before.status.nominatedNodeName || undefined : undefined;
    if (nominatedNode === before) return;
    if (nominatedNode === undefined) this.#dropPromise(pod.uid);
    else this.#snapshot.nominations.set(pod, nominatedNode);
  }

  #promiseOf({ pod }: QueuedPod): string | undefined {
    return this.#snapshot.nominations.nodeOf(pod.uid);
  }

  /** Where the pod has gone, it takes the room that was kept for it. */
  #dropPromise(uid: string, goneTo?: string): void {
    const nodeName = this.#snapshot.nominations.remove(uid);
    if (nodeName !== undefined && nodeName !== goneTo) this.#wake(["PodRemoved"], nodeName);
  }

  /** Only pods that one of the profiles is for are queued. */
  #profileOf({ pod }: PodInfo): RunningProfile {
    const profile = this.#profiles.of(pod);
    assert(profile, `no profile for the scheduler ${pod.spec.schedulerName}`);
    return profile;
  }

  #forget(uid: string): void {
    this.#queue.remove(uid);
    this.#assumed.delete(uid);
  }

  #place(pod: PodInfo, nodeName: string): void {
    const changes = this.#snapshot.addPod(pod, nodeName);
    for (const stage of this.#stages) stage.placed?.(pod, nodeName);
    this.#wake(changes, nodeName);
  }

  /** The pod takes no room any more. */
  #free(uid: string): void {
    const nodeName = this.#snapshot.removePod(uid);
    for (const stage of this.#stages) stage.freed?.(uid);
    if (nodeName !== undefined) this.#wake(["PodRemoved"], nodeName);
  }

  /** `nodeName`: the change is about this node, or about a pod there. */
  #wake(changes: readonly ClusterChange[], nodeName?: string): void {
    const node = nodeName === undefined ? undefined : this.#snapshot.node(nodeName);
    // Pods on a node that is not there help nobody.
    if (nodeName !== undefined && !node) return;
    const news = new News(this.#snapshot, node);
    this.#queue.wake(changes, (pod, blockers) => {
      if (this.#stages.some((stage) => blockers.has(stage))) return true;
      if (news.isFor(pod, blockers, this.#profileOf(pod).decider)) return true;
      return this.#stages.some((stage) => stage.isNews?.(pod, node));
    });
  }
}
