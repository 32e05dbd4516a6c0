// Two lists of tolerations as one, without those that another one includes. The rules are Kubernetes'.

import { semanticEqual } from "../meta/semantic-equal.ts";
import type { Toleration } from "./affinity.ts";

export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): readonly Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  all.forEach((toleration, index) => {
    const isIncluded = (other: Toleration) => includes(other, toleration);
    const isLater = (other: Toleration) => !semanticEqual(other, toleration) && isIncluded(other);
    if (!merged.some(isIncluded) && !all.slice(index + 1).some(isLater)) merged.push(toleration);
  });
  return merged;
}

/** Whether `wide` tolerates all that `narrow` does. */
const includes = (wide: Toleration, narrow: Toleration): boolean =>
  semanticEqual(wide, narrow) ||
  (includesKey(wide, narrow) &&
    (!wide.effect || narrow.effect === wide.effect) &&
    (wide.effect !== "NoExecute" || staysAsLong(wide, narrow)) &&
    (wide.operator === "Exists" || isSameValue(wide, narrow)));

const includesKey = (wide: Toleration, narrow: Toleration) =>
  (narrow.key ?? "") === (wide.key ?? "") || (!wide.key && wide.operator === "Exists");

const isSameValue = (wide: Toleration, narrow: Toleration) =>
  narrow.operator === "Equal" && (narrow.value ?? "") === (wide.value ?? "");

/** Without a number of seconds, for ever. */
const staysAsLong = ({ tolerationSeconds: wide }: Toleration, { tolerationSeconds: narrow }: Toleration) =>
  wide === undefined || (narrow !== undefined && narrow <= wide);
