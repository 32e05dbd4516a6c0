// -o custom-columns: a table whose columns the user names. Pure.

import { CommandError } from "../command-error.ts";
import type { Step } from "../json-path/parse-template.ts";
import { findValues, parseRelaxedPath } from "../json-path/render-template.ts";
import { renderGoValue } from "./go-text.ts";
import { alignTabs, tableSpacing } from "./tab-writer.ts";

export interface CustomColumn {
  readonly header: string;
  readonly path: readonly Step[];
}

/** Reads `NAME:.metadata.name,IMAGE:.spec.image`. Throws CommandError. */
export function parseCustomColumns(spec: string): CustomColumn[] {
  if (spec === "") throw new CommandError("custom-columns format specified but no custom columns given");
  return spec.split(",").map((part) => {
    const at = part.indexOf(":");
    if (at < 1) throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, at), path: readPath(part.slice(at + 1)) };
  });
}

/** Reads a file's template: a line of headers, and a line of paths below them. */
export function parseColumnsFile(text: string): CustomColumn[] {
  const [headers = [], paths = []] = text.split("\n").map((line) => line.split(/\s+/).filter((word) => word !== ""));
  if (headers.length === 0 || headers.length !== paths.length) {
    throw new CommandError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  }
  return headers.map((header, index) => ({ header, path: readPath(paths[index] ?? "") }));
}

function readPath(text: string): readonly Step[] {
  try {
    return parseRelaxedPath(text);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

export function renderCustomColumns(
  columns: readonly CustomColumn[],
  objects: readonly unknown[],
  options: { readonly headers: boolean },
): string {
  const rows = objects.map((object) => columns.map(({ path }) => renderCell(findValues(path, object))));
  const all = options.headers ? [columns.map(({ header }) => header), ...rows] : rows;
  return all.length === 0 ? "" : alignTabs(`${all.map((cells) => cells.join("\t")).join("\n")}\n`, tableSpacing);
}

const renderCell = (values: readonly unknown[]): string =>
  values.length === 0 ? "<none>" : values.map(renderGoValue).join(",");
