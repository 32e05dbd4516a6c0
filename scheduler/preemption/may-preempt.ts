// Which pods may be pushed out for which, and which of them first.

import { bandOf, isPromised } from "../../api/kctl-scheduling/bands.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";

/** Pods of lower priority, as in Kubernetes; but what runs in production never makes room for what else runs there. */
export const mayPreempt = (preemptor: PodInfo, victim: PodInfo): boolean =>
  victim.priority < preemptor.priority && !(isProduction(preemptor) && isProduction(victim));

const isProduction = ({ pod }: PodInfo) => isPromised(bandOf(pod));

/** Negative if `a` is to be kept rather than `b`: higher priorities first, then who has been running for longer. */
export function compareImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.startedMs === b.startedMs ? 0 : a.startedMs - b.startedMs;
}

interface Ranked {
  readonly version: number;
  readonly pods: readonly PodInfo[];
}

/** The pods of each node in the order of their importance, sorted again when the node has changed. */
export class PodRanks {
  readonly #snapshot: Snapshot;
  readonly #byNode = new WeakMap<NodeInfo, Ranked>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** The pods that may be pushed out for this one, most important first. */
  removable(preemptor: PodInfo, node: NodeInfo): readonly PodInfo[] {
    const ranked = this.#ranked(node);
    const first = ranked.findIndex(({ priority }) => priority < preemptor.priority);
    if (first < 0) return [];
    if (isProduction(preemptor)) return ranked.filter((pod) => mayPreempt(preemptor, pod));
    return first === 0 ? ranked : ranked.slice(first);
  }

  #ranked(node: NodeInfo): readonly PodInfo[] {
    const version = this.#snapshot.versions.get(node.row);
    const known = this.#byNode.get(node);
    if (known?.version === version) return known.pods;
    const pods = [...this.#snapshot.podsOn(node.name)].sort(compareImportance);
    this.#byNode.set(node, { version, pods });
    return pods;
  }
}
