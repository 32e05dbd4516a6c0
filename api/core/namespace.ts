// Namespace: a space for names, and the unit that is deleted as a whole.

import { checkFormat, eachItem } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems } from "../meta/names.ts";
import { checkFinalizerName, validateMetadata } from "../meta/validate-metadata.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ObjectMetaFields } from "../meta/object-meta.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Draft,
  type Infer,
  completed,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const namespaceSpec = object("io.k8s.api.core.v1.NamespaceSpec", "What a namespace waits for before it goes.", {
  finalizers: optional(
    1,
    list(string(), { listType: "atomic" }),
    "Names of those who have something to do first. Removed through the finalize subresource.",
  ),
});
export interface NamespaceSpec extends Infer<typeof namespaceSpec> {}

export const namespaceCondition = object(
  "io.k8s.api.core.v1.NamespaceCondition",
  "One aspect of a namespace's state.",
  {
    type: required(1, string(), "The name of the aspect, in CamelCase or with a domain in front."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(4, time(), "When the status last changed from one value to another."),
    reason: optional(5, string(), "Why it changed, in one CamelCase word for programs."),
    message: optional(6, string(), "Why it changed, in words for people."),
  },
);
export interface NamespaceCondition extends Infer<typeof namespaceCondition> {}

export const namespaceStatus = completed(
  object("io.k8s.api.core.v1.NamespaceStatus", "Whether a namespace is in use or going away.", {
    phase: optional(1, oneOf("Active", "Terminating"), "Active, or Terminating."),
    conditions: optional(
      2,
      listMap(namespaceCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "What stands in the way of the namespace's end.",
    ),
  }),
  (draft) => {
    draft.phase ||= "Active";
  },
);
export interface NamespaceStatus extends Infer<typeof namespaceStatus> {}

export const namespace = completed(
  kubeObject("io.k8s.api.core.v1.Namespace", "A space for names. Most objects lie in one, and go when it goes.", {
    spec: present(2, namespaceSpec, "What the namespace waits for before it goes."),
    status: present(3, namespaceStatus, "Whether the namespace is in use or going away."),
  }),
  (draft) => {
    // A client may have left out the metadata altogether, which is refused later.
    const metadata: Draft<ObjectMetaFields> | undefined = draft.metadata;
    if (metadata?.name) metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
  },
);
export interface Namespace extends Infer<typeof namespace> {}

/** Kubernetes' own finalizer: the namespace stays until everything in it has been removed. */
const NAMESPACE_FINALIZER = "kubernetes";

/** Finalizers of the spec change through the `finalize` subresource only, the phase through deletion only. */
function prepareNamespace(namespace: Namespace, old?: Namespace): Namespace {
  if (old) return { ...namespace, spec: old.spec, status: old.status };
  const { finalizers = [] } = namespace.spec;
  const all = finalizers.includes(NAMESPACE_FINALIZER) ? finalizers : [...finalizers, NAMESPACE_FINALIZER];
  // A generated name is known only now, so defaulting could not set its label.
  const labels = { ...namespace.metadata.labels, "kubernetes.io/metadata.name": namespace.metadata.name };
  return {
    ...namespace,
    metadata: { ...namespace.metadata, labels },
    spec: { ...namespace.spec, finalizers: all },
    status: { phase: "Active" },
  };
}

export const namespaces: ResourceDefinition<Namespace> = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  // Each goes on its own, with what is in it.
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  schema: namespace,
  validate: (namespace, old) => [
    ...validateMetadata(namespace, old, { name: labelProblems, scope: "Cluster" }),
    ...eachItem(namespace.spec.finalizers, "spec.finalizers", (finalizer, at) => [
      ...checkFormat(at, finalizer, qualifiedNameProblems),
      ...checkFinalizerName(finalizer, at),
    ]),
  ],
  subresources: ["status", "finalize"],
  columns: [
    nameColumn,
    column(
      "Status",
      { description: "Active, or Terminating while its objects are removed." },
      (namespace) => namespace.status.phase ?? "",
    ),
    ageColumn,
  ],
  selectableFields: (namespace) => ({ "status.phase": namespace.status.phase ?? "" }),
  prepare: prepareNamespace,
  prepareStatus: keepSpec,
};
