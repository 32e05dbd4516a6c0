// `kctl get` as tables: one per type, with a blank line between them.

import { sortByPath } from "../printers/sort-rows.ts";
import { TablePrinter, type Table, type TableView } from "../printers/table.ts";
import { isStatusError } from "../render-error.ts";
import { qualifiedPlural } from "../resource-type.ts";
import { throwErrors, type Request } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { fetchTable, type GetSelection } from "./fetch.ts";

export interface ShowOptions extends GetSelection {
  readonly view: Omit<TableView, "withKind">;
  readonly "show-kind": boolean;
  readonly "ignore-not-found": boolean;
}

/** Prints what is found, and rejects with what was not. */
export async function showTables(session: Session, requests: readonly Request[], options: ShowOptions): Promise<void> {
  const { io } = session;
  const errors: unknown[] = [];
  const withKind = options["show-kind"] || new Set(requests.map(({ type }) => qualifiedPlural(type))).size > 1;
  let printer: { readonly of: Request; readonly table: TablePrinter } | undefined;
  for (const request of requests) {
    const table = await fetchTable(session, request, options).catch((error: unknown) => {
      if (!isIgnored(error, options)) errors.push(error);
      return undefined;
    });
    if (!table || table.rows.length === 0) continue;
    if (printer?.of.type !== request.type) {
      if (printer && options.view.headers) io.out("\n");
      printer = { of: request, table: new TablePrinter(request.type, viewOf(request, options, withKind)) };
    }
    io.out(printer.table.print(sorted(table, options["sort-by"])));
  }
  if (!printer && errors.length === 0 && !options["ignore-not-found"]) await reportNothing(session, requests, options);
  throwErrors(errors);
}

/** A cluster-scoped object has no namespace to show, unless it stands among others. */
const viewOf = ({ type }: Request, { view }: ShowOptions, withKind: boolean): TableView => ({
  ...view,
  withKind,
  withNamespace: view.withNamespace && type.namespaced,
});

/** What --ignore-not-found makes good. */
export const isIgnored = (error: unknown, options: ShowOptions): boolean =>
  options["ignore-not-found"] && isStatusError(error) && error.reason === "NotFound";

const sorted = (table: Table, path: string | undefined): Table =>
  path ? { ...table, rows: sortByPath(table.rows, path, ({ object }) => object) } : table;

/** As kubectl: the namespace is named where only one was looked in. */
export async function reportNothing(
  session: Session,
  requests: readonly Request[],
  options: GetSelection,
): Promise<void> {
  const isOneNamespace = !options["all-namespaces"] && requests.some(({ type }) => type.namespaced);
  session.io.err(
    isOneNamespace ? `No resources found in ${await session.namespace()} namespace.\n` : "No resources found\n",
  );
}
