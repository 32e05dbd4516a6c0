// Which pods of a namespace that is emptied go now: those that no other pod there starts after. Pure.

import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { dependenciesIn, formatDependency } from "../../api/start-order/dependencies.ts";
import { reach } from "./find-path.ts";

export interface OrderGraph {
  /** What annotations may call the pod. */
  identitiesOf(pod: Pod): readonly string[];
  /** What stands behind an identity, or comes before it. */
  edgesOf(identity: string): readonly string[];
}

/** There is always one, as long as there are pods: those that wait for each other in a circle do not hold each other. */
export function planTakeDown(pods: readonly Pod[], graph: OrderGraph): readonly Pod[] {
  const dependents = groupDependents(pods, graph);
  if (dependents.length === 0) return pods;
  const isHeld = (pod: Pod) => {
    const identities = graph.identitiesOf(pod);
    const own = reach(firstOf(pod), graph.edgesOf);
    return dependents.some(
      ({ before, identities: theirs }) =>
        identities.some((id) => before.has(id)) && !theirs.some((id) => own.has(id) || identities.includes(id)),
    );
  };
  return pods.filter((pod) => !isHeld(pod));
}

/** Pods that start after the same, and are called the same but for their own names. */
interface Dependents {
  readonly identities: readonly string[];
  /** All that they start after, directly or not. */
  readonly before: ReadonlySet<string>;
}

/** A few groups stand for many pods. */
function groupDependents(pods: readonly Pod[], { identitiesOf, edgesOf }: OrderGraph): readonly Dependents[] {
  const groups = new Map<string, Dependents>();
  for (const pod of pods) {
    const first = firstOf(pod);
    if (isPodTerminal(pod) || first.length === 0) continue;
    const [own = "", ...shared] = identitiesOf(pod);
    const key = [...first, "", ...(shared.length > 0 ? shared : [own])].join(" ");
    const known = groups.get(key);
    if (known) groups.set(key, { ...known, identities: [...known.identities, own] });
    else groups.set(key, { identities: [own, ...shared], before: reach(first, edgesOf) });
  }
  return [...groups.values()];
}

const firstOf = ({ metadata }: Pod) => dependenciesIn(metadata.annotations).map(formatDependency);
