// ConfigMap: settings that pods read as files, variables or arguments.

import { validateConfigMap } from "./validate-key-value.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, bytes, map, optional, string } from "../schema/schema.ts";

export const configMap = kubeObject(
  "io.k8s.api.core.v1.ConfigMap",
  "Settings that pods read as files, variables or arguments.",
  {
    data: optional(2, map(string()), "Entries of text. Keys consist of letters, digits, '-', '_' and '.'."),
    binaryData: optional(3, map(bytes()), "Entries of bytes. Keys are as in data and not in it too."),
    immutable: optional(4, boolean(), "If true, the entries cannot be changed any more, and neither can this field."),
  },
);
export interface ConfigMap extends Infer<typeof configMap> {}

export const configMaps: ResourceDefinition<ConfigMap> = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  scope: "Namespaced",
  schema: configMap,
  validate: validateConfigMap,
  columns: [
    nameColumn,
    column(
      "Data",
      { description: "How many keys the map has." },
      ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    ),
    ageColumn,
  ],
};
