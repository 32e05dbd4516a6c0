// ControllerRevision: one version of what a controller was told to do. It never changes, so that going back is exact.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { checkNonNegative, checkUnchanged } from "../meta/field-checks.ts";
import { controllerOf } from "../meta/owner.ts";
import { requiredField, type FieldError } from "../schema/field-error.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, any, int64, optional, required } from "../schema/schema.ts";

export const controllerRevision = kubeObject(
  "io.k8s.api.apps.v1.ControllerRevision",
  "One version of what a controller was told to do, kept for comparing and for going back.",
  {
    data: optional(2, any(), "The version itself, as an object that the controller understands. It cannot be changed."),
    revision: required(3, int64(), "Which version it is: the newest has the highest number."),
  },
);
export interface ControllerRevision extends Infer<typeof controllerRevision> {}

function validateControllerRevision(object: ControllerRevision, old?: ControllerRevision): FieldError[] {
  return [
    ...validateMetadata(object, old, { name: subdomainProblems }),
    ...checkNonNegative("revision", object.revision),
    ...(old ? checkUnchanged("data", object.data, old.data) : checkData(object.data)),
  ];
}

/** `statefulset.apps/web` */
function renderController(object: ControllerRevision): string {
  const owner = controllerOf(object);
  if (!owner) return "<none>";
  const { apiVersion = "" } = owner as Partial<typeof owner>;
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  return `${owner.kind ?? ""}${group ? `.${group}` : ""}`.toLowerCase() + `/${owner.name}`;
}

function checkData(data: unknown): FieldError[] {
  if (data === undefined || data === null) return [requiredField("data", "data is mandatory")];
  const isObject = typeof data === "object" && !Array.isArray(data);
  return isObject ? [] : [requiredField("data", "data must be a valid JSON object")];
}

export const controllerRevisions: ResourceDefinition<ControllerRevision> = {
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  schema: controllerRevision,
  validate: validateControllerRevision,
  columns: [
    nameColumn,
    column("Controller", { description: "The object whose revision it is." }, renderController),
    column("Revision", { description: "Which revision it is, counted from 1." }, ({ revision }) => revision),
    ageColumn,
  ],
};
