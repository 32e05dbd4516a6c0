// IngressClass: says which controller serves the ingresses that name it. Its rules are in validate-ingress-class.ts.

import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { validateIngressClass } from "./validate-ingress-class.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, completed, object, optional, present, required, string } from "../schema/schema.ts";

export const ingressClassParametersReference = completed(
  object(
    "io.k8s.api.networking.v1.IngressClassParametersReference",
    "Names an object with further settings for a controller.",
    {
      apiGroup: optional(1, string(), "The API group of the object; absent for the core group."),
      kind: required(2, string(), "The kind of the object."),
      name: required(3, string(), "The name of the object."),
      scope: optional(
        4,
        string(),
        "Whether the object belongs to a namespace: Namespace or Cluster. Cluster unless given.",
      ),
      namespace: optional(
        5,
        string(),
        "The namespace of the object. Required with the scope Namespace, not allowed with Cluster.",
      ),
    },
  ),
  (draft) => {
    draft.kind ??= "";
    draft.name ??= "";
    draft.scope ??= "Cluster";
  },
);
export interface IngressClassParametersReference extends Infer<typeof ingressClassParametersReference> {}

export const ingressClassSpec = object(
  "io.k8s.api.networking.v1.IngressClassSpec",
  "Which controller serves the ingresses of a class.",
  {
    controller: optional(
      1,
      string(),
      "The name of the controller, such as example.com/ingress, 250 characters at most. It cannot be changed.",
    ),
    parameters: optional(2, ingressClassParametersReference, "An object with further settings for the controller."),
  },
);
export interface IngressClassSpec extends Infer<typeof ingressClassSpec> {}

export const ingressClass = kubeObject(
  "io.k8s.api.networking.v1.IngressClass",
  "Says which controller serves the ingresses that name it. The annotation ingressclass.kubernetes.io/is-default-class makes it the one for ingresses that name none.",
  {
    spec: present(2, ingressClassSpec, "Which controller it is."),
  },
);
export interface IngressClass extends Infer<typeof ingressClass> {}

export const ingressClasses: ResourceDefinition<IngressClass> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  schema: ingressClass,
  validate: validateIngressClass,
  columns: [
    nameColumn,
    column("Controller", { description: "The controller that serves the class." }, ({ spec }) => spec.controller ?? ""),
    column("Parameters", { description: "The object with further settings." }, ({ spec }) =>
      spec.parameters ? renderParameters(spec.parameters) : "<none>",
    ),
    ageColumn,
  ],
  prepare: (ingressClass, old) => withGeneration(ingressClass, old, ({ spec }) => spec),
};

const renderParameters = ({ kind, apiGroup, name }: IngressClassParametersReference) =>
  `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
