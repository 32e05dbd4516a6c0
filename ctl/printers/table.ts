// Tables as the server sends them (meta.k8s.io/v1 Table), and their text as kubectl prints it.

import type { AnyObject } from "../any-object.ts";
import type { ResourceType } from "../resource-type.ts";
import { qualifiedName } from "../resource-type.ts";
import { columnWidth, pad, tableSpacing } from "./tab-writer.ts";

export interface Table {
  readonly columnDefinitions: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object: AnyObject | null;
}

/** Asks for tables, and takes plain objects from servers that make none. */
export const TABLE_ACCEPT = [
  "application/json;as=Table;v=v1;g=meta.k8s.io",
  "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
  "application/json",
].join(",");

interface RawTable {
  readonly kind?: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly TableColumn[] | null;
  readonly rows?: readonly TableRow[] | null;
  readonly items?: readonly AnyObject[] | null;
}

/** Reads an answer. `columns` are those of the earlier answer: a watch's later events leave them out. */
export function readTable(answer: unknown, columns: readonly TableColumn[] = []): Table {
  const raw = answer as RawTable;
  const metadata = { resourceVersion: raw.metadata?.resourceVersion ?? "", continue: raw.metadata?.continue };
  if (raw.kind === "Table") {
    return { columnDefinitions: raw.columnDefinitions ?? columns, rows: raw.rows ?? [], ...metadata };
  }
  const objects = raw.items ?? [answer as AnyObject];
  const rows = objects.map((object) => ({
    cells: [object.metadata.name, object.metadata.creationTimestamp],
    object,
  }));
  return { columnDefinitions: PLAIN_COLUMNS, rows, ...metadata };
}

const PLAIN_COLUMNS: readonly TableColumn[] = [
  { name: "Name", type: "string", format: "name", priority: 0 },
  { name: "Created At", type: "date", priority: 0 },
];

export interface TableView {
  readonly wide: boolean;
  /** Puts the namespace first. */
  readonly withNamespace: boolean;
  /** Puts the type before each name: `pod/web`. */
  readonly withKind: boolean;
  readonly headers: boolean;
  readonly showLabels: boolean;
  /** Labels with a column of their own. */
  readonly labelColumns: readonly string[];
}

/**
 * Prints the tables of one type. Columns never get narrower, so that what a watch adds later stays in line. Holds the widths and
 * nothing else.
 */
export class TablePrinter {
  readonly #type: ResourceType;
  readonly #view: TableView;
  #widths: number[] = [];
  #isFirst = true;

  constructor(type: ResourceType, view: TableView) {
    this.#type = type;
    this.#view = view;
  }

  /** The text of the table's rows, with the headers before the first ones. */
  print({ columnDefinitions, rows }: Pick<Table, "columnDefinitions" | "rows">): string {
    const lines = rows.map((row) => this.#cellsOf(columnDefinitions, row));
    if (this.#view.headers && this.#isFirst) lines.unshift(this.#headersOf(columnDefinitions));
    this.#isFirst = false;
    const count = Math.max(0, ...lines.map((cells) => cells.length - 1));
    this.#widths = Array.from({ length: count }, (_, column) => {
      const cells = lines.map((line) => line[column] ?? "");
      return Math.max(this.#widths[column] ?? 0, columnWidth(cells, tableSpacing));
    });
    return lines.map((cells) => `${this.#renderLine(cells)}\n`).join("");
  }

  #renderLine(cells: readonly string[]): string {
    return cells
      .map((cell, column) => (column === cells.length - 1 ? cell : pad(cell, this.#widths[column] ?? 0)))
      .join("");
  }

  #headersOf(columns: readonly TableColumn[]): string[] {
    const { withNamespace, showLabels, labelColumns } = this.#view;
    return [
      ...(withNamespace ? ["NAMESPACE"] : []),
      ...columns.filter((column) => this.#isShown(column)).map(({ name }) => name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf("/") + 1).toUpperCase()),
      ...(showLabels ? ["LABELS"] : []),
    ];
  }

  #cellsOf(columns: readonly TableColumn[], { cells, object }: TableRow): string[] {
    const { withNamespace, withKind, showLabels, labelColumns } = this.#view;
    const nameColumn = withKind ? columns.findIndex(({ format }) => format === "name") : -1;
    const labels = object?.metadata.labels ?? {};
    const own = columns.flatMap((column, index) => {
      if (!this.#isShown(column)) return [];
      const cell = renderCell(cells[index]);
      return [index === nameColumn ? qualifiedName(this.#type, cell) : cell];
    });
    return [
      ...(withNamespace ? [object?.metadata.namespace ?? ""] : []),
      ...own,
      ...labelColumns.map((label) => labels[label] ?? ""),
      ...(showLabels ? [renderLabels(labels)] : []),
    ];
  }

  #isShown({ priority }: TableColumn): boolean {
    return this.#view.wide || priority === 0;
  }
}

/** Cells of several lines are cut after the first, so that a row stays a line. */
function renderCell(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  const text = typeof cell === "string" ? cell : JSON.stringify(cell);
  const end = text.search(/[\f\n\r]/);
  const line = end < 0 ? text : `${text.slice(0, end)}...`;
  return [...line].map((letter) => (letter === "\u001b" ? "^[" : letter)).join("");
}

export const renderLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",") || "<none>";
