// What planPod decides from, and what it can decide. Types only: the state is put together by the pod's worker from the
// API, the runtime, the prober and the worker's own steps, and is complete, so that deciding needs no history.

import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import type { Eviction } from "./eviction/eviction.ts";
import type { ContainerId, RuntimeContainer, RuntimePod, SandboxId } from "./runtimes/runtime.ts";

export interface PodState {
  readonly pod: Pod;
  /** The pod is not in the API any more; `pod` is its last state. */
  readonly gone: boolean;
  /** Set once the node gives the pod up. */
  readonly eviction?: Eviction;
  /** Why the pod does not get the resources that it asks for now; it keeps those that it has. */
  readonly resizeObstacle?: ResizeObstacle;
  /** Undefined: the runtime has nothing of this pod. */
  readonly runtime: RuntimePod | undefined;
  /** The verdicts on running containers; one without an entry has not been probed yet. */
  readonly probes: ReadonlyMap<ContainerId, ProbeVerdicts>;
  /** Containers that were stopped in order to start anew, whatever they ended with. */
  readonly restarting?: ReadonlySet<ContainerId>;
  /** The steps in progress. At most one per key. */
  readonly steps: ReadonlyMap<StepKey, Step>;
  /** Steps that failed at their last try and left no trace in the runtime. */
  readonly failures: ReadonlyMap<StepKey, StepFailure>;
  /** `stale`: there, but what they show has changed. */
  readonly volumes: "absent" | "stale" | "current" | "removed";
  /** What ended containers left as their last words. */
  readonly terminationMessages: ReadonlyMap<ContainerId, string>;
  readonly node: NodeFacts;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Why a pod does not get the resources that it asks for: never on this node, or not now. */
export interface ResizeObstacle {
  readonly reason: "Infeasible" | "Deferred";
  readonly message: string;
}

export interface NodeFacts {
  /** The node's addresses, the primary one first. */
  readonly hostIPs: readonly string[];
  /** The scheme of container ids. */
  readonly runtimeName: string;
}

/** True: passed. False: failed as often as its threshold says. Absent: no such probe, or no verdict yet. */
export interface ProbeVerdicts {
  readonly startup?: boolean;
  readonly liveness?: boolean;
  readonly readiness?: boolean;
}

/** What a step works on: steps with the same key exclude each other. */
export type StepKey = "volumes" | "sandbox" | "finish" | `container/${string}` | `remove/${string}`;

export type Step =
  | { readonly kind: "set-up-volumes"; readonly key: "volumes" }
  | { readonly kind: "create-sandbox"; readonly key: "sandbox"; readonly attempt: number }
  | StartStep
  | StopStep
  | ResizeStep
  /** Nothing of the pod will ever run again: gives back the space of its volumes. */
  | { readonly kind: "remove-volumes"; readonly key: "volumes" }
  /** Gives back the space of a container that nobody will ask for any more. */
  | { readonly kind: "remove-container"; readonly key: `remove/${string}`; readonly id: ContainerId }
  | { readonly kind: "remove-sandbox"; readonly key: `remove/${string}`; readonly id: SandboxId }
  /** Nothing of the pod is left in the runtime: remove its volumes, and then the pod from the API. */
  | { readonly kind: "finish"; readonly key: "finish" };

export interface StartStep {
  readonly kind: "start-container";
  readonly key: `container/${string}`;
  readonly sandboxId: SandboxId;
  readonly container: Container;
  readonly role: ContainerRole;
  readonly attempt: number;
  /** How long the next restart is to wait if this attempt ends soon. */
  readonly restartDelayMs: number;
}

/** Changes what a running container may use. */
export interface ResizeStep {
  readonly kind: "resize-container";
  readonly key: `container/${string}`;
  readonly id: ContainerId;
  readonly container: Container;
}

export interface StopStep {
  readonly kind: "stop-container";
  readonly key: `container/${string}`;
  readonly running: RuntimeContainer;
  /** Undefined where the pod's spec is not known any more. */
  readonly container: Container | undefined;
  readonly role: ContainerRole;
  readonly graceSeconds: number;
  /** It is to start anew afterwards, whatever it ends with. */
  readonly restart?: boolean;
  /** The text of the Killing event. */
  readonly message: string;
}

/** `sidecar`: an init container with restartPolicy Always. `ephemeral`: added for debugging, runs once, beside the rest. */
export type ContainerRole = "init" | "sidecar" | "main" | "ephemeral";

export interface StepFailure {
  /** As in a container's waiting state, such as `ErrImagePull`. */
  readonly reason: string;
  readonly message: string;
  readonly failedForMs: number;
  /** 0 or less: it is time for another try. */
  readonly retryInMs: number;
}

export interface PodPlan {
  /** To be started now. Every one is idempotent. */
  readonly steps: readonly Step[];
  /** Steps in progress that are to be broken off; what they did so far is seen in the next state. */
  readonly cancel: readonly StepKey[];
  readonly status: PodStatus;
  /** Plan again after this time even if nothing happens. */
  readonly wakeAfterMs: number | undefined;
}
