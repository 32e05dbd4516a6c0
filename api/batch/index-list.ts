// Lists of indexes as jobs have them: `1,3-5,7`.

/** The first and the last index, both included. */
export type Interval = readonly [first: number, last: number];

export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** Ascending intervals below `completions`. The problems are in Kubernetes' words. */
export function parseIndexes(text: string, completions: number): Parsed<readonly Interval[]> {
  const intervals: Interval[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const parsed = parseInterval(part, completions);
    if ("problem" in parsed) return parsed;
    const previous = intervals.at(-1)?.[1];
    const [first] = parsed.value;
    if (previous !== undefined && previous >= first) return { problem: outOfOrder(previous, first) };
    intervals.push(parsed.value);
  }
  return { value: intervals };
}

export const countIndexes = (intervals: readonly Interval[]): number =>
  intervals.reduce((total, [first, last]) => total + last - first + 1, 0);

/** The lowest index that is in both lists. What cannot be read in either is passed over. */
export function findSharedIndex(a: string, b: string, completions: number): number | undefined {
  const [left, right] = [readable(a, completions), readable(b, completions)];
  const shared = left.flatMap(([first, last]) =>
    right.filter(([from, to]) => first <= to && from <= last).map(([from]) => Math.max(first, from)),
  );
  return shared.length > 0 ? Math.min(...shared) : undefined;
}

function readable(text: string, completions: number): readonly Interval[] {
  return text.split(",").flatMap((part) => {
    const parsed = parseInterval(part, completions);
    return "value" in parsed ? [parsed.value] : [];
  });
}

function parseInterval(text: string, completions: number): Parsed<Interval> {
  const limits = text.split("-");
  if (limits.length > 2) {
    const problem = "violates the requirement that an index interval can have at most two parts separated by '-'";
    return { problem: `the fragment ${JSON.stringify(text)} ${problem}` };
  }
  const numbers: number[] = [];
  for (const limit of limits) {
    const quoted = JSON.stringify(limit);
    if (!/^\+?[0-9]+$/.test(limit)) return { problem: `cannot convert string to integer for index: ${quoted}` };
    if (Number(limit) >= completions) return { problem: `too large index: ${quoted}` };
    numbers.push(Number(limit));
  }
  const [first = 0, last] = numbers;
  if (last !== undefined && first >= last) return { problem: outOfOrder(first, last) };
  return { value: [first, last ?? first] };
}

const outOfOrder = (previous: number, current: number) =>
  `non-increasing order, previous: ${previous}, current: ${current}`;
