// Remembers which controllers' pods have crashed on which nodes, and how often, also when those pods are gone. A crash that is
// half an hour old is forgotten: machines are repaired, and images fixed.
// Bounds: 1,000 controllers with 32 nodes each, and 8 ended pods for each of those; the oldest are forgotten first.

import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { controllerOf } from "../../api/meta/owner.ts";

/** Crashes before a node is to blame; fewer happen to any pod. */
export const CRASHES_MIN = 3;
const REMEMBERED_MS = 30 * 60_000;
const OWNERS_MAX = 1000;
const NODES_MAX = 32;
const ENDED_PODS_MAX = 8;

interface NodeCrashes {
  /** The most that one pod has been restarted. */
  restarts: number;
  /** The uids of pods that have failed for good. */
  readonly ended: Set<string>;
  lastMs: number;
}

/** By the name of the node. */
export type OwnerCrashes = ReadonlyMap<string, Readonly<NodeCrashes>>;

/** The pod's controller. Anybody can name the controller of another namespace: that is not believed. */
export function crashOwnerOf(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  return owner && `${pod.metadata.namespace ?? ""}/${owner.uid}`;
}

export class CrashMemory {
  readonly #byOwner = new Map<string, Map<string, NodeCrashes>>();
  #now: () => number = () => 0;

  /** The time, in milliseconds since 1970, is what `now` says; without it nothing is ever forgotten. */
  tellTimeBy(now: () => number): void {
    this.#now = now;
  }

  /** Looks at a pod that has changed. Telling it twice is no harm. */
  note(pod: Pod): void {
    const { nodeName } = pod.spec;
    const crash = nodeName ? findCrash(pod, this.#now()) : undefined;
    const owner = crash && crashOwnerOf(pod);
    if (!nodeName || !owner) return;
    const byNode = this.#byOwner.get(owner) ?? new Map<string, NodeCrashes>();
    const known = byNode.get(nodeName) ?? { restarts: 0, ended: new Set<string>(), lastMs: 0 };
    known.restarts = Math.max(known.restarts, crash.restarts);
    known.lastMs = Math.max(known.lastMs, crash.atMs);
    if (crash.hasEnded && known.ended.size < ENDED_PODS_MAX) known.ended.add(pod.metadata.uid);
    keepNewest(byNode, nodeName, { value: known, max: NODES_MAX });
    keepNewest(this.#byOwner, owner, { value: byNode, max: OWNERS_MAX });
  }

  /** Undefined for most controllers: their pods do not crash. */
  of(owner: string): OwnerCrashes | undefined {
    return this.#byOwner.get(owner);
  }

  /** Nodes where pods of the controller have crashed lately, and those of them where they have so often. */
  lately(byNode: OwnerCrashes): { readonly crashed: ReadonlySet<string>; readonly often: readonly string[] } {
    const sinceMs = this.#now() - REMEMBERED_MS;
    const recent = [...byNode].filter(([, { lastMs }]) => lastMs > sinceMs);
    const often = recent.filter(([, { restarts, ended }]) => restarts + ended.size >= CRASHES_MIN);
    return { crashed: new Set(recent.map(([name]) => name)), often: often.map(([name]) => name) };
  }
}

function keepNewest<V>(
  map: Map<string, V>,
  key: string,
  { value, max }: { readonly value: V; readonly max: number },
): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}

interface Crash {
  readonly restarts: number;
  readonly hasEnded: boolean;
  readonly atMs: number;
}

/** The worst container counts. Pods that were evicted or refused have not crashed: no container of theirs has ended badly. */
function findCrash(pod: Pod, nowMs: number): Crash | undefined {
  const { containerStatuses = [], initContainerStatuses = [], phase } = pod.status;
  const crashes = [...containerStatuses, ...initContainerStatuses].flatMap(({ restartCount, state, lastState }) => {
    const end = state?.terminated ?? lastState?.terminated;
    if (!end || end.exitCode === 0) return [];
    return [{ restarts: restartCount, atMs: end.finishedAt ? Date.parse(end.finishedAt) : nowMs }];
  });
  const hasEnded = isPodTerminal(pod) && phase === "Failed";
  const restarts = Math.max(0, ...crashes.map((each) => each.restarts));
  if (crashes.length === 0 || (restarts === 0 && !hasEnded)) return undefined;
  return { restarts, hasEnded, atMs: Math.max(...crashes.map((each) => each.atMs)) };
}
