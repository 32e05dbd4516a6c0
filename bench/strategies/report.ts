// Shows what was measured: the strategies as a table, and the waits of batch jobs as a plot. Pure.

import type { StrategyFigures } from "./measures.ts";
import { renderPlot } from "./plot.ts";

export interface StrategyResult {
  readonly name: string;
  readonly figures: StrategyFigures;
}

/** The figures of one strategy at several decision times of services. */
export interface Sweep {
  readonly name: string;
  readonly steps: readonly { readonly serviceSeconds: number; readonly figures: StrategyFigures }[];
}

type Column = readonly [title: string, cell: (figures: StrategyFigures) => string];

const each = (parts: Readonly<Record<string, number>>) =>
  Object.entries(parts)
    .map(([name, part]) => `${name} ${percent(part)}`)
    .join(", ");
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
const seconds = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

const COLUMNS: readonly Column[] = [
  ["CPU in use", ({ use }) => percent(use)],
  ["batch p50 s", ({ waits }) => seconds(waits.batch.medianSeconds)],
  ["p99 s", ({ waits }) => seconds(waits.batch.longSeconds)],
  ["left over", ({ waits: { batch } }) => `${batch.unplaced}/${batch.jobs}`],
  ["service p50 s", ({ waits }) => seconds(waits.service.medianSeconds)],
  ["p99 s", ({ waits }) => seconds(waits.service.longSeconds)],
  ["left over", ({ waits: { service } }) => `${service.unplaced}/${service.jobs}`],
  ["preempted", ({ preemptions }) => String(preemptions)],
  ["busy", ({ busy }) => each(busy)],
  ["conflicts", ({ conflicts }) => each(conflicts)],
];

export function renderStrategies(results: readonly StrategyResult[]): string {
  const header = ["strategy", ...COLUMNS.map(([title]) => title)];
  const rows = [header, ...results.map(({ name, figures }) => [name, ...COLUMNS.map(([, cell]) => cell(figures))])];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isText = (column: number) => column === 0 || column >= COLUMNS.length - 1;
  const renderRow = (row: readonly string[]) =>
    row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => renderRow(row).join("  ").trimEnd()).join("\n");
}

export function plotSweeps(sweeps: readonly Sweep[]): string {
  return renderPlot({
    title: "How long batch jobs wait while services are thought about",
    xTitle: "time of a decision about a service (s)",
    yTitle: "wait of batch jobs, 99 of 100 (s)",
    lines: sweeps.map(({ name, steps }) => ({
      name,
      points: steps.map(({ serviceSeconds, figures }) => ({ x: serviceSeconds, y: figures.waits.batch.longSeconds })),
    })),
  });
}
