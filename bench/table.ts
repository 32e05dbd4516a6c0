// Shows figures as a table of padded columns. Pure: what it shows was measured elsewhere.

import type { Figure, Target } from "./benchmark.ts";
import { median } from "./statistics.ts";

const HEADER = ["figure", "measured", "min–max", "target", "unit", "runs", ""];
const NUMERIC = new Set([1, 2, 3, 5]);

export function renderTable(figures: readonly Figure[]): string {
  const rows = [HEADER, ...figures.map(renderRow)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => renderCells(row, widths)).join("\n");
}

function renderCells(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0;
    return NUMERIC.has(column) ? cell.padStart(width) : cell.padEnd(width);
  });
  return cells.join("  ").trimEnd();
}

function renderRow({ name, unit, values, target }: Figure): readonly string[] {
  if (values.length === 0) return [name, "not measured", "", renderTarget(target), unit, "0", ""];
  const measured = median(values);
  const spread = `${renderNumber(Math.min(...values))}–${renderNumber(Math.max(...values))}`;
  return [
    name,
    renderNumber(measured),
    values.length > 1 ? spread : "",
    renderTarget(target),
    unit,
    String(values.length),
    target && !isMet(measured, target) ? "missed" : "",
  ];
}

const isMet = (measured: number, { value, better }: Target) =>
  better === "lower" ? measured <= value : measured >= value;

const renderTarget = (target: Target | undefined) =>
  target ? `${target.better === "lower" ? "≤" : "≥"} ${renderNumber(target.value)}` : "";

/** Three significant digits, and whole numbers from a hundred on. */
function renderNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(3)).toString();
}
