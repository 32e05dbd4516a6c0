// Fetches what `kctl get` shows: tables made by the server, or whole objects.

import type { AnyList, AnyObject } from "../any-object.ts";
import { readTable, TABLE_ACCEPT, type Table } from "../printers/table.ts";
import { pathOfType } from "../resource-type.ts";
import { planRequests, type Request, type Selection } from "../select-objects.ts";
import type { Session } from "../session.ts";

export interface GetSelection extends Selection {
  readonly subresource?: string;
  /** How many objects one request asks for; 0 for all at once. */
  readonly "chunk-size": number;
  readonly "sort-by"?: string;
}

/** The requests of the selection: manifests name objects, everything else is as it is written. */
export const planGet = (session: Session, selection: GetSelection): Promise<readonly Request[]> =>
  planRequests(session, selection);

const selectionQuery = (selection: GetSelection) => ({
  labelSelector: selection.selector,
  fieldSelector: selection["field-selector"],
});

/** The table of one request, with all pages joined. */
export async function fetchTable(session: Session, request: Request, selection: GetSelection): Promise<Table> {
  const server = await session.server();
  const path = pathOfType(request.type, { ...request, subresource: selection.subresource });
  const includeObject = selection["sort-by"] ? "Object" : undefined;
  const headers = { accept: TABLE_ACCEPT };
  if (request.name !== undefined) {
    return readTable(await server.call({ method: "GET", path, headers, query: { includeObject } }));
  }
  let table: Table | undefined;
  do {
    const query = {
      ...selectionQuery(selection),
      includeObject,
      limit: selection["chunk-size"] || undefined,
      continue: table?.continue,
    };
    const page = readTable(await server.call({ method: "GET", path, headers, query }));
    table = { ...page, rows: [...(table?.rows ?? []), ...page.rows] };
  } while (table.continue);
  return table;
}

export interface FetchedObjects {
  readonly objects: readonly AnyObject[];
  readonly resourceVersion: string;
}

/** The objects of one request. */
export async function fetchObjects(
  session: Session,
  request: Request,
  selection: GetSelection,
): Promise<FetchedObjects> {
  const server = await session.server();
  const path = pathOfType(request.type, { ...request, subresource: selection.subresource });
  if (request.name !== undefined) {
    const object = (await server.call({ method: "GET", path })) as AnyObject;
    return { objects: [object], resourceVersion: object.metadata.resourceVersion ?? "" };
  }
  const objects: AnyObject[] = [];
  let page: AnyList | undefined;
  do {
    const query = {
      ...selectionQuery(selection),
      limit: selection["chunk-size"] || undefined,
      continue: page?.metadata?.continue,
    };
    page = (await server.call({ method: "GET", path, query })) as AnyList;
    objects.push(...itemsOf(page, request.type.kind));
  } while (page.metadata?.continue);
  return { objects, resourceVersion: page.metadata?.resourceVersion ?? "" };
}

/** kube-apiserver leaves apiVersion and kind out of a list's items. */
const itemsOf = ({ items, apiVersion }: AnyList, kind: string): readonly AnyObject[] =>
  (items ?? []).map((item) => (item.kind ? item : { ...item, apiVersion, kind }));

/** The path and query of a watch for what the request asks for, from a version on. */
export function watchCall(request: Request, selection: GetSelection, resourceVersion: string) {
  const { type, namespace, name } = request;
  const named = name === undefined ? selection["field-selector"] : `metadata.name=${name}`;
  return {
    method: "GET" as const,
    path: pathOfType(type, { namespace }),
    query: { labelSelector: selection.selector, fieldSelector: named, resourceVersion },
  };
}
