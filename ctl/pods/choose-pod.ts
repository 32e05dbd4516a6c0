// Which pod of several is meant by `logs deployment/web` and the like, and which container of it. Pure; the choice is kubectl's.

import type { Pod } from "../../api/core/pod.ts";
import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import { renderSelector, selectorOf, selectorOfLabels } from "../../api/meta/selector.ts";
import type { LabelSelector } from "../../api/meta/label-selector.ts";
import { valueAt, type AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { allContainers } from "./pod-template.ts";

const PHASE_ORDER = ["Running", "Unknown", "Pending"];

/** The best first: not terminating, assigned, running, ready, ready for long, old. For logs, pods that restarted more often tell more. */
export function sortPods(pods: readonly Pod[], preferRestarted: boolean): readonly Pod[] {
  const rank = (pod: Pod): readonly (number | string)[] => {
    const phase = PHASE_ORDER.indexOf(pod.status.phase ?? "Unknown");
    const restarts = Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
    return [
      // A pod on its way out serves nobody; kubectl may still choose it.
      pod.metadata.deletionTimestamp ? 1 : 0,
      pod.spec.nodeName ? 0 : 1,
      phase < 0 ? PHASE_ORDER.length : phase,
      isPodReady(pod) ? 0 : 1,
      podCondition(pod, "Ready")?.lastTransitionTime ?? "~",
      preferRestarted ? -restarts : restarts,
      pod.metadata.creationTimestamp,
    ];
  };
  const ranked = pods.map((pod) => ({ pod, rank: rank(pod) }));
  return ranked.sort((one, other) => compareRanks(one.rank, other.rank)).map(({ pod }) => pod);
}

function compareRanks(one: readonly (number | string)[], other: readonly (number | string)[]): number {
  const index = one.findIndex((value, at) => value !== other[at]);
  return index < 0 ? 0 : (one[index] ?? 0) < (other[index] ?? 0) ? -1 : 1;
}

const LABEL_SELECTOR_KINDS = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"]);
const MAP_SELECTOR_KINDS = new Set(["Service", "ReplicationController"]);

/** The text of the label selector of an object's pods. Throws CommandError, `doing` being what cannot be done. */
export function podSelectorOf(object: AnyObject, doing: string): string {
  const { kind, apiVersion, metadata } = object;
  const selector = valueAt(object, "spec", "selector");
  if (LABEL_SELECTOR_KINDS.has(kind)) return renderSelector(selectorOf(selector as LabelSelector));
  if (!MAP_SELECTOR_KINDS.has(kind)) {
    const type = `*${apiVersion.split("/").at(-1)}.${kind}`;
    throw new CommandError(`cannot ${doing} ${type}: selector for ${type} not implemented`);
  }
  const labels = (selector ?? {}) as Readonly<Record<string, string>>;
  if (Object.keys(labels).length > 0) return renderSelector(selectorOfLabels(labels));
  throw new CommandError(`invalid service '${metadata.name}': Service is defined without a selector`);
}

const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

export interface DefaultContainer {
  readonly name: string;
  /** What to tell the user about the choice, where there was one to make. */
  readonly notice?: string;
}

/** The container that is meant where none is named. */
export function defaultContainer({ metadata, spec }: Pod): DefaultContainer {
  const annotated = metadata.annotations?.[DEFAULT_CONTAINER];
  if (annotated && allContainers(spec).some(({ name }) => name === annotated)) return { name: annotated };
  const name = spec.containers[0]?.name ?? "";
  if (allContainers(spec).length < 2) return { name };
  const others = [
    ...spec.containers.map((container) => container.name),
    ...(spec.initContainers ?? []).map((container) => `${container.name} (init)`),
  ];
  return { name, notice: `Defaulted container ${JSON.stringify(name)} out of: ${others.join(", ")}` };
}
