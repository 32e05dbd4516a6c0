// HEADER: say what ControllerRevision is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, any, int64, optional, required } from "../schema/schema.ts";

export const controllerRevision = kubeObject("io.k8s.api.apps.v1.ControllerRevision", "", {
  data: optional(2, any(), ""),
  revision: required(3, int64(), ""),
});
export interface ControllerRevision extends Infer<typeof controllerRevision> {}

export const controllerRevisions: ResourceDefinition<ControllerRevision> = {
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  schema: controllerRevision,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
