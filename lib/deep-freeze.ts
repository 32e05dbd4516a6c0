// Freezes JSON data in depth, so that it can be shared without copying and nobody can change it.

/** Freezes `value` and everything in it, and returns it. A part that is frozen already is taken to be so in depth. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
