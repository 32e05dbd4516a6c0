// Which class of a cluster is the default where several are marked as such. Pure.

import type { KubeObject } from "../../api/meta/object.ts";

/** The newest of those that carry one of the annotations with the value "true"; by name, of several from the same second. */
export function newestDefault<T extends KubeObject>(classes: readonly T[], marks: readonly string[]): T | undefined {
  const isDefault = ({ metadata }: T) => marks.some((mark) => metadata.annotations?.[mark] === "true");
  const [newest] = classes.filter(isDefault).sort(byAge);
  return newest;
}

function byAge({ metadata: a }: KubeObject, { metadata: b }: KubeObject): number {
  const difference = Date.parse(b.creationTimestamp) - Date.parse(a.creationTimestamp);
  return difference !== 0 ? difference : a.name < b.name ? -1 : 1;
}
