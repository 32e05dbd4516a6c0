// Ways from some nodes of a graph to others along its edges. Pure.

/** The shortest way, both ends included; undefined where there is none. What is in `from` counts as reached. */
export function findPath(
  from: readonly string[],
  edgesOf: (node: string) => readonly string[],
  targets: ReadonlySet<string>,
): readonly string[] | undefined {
  const seen = new Set(from);
  let paths = from.map((node): readonly string[] => [node]);
  while (paths.length > 0) {
    const found = paths.find((path) => targets.has(path.at(-1) ?? ""));
    if (found) return found;
    paths = paths.flatMap((path) => {
      const next = edgesOf(path.at(-1) ?? "").filter((node) => !seen.has(node));
      next.forEach((node) => seen.add(node));
      return next.map((node) => [...path, node]);
    });
  }
  return undefined;
}

/** All nodes at the end of some way, those in `from` included. */
export function reach(from: readonly string[], edgesOf: (node: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const waiting = [...from]; waiting.length > 0;) {
    const node = waiting.pop() ?? "";
    if (!seen.has(node)) waiting.push(...edgesOf(node));
    seen.add(node);
  }
  return seen;
}
