// What `kctl top schedulers` prints: how each scheduler's bindings fare, read from the API server's figures. Pure.

import { alignTabs, tableSpacing } from "../printers/tab-writer.ts";

export interface SchedulerFigures {
  readonly scheduler: string;
  /** Bindings by what became of them. */
  readonly outcomes: Readonly<Record<string, number>>;
}

const SAMPLE = /^kctl_placement_bindings_total\{([^}]*)\} (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text that Prometheus reads; schedulers by name. */
export function parseFigures(metrics: string): readonly SchedulerFigures[] {
  const schedulers = new Map<string, Record<string, number>>();
  for (const line of metrics.split("\n")) {
    const [, labels = "", value = ""] = SAMPLE.exec(line) ?? [];
    const of = new Map([...labels.matchAll(LABEL)].map(([, name = "", text = ""]) => [name, unescape(text)]));
    const [scheduler, outcome] = [of.get("scheduler"), of.get("outcome")];
    if (scheduler === undefined || outcome === undefined) continue;
    schedulers.set(scheduler, { ...schedulers.get(scheduler), [outcome]: Number(value) });
  }
  return [...schedulers]
    .map(([scheduler, outcomes]) => ({ scheduler, outcomes }))
    .sort((a, b) => (a.scheduler < b.scheduler ? -1 : 1));
}

const unescape = (text: string) => text.replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));

const OUTCOMES = ["bound", "conflict", "abandoned", "failed"] as const;

/** Conflicts with their part of all that was tried. */
export function renderSchedulers(all: readonly SchedulerFigures[], headers: boolean): string {
  const title = ["SCHEDULER", "TRIED", "BOUND", "CONFLICTS", "CONFLICT%", "ABANDONED", "FAILED"];
  const rows = all.map(({ scheduler, outcomes }) => {
    const [bound, conflicts, abandoned, failed] = OUTCOMES.map((outcome) => outcomes[outcome] ?? 0);
    const tried = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    const part = tried === 0 ? "0.0%" : `${((100 * (conflicts ?? 0)) / tried).toFixed(1)}%`;
    return [scheduler, tried, bound, conflicts, part, abandoned, failed].map(String);
  });
  const lines = [...(headers ? [title] : []), ...rows].map((cells) => cells.join("\t"));
  return `${alignTabs(lines.join("\n"), tableSpacing)}\n`;
}
