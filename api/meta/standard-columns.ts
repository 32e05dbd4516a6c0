// The columns that the tables of several kinds share.

import { renderAge } from "./human-duration.ts";
import type { KubeObject } from "./object.ts";
import type { Column } from "../resource.ts";

export const nameColumn: Column<KubeObject> = {
  name: "Name",
  type: "string",
  format: "name",
  priority: 0,
  description: "The name of the object, unique among the objects of its kind in its namespace.",
  cell: (object) => object.metadata.name,
};

export const ageColumn: Column<KubeObject> = {
  name: "Age",
  type: "string",
  priority: 0,
  description: "How long ago the object was created.",
  cell: (object, nowMs) => renderAge(object.metadata.creationTimestamp, nowMs),
};

/** Instead of the age, for kinds that kubectl has no table of its own for. */
export const createdAtColumn: Column<KubeObject> = {
  name: "Created At",
  type: "date",
  priority: 0,
  description: "When the object was created.",
  cell: (object) => object.metadata.creationTimestamp,
};

type ColumnOptions = Pick<Column<never>, "description"> & Partial<Pick<Column<never>, "type" | "format">>;

/** A column that is always shown. */
export const column = <T>(name: string, options: ColumnOptions, cell: Column<T>["cell"]): Column<T> => ({
  name,
  type: "string",
  priority: 0,
  ...options,
  cell,
});

/** A column that `-o wide` adds. */
export const wideColumn = <T>(name: string, options: ColumnOptions, cell: Column<T>["cell"]): Column<T> => ({
  ...column(name, options, cell),
  priority: 1,
});
