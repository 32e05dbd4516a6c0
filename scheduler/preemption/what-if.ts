// Asks the rules about a node as it would be with other pods on it. Where all that they ask of other pods is room, a few numbers
// answer; otherwise the rules look at a second picture of the cluster.

import type { NodeJudge, SchedulerPlugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import { NodeRoom } from "../node-room.ts";
import type { PodClass, RoomRule } from "../pod-class.ts";
import type { Seeker } from "../nominations.ts";
import type { PodInfo } from "../pod-info.ts";
import type { PluginRejection } from "../rejection-counts.ts";
import type { Snapshot } from "../snapshot.ts";
import { ScratchCluster } from "./scratch-cluster.ts";

export interface Question {
  readonly pod: PodInfo;
  /** Whose promise does not count against it: the pod's own unless given. */
  readonly seeker?: Seeker;
  readonly podClass: PodClass;
  /** The class's rule about room; undefined where its rules ask more of other pods. */
  readonly room: RoomRule | undefined;
  readonly node: NodeInfo;
}

export interface Trial {
  put(pod: PodInfo): void;
  takeOut(pod: PodInfo): void;
  fits(): boolean;
  /** Why the pod may not go there as things would be; undefined: it may. */
  rejection(): PluginRejection | undefined;
}

export class WhatIf {
  readonly #snapshot: Snapshot;
  readonly #roomTrial: RoomTrial;
  #ruleTrial: RuleTrial | undefined;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#roomTrial = new RoomTrial(snapshot);
  }

  /**
   * `ask` puts pods on the node and takes them out, and looks what the rules say; afterwards all is as before. The pods that
   * the node is promised to before this one must find their place beside it, but it must not depend on them.
   */
  ask<T>(question: Question, ask: (trial: Trial) => T): T {
    const { pod, seeker = pod, room, node } = question;
    const promised = this.#snapshot.nominations.before(seeker, node.name);
    // What pods leave behind on a node with reservations may be kept for others of their role.
    if (room && !node.reserve && promised.every((other) => isIndifferent(pod, other))) {
      this.#roomTrial.begin(room, node, promised);
      return ask(this.#roomTrial);
    }
    this.#ruleTrial ??= new RuleTrial(this.#snapshot);
    this.#ruleTrial.begin(question, promised);
    try {
      return ask(this.#ruleTrial);
    } finally {
      this.#ruleTrial.end();
    }
  }

  /** Why the pod, to which the rules do not object as things are, may not go to the node with those that it is promised to. */
  crowdedOut(question: Question): PluginRejection | undefined {
    const { pod, node } = question;
    if (this.#snapshot.nominations.before(pod, node.name).length === 0) return undefined;
    return this.ask(question, (trial) => trial.rejection());
  }
}

/** Neither minds the other beyond the room that it takes. */
const isIndifferent = ({ affinity }: PodInfo, other: PodInfo) =>
  affinity.requiredAnti.length === 0 && other.affinity.requiredAnti.length === 0;

/** Room only ever grows where pods leave, so that with those who come is the stricter question of the two. */
class RoomTrial implements Trial {
  readonly #snapshot: Snapshot;
  readonly #left = new NodeRoom();
  #rule: RoomRule | undefined;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  begin(rule: RoomRule, node: NodeInfo, promised: readonly PodInfo[]): void {
    this.#rule = rule;
    this.#left.look(node, this.#snapshot);
    for (const { request } of promised) this.#left.put(request);
  }

  put({ request }: PodInfo): void {
    this.#left.put(request);
  }

  takeOut({ request }: PodInfo): void {
    this.#left.takeOut(request);
  }

  fits(): boolean {
    return !this.#rule || this.#left.fits(this.#rule.request);
  }

  rejection(): PluginRejection | undefined {
    if (!this.#rule || this.fits()) return undefined;
    return { plugin: this.#rule.plugin, reasons: this.#left.shortages(this.#rule.request) };
  }
}

interface PluginJudge {
  readonly plugin: SchedulerPlugin;
  readonly judge: NodeJudge;
}

class RuleTrial implements Trial {
  readonly #scratch: ScratchCluster;
  readonly #judges = new WeakMap<PodClass, readonly PluginJudge[]>();
  readonly #absent = new Set<PodInfo>();
  readonly #extra = new Set<PodInfo>();
  #asked: readonly PluginJudge[] = [];
  #promised: readonly PodInfo[] = [];
  #nodeName = "";

  constructor(snapshot: Snapshot) {
    this.#scratch = new ScratchCluster(snapshot);
  }

  begin({ pod, podClass, node }: Question, promised: readonly PodInfo[]): void {
    this.#scratch.sync();
    this.#asked = this.#judgesOf(pod, podClass);
    this.#promised = promised;
    this.#nodeName = node.name;
  }

  end(): void {
    for (const { uid } of this.#extra) this.#scratch.snapshot.removePod(uid);
    for (const pod of this.#absent) this.#scratch.snapshot.addPod(pod, this.#nodeName);
    this.#extra.clear();
    this.#absent.clear();
  }

  put(pod: PodInfo): void {
    if (!this.#absent.delete(pod)) this.#extra.add(pod);
    this.#scratch.snapshot.addPod(pod, this.#nodeName);
  }

  takeOut(pod: PodInfo): void {
    if (!this.#extra.delete(pod)) this.#absent.add(pod);
    this.#scratch.snapshot.removePod(pod.uid);
  }

  fits(): boolean {
    return this.rejection() === undefined;
  }

  rejection(): PluginRejection | undefined {
    if (this.#promised.length === 0) return this.#rejection();
    for (const pod of this.#promised) this.#scratch.snapshot.addPod(pod, this.#nodeName);
    const rejection = this.#rejection();
    for (const { uid } of this.#promised) this.#scratch.snapshot.removePod(uid);
    return rejection ?? this.#rejection();
  }

  #rejection(): PluginRejection | undefined {
    const node = this.#scratch.snapshot.node(this.#nodeName);
    if (!node) return undefined;
    for (const { plugin, judge } of this.#asked) {
      const reasons = judge.filter?.(node);
      if (reasons) return { plugin, reasons };
    }
    for (const { plugin, judge } of this.#asked) {
      const reasons = judge.topology?.answers().filter?.(node);
      if (reasons) return { plugin, reasons };
    }
    return undefined;
  }

  #judgesOf(pod: PodInfo, podClass: PodClass): readonly PluginJudge[] {
    const known = this.#judges.get(podClass);
    if (known) return known;
    const judges = podClass.plugins.flatMap((plugin) => {
      const judge = plugin.prepare(pod, this.#scratch.snapshot);
      return judge?.filter || judge?.topology ? [{ plugin, judge }] : [];
    });
    this.#judges.set(podClass, judges);
    return judges;
  }
}
