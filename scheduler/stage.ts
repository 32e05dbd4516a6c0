// What surrounds the choice of a node: reasons to wait before it, room that is made when no node fits, and what must be done
// before a pod may be bound. Stages live beside the rules (see framework.ts) and have effects; rules have none.

import type { KubeObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Indexers, Informer } from "../client/informer.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { ExtenderDesk } from "./extenders/extender-desk.ts";
import type { Blocker, ClusterChange } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { RunningProfile } from "./profiles.ts";
import type { BuildLine } from "./queue.ts";
import type { SchedulerMetrics } from "./scheduler-metrics.ts";
import type { Unschedulable } from "./schedule.ts";
import type { Snapshot } from "./snapshot.ts";

/** Its name is for logs; `unblockedBy` are the changes after which a pod that it held may go on. */
export interface Stage extends Blocker {
  /** Resolves when the stage knows enough to be asked. */
  readonly synced?: Promise<unknown>;
  /** Pods that this stage holds wait until it resumes them, and not for changes of the cluster. */
  readonly resumes?: true;
  /** Before the choice. Why the pod must wait, for people; undefined: it may go on. */
  hold?(pod: PodInfo): string | undefined;
  /** What the pod is placed together with, in one transaction; undefined: it is placed by itself. Asked when nothing holds it. */
  together?(pod: PodInfo): Together | undefined;
  /** As `hold`, for pods that are placed together, none of which is held by itself. */
  holdTogether?(pods: readonly PodInfo[]): string | undefined;
  /** Just before a node is chosen for each of the pods, which are placed together if there are several. */
  prepare?(pods: readonly PodInfo[]): void;
  /**
   * Whether the pod should be tried again though the rules would say what they said before. `changed`: the node that the change
   * is about; undefined: it may be about several.
   */
  isNews?(pod: PodInfo, changed: NodeInfo | undefined): boolean;
  /** No node took the pod. May start to make room for it; returns what people should read beside the reasons, if anything. */
  makeRoom?(pod: PodInfo, refusal: Unschedulable): string | undefined;
  /** As `makeRoom`, for pods that are placed together; the refusal is that of the first for which there was no room beside the others. */
  makeRoomTogether?(pods: readonly PodInfo[], refusal: Unschedulable): string | undefined;
  /** The pod is to go to this node. What must be done before it may be bound; undefined: nothing. */
  reserve?(pod: PodInfo, node: NodeInfo): Reserved | undefined;
  /** The pod counts on a node from now on: one was chosen for it, or it has been seen there. May be called again. */
  placed?(pod: PodInfo, nodeName: string): void;
  /** The pod takes no room any more. */
  freed?(uid: string): void;
  /** The scheduler ends. Nothing may be left behind that waits for time. */
  stop?(): void;
  /** Another order of the pods to be tried next. */
  readonly buildLine?: BuildLine;
}

export interface Together {
  /** How many pods are placed at once, this one included. */
  readonly needed: number;
  /** The uids of those that may be among them, in the order in which they are wanted. */
  readonly candidates: Iterable<string>;
  /** Why the pod must wait where too few of them are ready. */
  readonly lacking: string;
}

export interface Reserved {
  /** Rejects if the pod must not be bound to the node; it is then tried again after its back-off. */
  readonly ready: Promise<void>;
  /** Undoes what was reserved. Called once, if the pod is not bound in the end. */
  release(): void;
}

/** What a stage may build on. Nothing but promises may be written through `snapshot`: its `nominations`. */
export interface StageParts {
  readonly client: Client;
  readonly snapshot: Snapshot;
  /** See ExtenderDesk. */
  approves: ExtenderDesk["approves"];
  /** What is set about the scheduler that the pod names; undefined: it is another one. */
  profileOf(pod: PodInfo): RunningProfile | undefined;
  readonly events: EventRecorder;
  readonly metrics: SchedulerMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Shared: one watch for each kind. */
  informer<T extends KubeObject>(resource: ResourceDefinition<T>, indexers?: Indexers<T>): Informer<T>;
  /**
   * Something has changed that may help pods which wait for such changes: those that `concerns` names, or where nothing is
   * given those to which it makes a difference.
   */
  wake(changes: readonly ClusterChange[], concerns?: (pod: PodInfo) => boolean): void;
  /** A pod that a stage held, and that `resumes` pods, may go on. */
  resume(uid: string): void;
  /** What the pod has to meet is not what it was: it is tried again, whatever it waits for. */
  reconsider(uid: string): void;
}
