// Durations as Go programs take them on the command line and print them, which messages of Kubernetes contain.

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const PATTERN = /^(\d+(\.\d+)?(ms|s|m|h))+$/;

/** `40s`, `1m30s`, `1.5h`, `500ms`, in milliseconds; undefined for any other text. */
export function parseDurationMs(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (UNITS_MS[unit] ?? 0), 0);
}

/** `0s`, `250ms`, `1.5s`, `1m20s`, `5m0s`, `1h0m0s`. */
export function renderDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
