// Reading and changing lists of conditions. A condition's transition time says since when its status has held: it must not
// move while the status stays.

interface AnyCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

export function findCondition<C extends AnyCondition>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((each) => each.type === type);
}

/** False where there is no such condition, and where its status is Unknown. */
export function isConditionTrue(conditions: readonly AnyCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * A list in which `next` stands in for the condition of its type, or at the end if there was none. Where the status is as
 * before, the old transition time is kept; where nothing at all changes, the result is the given list itself.
 */
export function setCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, next: C): readonly C[] {
  const list = conditions ?? [];
  const old = findCondition(list, next.type);
  if (!old) return [...list, next];
  const kept = old.status === next.status && old.lastTransitionTime ? withTime(next, old.lastTransitionTime) : next;
  return sameCondition(old, kept) ? list : list.map((each) => (each === old ? kept : each));
}

/** A list without the condition of this type: the given list itself where there is none. */
export function removeCondition<C extends AnyCondition>(
  conditions: readonly C[] | undefined,
  type: string,
): readonly C[] {
  const list = conditions ?? [];
  return list.some((each) => each.type === type) ? list.filter((each) => each.type !== type) : list;
}

const withTime = <C extends AnyCondition>(condition: C, lastTransitionTime: string): C => ({
  ...condition,
  lastTransitionTime,
});

function sameCondition<C extends AnyCondition>(a: C, b: C): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof C>;
  return [...names].every((name) => a[name] === b[name]);
}
