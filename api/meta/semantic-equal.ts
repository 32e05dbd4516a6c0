// Equality of API values as Kubernetes' strategies and validation mean it: what a client may leave out or send empty is no
// change. It decides whether a generation grows and whether an immutable field was touched.

/** True where both mean the same: an absent value equals null and the empty list, and the order of keys does not matter. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isAbsent(a) || isAbsent(b)) return isAbsent(a) && isAbsent(b);
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => semanticEqual(item, b[index]));
  }
  return !Array.isArray(b) && sameFields(a as Fields, b as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function isAbsent(value: unknown): value is null | undefined | readonly [] {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function sameFields(a: Fields, b: Fields): boolean {
  const valueOf = (fields: Fields, key: string) => (Object.hasOwn(fields, key) ? fields[key] : undefined);
  return (
    Object.keys(a).every((key) => semanticEqual(a[key], valueOf(b, key))) &&
    Object.keys(b).every((key) => Object.hasOwn(a, key) || isAbsent(b[key]))
  );
}
