// HEADER

import { validateConfigMap } from "./validate-key-value.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, bytes, map, optional, string } from "../schema/schema.ts";

export const configMap = kubeObject("io.k8s.api.core.v1.ConfigMap", "", {
  data: optional(2, map(string()), ""),
  binaryData: optional(3, map(bytes()), ""),
  immutable: optional(4, boolean(), ""),
});
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
