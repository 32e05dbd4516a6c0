// HEADER

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
  columns: [],
};
