// Whether what a pod starts after is ready, and in which words it is not. Pure.

import { isConditionTrue } from "../../api/meta/condition-list.ts";
import type { Condition } from "../../api/meta/condition.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { DependencyKind } from "../../api/start-order/dependencies.ts";

/** What is read of the objects; controllers have written it, and it may be missing. */
interface Judged extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly type?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Pick<Condition, "type" | "status">[];
    readonly availableReplicas?: number;
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

/** What is ready behind the object: pods, and for a service endpoints as well. */
export interface ReadyBehind {
  readonly pods: number;
  readonly endpoints: number;
}

type Problem = string | undefined;

const NOT_READY = "is not ready";

const problems: Readonly<Record<DependencyKind, (object: Judged, ready: ReadyBehind) => Problem>> = {
  deployment(object, ready) {
    const { availableReplicas = 0, conditions } = object.status ?? {};
    const wanted = object.spec?.replicas ?? 1;
    if (wanted === 0) return SCALED_TO_0;
    return isWhole(object, ready) && isConditionTrue(conditions, "Available") && availableReplicas >= wanted
      ? undefined
      : NOT_READY;
  },
  statefulset(object, ready) {
    const wanted = object.spec?.replicas ?? 1;
    if (wanted === 0) return SCALED_TO_0;
    return isWhole(object, ready) && (object.status?.readyReplicas ?? 0) >= wanted ? undefined : NOT_READY;
  },
  daemonset(object, ready) {
    const { desiredNumberScheduled = 0, numberReady = 0 } = object.status ?? {};
    if (isSeen(object) && desiredNumberScheduled === 0) return "has no node to run on";
    return isWhole(object, ready) && numberReady >= desiredNumberScheduled ? undefined : NOT_READY;
  },
  job({ status }) {
    if (isConditionTrue(status?.conditions, "Complete")) return undefined;
    return isConditionTrue(status?.conditions, "Failed") ? "has failed" : "has not completed";
  },
  /** An external name has no endpoints; whether anybody answers there cannot be seen. */
  service: ({ spec }, { endpoints }) =>
    spec?.type === "ExternalName" || endpoints > 0 ? undefined : "has no ready endpoint",
  pod: (_pod, { pods }) => (pods > 0 ? undefined : NOT_READY),
};

const SCALED_TO_0 = "is scaled to 0";

/** The counts are about the object as it is now. */
const isSeen = ({ metadata, status }: Judged) => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);

/** Pods are counted in the cache as well: which of them are ready is what a restart is told by. */
const isWhole = (object: Judged, { pods }: ReadyBehind) => isSeen(object) && pods > 0;

/** What keeps those that start after the object from it, as the end of a sentence about it; undefined: nothing does. */
export function problemOf(kind: DependencyKind, object: KubeObject | undefined, ready: ReadyBehind): Problem {
  if (!object) return "does not exist";
  return object.metadata.deletionTimestamp ? "is being deleted" : problems[kind](object, ready);
}
