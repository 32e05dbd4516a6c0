// Durations as Go programs take them on the command line.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const PATTERN = /^(\d+(\.\d+)?(ms|s|m|h))+$/;

/** `40s`, `1m30s`, `1.5h`, `500ms`, in milliseconds; undefined for any other text. */
export function parseDurationMs(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (UNITS_MS[unit] ?? 0), 0);
}
