// Sharing of equal parts between JSON data that is much alike, such as the pods of one Deployment: what is kept of each is then
// little more than what only it has. What is shared is frozen, so that nobody can change another's part.

type Parts = Record<string, unknown>;

/**
 * `value`, in which every part equal to what `like` has at the same place has become that very part, and frozen in depth;
 * `like` itself where all is equal. Takes `value` over: it must be fresh, or frozen, which is taken to hold in depth; then it
 * stays as it is. `like` must be frozen in depth.
 */
export function shareParts<T>(value: T, like: unknown): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  const other = isComparable(value, like) ? (like as Parts) : NOTHING;
  const parts = value as Parts;
  let count = 0;
  let isSame = other !== NOTHING;
  for (const name in parts) {
    const part = parts[name];
    // What is undefined is not there in JSON.
    if (part === undefined) continue;
    count += 1;
    const counterpart = name === "__proto__" ? undefined : other[name];
    // Equal texts, too, are kept only once.
    if (part === counterpart || shareParts(part, counterpart) === counterpart) parts[name] = counterpart;
    else isSame = false;
  }
  return isSame && count === Object.keys(other).length ? (other as T) : Object.freeze(value);
}

const NOTHING: Parts = Object.freeze({});

const isComparable = (value: object, like: unknown): boolean =>
  typeof like === "object" && like !== null && Array.isArray(value) === Array.isArray(like);
