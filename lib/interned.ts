// Equal texts kept once: for keys that many objects have in common and each keeps.

/** Texts that are kept at a time; beyond it they are forgotten, all at once. What is kept elsewhere stays equal, not the same. */
const KEPT_MAX = 20_000;

const kept = new Map<string, string>();

/** The text itself or, if an equal one was here lately, that one. */
export function interned(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(text, text);
  return text;
}
