// What a node is short of, and whether pods have to go for it: from what there is now and what was seen before. Pure.

import {
  amountOf,
  conditionOf,
  type EvictionSettings,
  type Observations,
  type PressureCondition,
  type Threshold,
} from "./thresholds.ts";

/** What has to be remembered from one look to the next. Times are monotonic, in milliseconds. */
export interface PressureMemory {
  /** When each threshold that is crossed was crossed. */
  readonly since: ReadonlyMap<Threshold, number>;
  /** When each condition was seen last. */
  readonly lastSeen: ReadonlyMap<PressureCondition, number>;
  /** Crossed for long enough: they hold until the minimum was reclaimed. */
  readonly due: readonly Threshold[];
}

export const NO_PRESSURE: PressureMemory = { since: new Map(), lastSeen: new Map(), due: [] };

export interface PressurePlan {
  readonly memory: PressureMemory;
  /** What the node reports, by name. */
  readonly conditions: readonly PressureCondition[];
  /** What is to be relieved first; undefined where nothing is due. */
  readonly reclaim: Threshold | undefined;
}

export function planPressure(
  settings: EvictionSettings,
  before: PressureMemory,
  { observations, nowMs }: { readonly observations: Observations; readonly nowMs: number },
): PressurePlan {
  const crossed = settings.thresholds.filter(
    (each) => isCrossed(each, observations) || (before.due.includes(each) && !isRelieved(each, observations)),
  );
  const since = new Map(crossed.map((each) => [each, before.since.get(each) ?? nowMs]));
  const lastSeen = new Map([
    ...before.lastSeen,
    ...crossed.map(({ signal }): [PressureCondition, number] => [conditionOf(signal), nowMs]),
  ]);
  const conditions = [...lastSeen].filter(([, atMs]) => nowMs - atMs < settings.transitionMs || nowMs === atMs);
  const due = crossed.filter((each) => nowMs - (since.get(each) ?? nowMs) >= each.graceMs);
  return {
    memory: { since, lastSeen, due },
    conditions: conditions.map(([condition]) => condition).sort(),
    // Memory first: without it nothing else can be done.
    reclaim: due.find(({ signal }) => signal === "memory.available") ?? due[0],
  };
}

/** What was not observed is not judged. */
const isCrossed = ({ signal, value }: Threshold, observations: Observations): boolean => {
  const seen = observations[signal];
  return seen !== undefined && seen.available < amountOf(value, seen.capacity);
};

/** There is enough, and the minimum to be reclaimed besides. */
export function isRelieved({ signal, value, minReclaim }: Threshold, observations: Observations): boolean {
  const seen = observations[signal];
  if (!seen) return true;
  const extra = minReclaim ? amountOf(minReclaim, seen.capacity) : 0;
  return seen.available >= amountOf(value, seen.capacity) + extra;
}
