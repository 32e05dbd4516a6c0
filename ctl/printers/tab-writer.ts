// Aligns text in columns as Go's tabwriter does, which Kubernetes' outputs are made with: a column is a run of adjacent lines that
// have a cell there, and is as wide as its widest cell. The last cell of a line ends it and is not padded. Pure.

export interface TabSpacing {
  readonly widthMin: number;
  readonly padding: number;
}

/** kubectl describe's. */
export const describeSpacing: TabSpacing = { widthMin: 0, padding: 2 };
/** kubectl get's. */
export const tableSpacing: TabSpacing = { widthMin: 6, padding: 3 };

/** The text with its tabs replaced by spaces, so that columns line up. */
export function alignTabs(text: string, spacing: TabSpacing): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  return alignColumn(lines, 0, spacing).join("\n");
}

/** Lays out the cells from `column` on. Lines without a cell there end the run. */
function alignColumn(lines: readonly (readonly string[])[], column: number, spacing: TabSpacing): string[] {
  const aligned: string[] = [];
  for (let start = 0; start < lines.length;) {
    const line = lines[start] ?? [];
    if (line.length - 1 <= column) {
      aligned.push(line[column] ?? "");
      start++;
      continue;
    }
    let end = start;
    while (end < lines.length && (lines[end]?.length ?? 0) - 1 > column) end++;
    const run = lines.slice(start, end);
    const width = columnWidth(
      run.map((cells) => cells[column] ?? ""),
      spacing,
    );
    const rest = alignColumn(run, column + 1, spacing);
    aligned.push(...run.map((cells, index) => pad(cells[column] ?? "", width) + (rest[index] ?? "")));
    start = end;
  }
  return aligned;
}

export function columnWidth(cells: readonly string[], { widthMin, padding }: TabSpacing): number {
  const widest = cells.reduce((width, cell) => Math.max(width, letterCount(cell)), 0);
  return Math.max(widest + padding, widthMin);
}

export const pad = (cell: string, width: number): string => cell + " ".repeat(Math.max(0, width - letterCount(cell)));

const letterCount = (text: string) => [...text].length;
