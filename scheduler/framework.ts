// What a scheduling rule is. A plugin looks at a pod once and gives a judge, which is then asked about nodes: whether the pod
// may go there (filter) and how well it would fit (score). All of it is pure and synchronous over a snapshot.

import type { NodeInfo } from "./node-info.ts";
import type { PodInfo, PodRequest } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";
import type { DomainSums } from "./topology-tally.ts";

/** What can keep a pod from being placed. */
export interface Blocker {
  /** As kube-scheduler names it. */
  readonly name: string;
  /** The changes of the cluster after which a pod that was turned away may be placed. */
  readonly unblockedBy?: readonly ClusterChange[];
}

export interface SchedulerPlugin extends Blocker {
  /** How much its scores count; 1 unless given. */
  readonly weight?: number;
  /** It reads what the pod requests. The judges of the others are shared by pods that differ in nothing else. */
  readonly readsRequests?: true;
  /** The judge for this pod and all pods of its class (see PodInfo.classKey); undefined: the plugin has nothing to say about it. */
  prepare(pod: PodInfo, snapshot: Snapshot): NodeJudge | undefined;
}

/**
 * Answers are kept until the node changes. They may depend on the pod, on this node, and on what `snapshot.shape` stands for,
 * and on nothing else. What depends on the pods of other nodes is `topology`'s to answer.
 */
export interface NodeJudge {
  /** Why the pod may go to no node at all; it is then asked nothing else. */
  readonly refusal?: string;
  /** The pod may go to these nodes only: no rule is asked about others. Not empty. */
  readonly nodeNames?: ReadonlySet<string>;
  /** Why the pod may not go there, in Kubernetes' words; undefined: it may. */
  filter?(node: NodeInfo): Rejection | undefined;
  /**
   * `filter` asks nothing of the pods on the node but that they leave room for this, and it does so whatever else it asks of
   * the node. Undefined where it may ask more of them; see `ignoresPods` for where it asks less.
   */
  readonly room?: PodRequest;
  /** `filter` asks nothing of the pods on the node. */
  readonly ignoresPods?: true;
  /**
   * Marks, by anything but 0, each row from which `filter` may turn the pod away: it need not be asked about the others. All
   * rows at once is quicker, which counts for pods that are like no other.
   */
  markRefusals?(marks: Uint8Array): void;
  /** 0 to 100 and more is better, unless `scale` says otherwise. Asked only where every filter agrees. */
  score?(node: NodeInfo): number;
  /** Writes what `score` says of each row, all at once. */
  scoreRows?(scores: Float64Array): void;
  /**
   * Scores are any amounts from 0 up, brought to 0…100 among the nodes where the pod may go: the highest becomes 100
   * ("most is best") or 0 ("least is best").
   */
  readonly scale?: "most is best" | "least is best";
  readonly topology?: TopologyJudge;
  /**
   * Whether what the judge knows besides of the pod's own claims still holds; it always does unless given. Asked at every
   * decision, so that it must cost a few look-ups.
   */
  isCurrent?(): boolean;
}

/** Judges nodes by the pods that are near them. Asked at every decision, so that its answers must cost a few array reads. */
export interface TopologyJudge {
  /** What holds now. The same object as before if, and only if, the pods and nodes that matter are the same as before. */
  answers(): TopologyAnswers;
}

export interface TopologyAnswers {
  filter?(node: NodeInfo): Rejection | undefined;
  /**
   * Writes the score of each of the rows where the pod may go, 0 to 100, into the same place of `scores`. `counts` says how
   * many such rows each of them stands for: itself and those that it shares all of `sums` with.
   */
  score?(rows: Int32Array, scores: Float64Array, counts: Int32Array): void;
  /** The sums that `filter` and `score` read at a row; they read nothing else of it. Undefined: they may. */
  readonly sums?: readonly DomainSums[];
}

/** Why a pod may not go to a node, in Kubernetes' words. */
export type Rejection = readonly string[] & {
  /** It would be so without any pod on the node, too: pushing pods out is no help. */
  readonly isUnresolvable?: true;
};

export const unresolvable = (...reasons: readonly string[]): Rejection =>
  Object.assign([...reasons], { isUnresolvable: true } as const);

export const SCORE_MAX = 100;

/** What happens in the cluster that may make room for pods. Pods are those that have a node. */
export type ClusterChange =
  | "NodeAdded"
  | "NodeRemoved"
  | "NodeCapacity"
  | "NodeLabels"
  | "NodeTaints"
  | "PodAdded"
  | "PodRemoved"
  | "NamespaceLabels"
  | "Claim"
  | "Volume"
  | "StorageClass"
  | "StorageDriver"
  | "NodeDrivers";
