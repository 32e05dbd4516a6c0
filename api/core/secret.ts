// HEADER

import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, bytes, map, optional, string } from "../schema/schema.ts";

export const secret = kubeObject("io.k8s.api.core.v1.Secret", "", {
  data: optional(2, map(bytes()), ""),
  type: optional(3, string(), ""),
  stringData: optional(4, map(string()), ""),
  immutable: optional(5, boolean(), ""),
});
export interface Secret extends Infer<typeof secret> {}

export const secrets: ResourceDefinition<Secret> = {
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  schema: secret,
  columns: [],
};
