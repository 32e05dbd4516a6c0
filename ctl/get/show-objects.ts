// `kctl get` in the forms that show whole objects: yaml, json, names, templates.

import type { AnyObject } from "../any-object.ts";
import { renderCustomColumns } from "../printers/custom-columns.ts";
import { renderObject, withoutManagedFields, type OutputFormat } from "../printers/output-format.ts";
import { sortByPath } from "../printers/sort-rows.ts";
import { qualifiedName, type ResourceType } from "../resource-type.ts";
import { throwErrors, type Request } from "../select-objects.ts";
import type { Session } from "../session.ts";
import { fetchObjects } from "./fetch.ts";
import { isIgnored, reportNothing, type ShowOptions } from "./show-tables.ts";

export type ObjectFormat = Exclude<OutputFormat, { readonly kind: "table" }>;

export interface FoundObject {
  readonly type: ResourceType;
  readonly object: AnyObject;
}

export interface ObjectView {
  readonly format: ObjectFormat;
  readonly headers: boolean;
  readonly showManagedFields: boolean;
}

/** Prints what is found, and rejects with what was not. One object that was asked for by name stands alone; all else is a List. */
export async function showObjects(
  session: Session,
  requests: readonly Request[],
  options: ShowOptions & { readonly objectView: ObjectView },
): Promise<void> {
  const { found, errors } = await findObjects(session, requests, options);
  const path = options["sort-by"];
  const sorted = path ? sortByPath(found, path, ({ object }) => object) : found;
  const isSingle = requests.length === 1 && requests[0]?.name !== undefined;
  if (sorted.length > 0 || (!isSingle && errors.length === 0)) {
    session.io.out(renderFound(sorted, options.objectView, isSingle));
  }
  const isTable = ["custom-columns", "name"].includes(options.objectView.format.kind);
  const isNothing = sorted.length + errors.length === 0 && !options["ignore-not-found"];
  if (isTable && isNothing) await reportNothing(session, requests, options);
  throwErrors(errors);
}

async function findObjects(session: Session, requests: readonly Request[], options: ShowOptions) {
  const found: FoundObject[] = [];
  const errors: unknown[] = [];
  for (const request of requests) {
    try {
      const { objects } = await fetchObjects(session, request, options);
      found.push(...objects.map((object) => ({ type: request.type, object })));
    } catch (error) {
      if (!isIgnored(error, options)) errors.push(error);
    }
  }
  return { found, errors };
}

/** Pure; throws CommandError where a template cannot be evaluated. */
export function renderFound(found: readonly FoundObject[], view: ObjectView, isSingle: boolean): string {
  const { format, headers, showManagedFields } = view;
  const shown = found.map(({ object }) => (showManagedFields ? object : withoutManagedFields(object)));
  if (format.kind === "name") {
    return found.map(({ type, object }) => `${qualifiedName(type, object.metadata.name ?? "")}\n`).join("");
  }
  if (format.kind === "custom-columns")
    return renderCustomColumns(format.columns, shown, { headers: headers && shown.length > 0 });
  if (isSingle) return shown.map((object) => renderObject(format, object, "")).join("");
  return renderObject(format, { apiVersion: "v1", items: shown, kind: "List", metadata: { resourceVersion: "" } }, "");
}
