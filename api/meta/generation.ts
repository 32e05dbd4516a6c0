// metadata.generation counts the versions of what a user asked for. Controllers report the one they have acted upon, so it
// must grow with each change of the spec, with no other change, and never at a client's wish.

import type { KubeObject } from "./object.ts";
import { semanticEqual } from "./semantic-equal.ts";

/**
 * The object with the generation it must have: 1 when it is created, afterwards that of `old`, one higher where a field
 * of `counted` differs. `counted` picks the part of the object that a user decides on.
 */
export function withGeneration<T extends KubeObject>(object: T, old: T | undefined, counted: (of: T) => unknown): T {
  if (!old) return { ...object, metadata: { ...object.metadata, generation: 1 } };
  const generation = old.metadata.generation ?? 0;
  const next = semanticEqual(counted(object), counted(old)) ? generation : generation + 1;
  return next === object.metadata.generation
    ? object
    : { ...object, metadata: { ...object.metadata, generation: next } };
}
