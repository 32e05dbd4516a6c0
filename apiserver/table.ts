// The Table form of objects (meta.k8s.io/v1): what `kubectl get` prints. Columns come from each kind's declaration.

import type { KubeObject } from "../api/meta/object.ts";
import { ageColumn, nameColumn } from "../api/meta/standard-columns.ts";
import type { Column, ResourceDefinition } from "../api/resource.ts";

export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableOptions {
  readonly resource: ResourceDefinition;
  readonly include: IncludeObject;
  /** The version of meta.k8s.io asked for. */
  readonly version: string;
  readonly nowMs: number;
  readonly metadata: object;
  /** Watches name their columns in the first event only. */
  readonly omitColumns?: boolean;
}

/** A table without its rows. */
export const buildTableHead = ({ resource, version, metadata, omitColumns }: TableOptions) => ({
  kind: "Table",
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
  columnDefinitions: omitColumns ? null : columnsOf(resource).map(definitionOf),
});

/** One by one, as they are asked for. */
export function* buildRows(objects: Iterable<KubeObject>, options: TableOptions): Generator<object> {
  const columns = columnsOf(options.resource);
  for (const object of objects) yield buildRow(object, columns, options);
}

export const buildTable = (objects: readonly KubeObject[], options: TableOptions): object => ({
  ...buildTableHead(options),
  rows: [...buildRows(objects, options)],
});

const columnsOf = ({ columns }: ResourceDefinition): readonly Column<KubeObject>[] =>
  columns.length > 0 ? columns : [nameColumn, ageColumn];

const definitionOf = ({ name, type, format, priority, description }: Column<KubeObject>) => ({
  name,
  type,
  format: format ?? "",
  description,
  priority,
});

function buildRow(object: KubeObject, columns: readonly Column<KubeObject>[], options: TableOptions): object {
  return {
    cells: columns.map((column) => column.cell(object, options.nowMs)),
    object: includedOf(object, options),
  };
}

function includedOf(object: KubeObject, { include, version }: TableOptions): object | null {
  if (include === "None") return null;
  return include === "Object" ? object : partialMetadataOf(object, version);
}

/** The object without anything but its metadata. */
export const partialMetadataOf = ({ metadata }: KubeObject, version: string): KubeObject => ({
  kind: "PartialObjectMetadata",
  apiVersion: `meta.k8s.io/${version}`,
  metadata,
});
