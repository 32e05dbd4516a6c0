// `kctl get --watch`: what there is, and then each change as the server tells it, until Ctrl-C.

import { statusErrorOf, type Status } from "../../api/meta/status.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";
import { readTable, TABLE_ACCEPT, TablePrinter, type TableColumn } from "../printers/table.ts";
import type { Request } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { fetchObjects, fetchTable, watchCall } from "./fetch.ts";
import { renderFound, type ObjectView } from "./show-objects.ts";
import type { ShowOptions } from "./show-tables.ts";

export interface FollowOptions extends ShowOptions {
  readonly "watch-only": boolean;
  readonly "output-watch-events": boolean;
  /** Undefined for tables. */
  readonly objectView: ObjectView | undefined;
}

export async function follow(session: Session, requests: readonly Request[], options: FollowOptions): Promise<void> {
  const [request] = requests;
  if (!request || requests.length > 1) {
    throw new CommandError("you may only specify a single resource type");
  }
  await (options.objectView
    ? followObjects(session, request, { ...options, objectView: options.objectView })
    : followTable(session, request, options));
}

async function followTable(session: Session, request: Request, options: FollowOptions): Promise<void> {
  const { io } = session;
  const printer = new TablePrinter(request.type, {
    ...options.view,
    withKind: options["show-kind"],
    withNamespace: options.view.withNamespace && request.type.namespaced,
  });
  const shownEvents = options["output-watch-events"];
  const first = await fetchTable(session, request, options);
  const print = (event: string, columns: readonly TableColumn[], rows: typeof first.rows) => {
    if (rows.length === 0) return;
    io.out(
      shownEvents
        ? printer.print({
            columnDefinitions: [EVENT_COLUMN, ...columns],
            rows: rows.map(({ cells, object }) => ({ cells: [event, ...cells], object })),
          })
        : printer.print({ columnDefinitions: columns, rows }),
    );
  };
  if (!options["watch-only"]) print("ADDED", first.columnDefinitions, first.rows);
  const call = { ...watchCall(request, options, first.resourceVersion), headers: { accept: TABLE_ACCEPT } };
  let columns = first.columnDefinitions;
  for await (const { type, object } of (await session.server()).watch(call)) {
    if (type === "BOOKMARK") continue;
    if (type === "ERROR") throw statusErrorOf(object as Status);
    const table = readTable(object, columns);
    columns = table.columnDefinitions.length > 0 ? table.columnDefinitions : columns;
    print(type, columns, table.rows);
  }
}

const EVENT_COLUMN: TableColumn = { name: "Event", type: "string", priority: 0 };

async function followObjects(
  session: Session,
  request: Request,
  options: FollowOptions & { readonly objectView: ObjectView },
): Promise<void> {
  const { io } = session;
  const { objectView } = options;
  let printed = 0;
  const print = (object: AnyObject) => {
    if (objectView.format.kind === "yaml" && printed > 0) io.out("---\n");
    io.out(renderFound([{ type: request.type, object }], { ...objectView, headers: printed === 0 }, true));
    printed++;
  };
  const first = await fetchObjects(session, request, options);
  if (!options["watch-only"]) for (const object of first.objects) print(object);
  for await (const { type, object } of (await session.server()).watch(
    watchCall(request, options, first.resourceVersion),
  )) {
    if (type === "ERROR") throw statusErrorOf(object as Status);
    if (type !== "BOOKMARK") print(object as AnyObject);
  }
}
