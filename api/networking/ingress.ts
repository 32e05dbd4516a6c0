// HEADER: say what Ingress is and what it must never do.

import { typedLocalObjectReference } from "../core/reference.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  inlined,
  int32,
  list,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

export const serviceBackendPort = atomic(
  object("io.k8s.api.networking.v1.ServiceBackendPort", "", {
    name: optional(1, string(), ""),
    number: optional(2, int32(), ""),
  }),
);
export interface ServiceBackendPort extends Infer<typeof serviceBackendPort> {}

export const ingressServiceBackend = object("io.k8s.api.networking.v1.IngressServiceBackend", "", {
  name: required(1, string(), ""),
  port: optional(2, serviceBackendPort, ""),
});
export interface IngressServiceBackend extends Infer<typeof ingressServiceBackend> {}

export const ingressBackend = object("io.k8s.api.networking.v1.IngressBackend", "", {
  resource: optional(3, typedLocalObjectReference, ""),
  service: optional(4, ingressServiceBackend, ""),
});
export interface IngressBackend extends Infer<typeof ingressBackend> {}

export const ingressTLS = object("io.k8s.api.networking.v1.IngressTLS", "", {
  hosts: optional(1, list(string(), { listType: "atomic" }), ""),
  secretName: optional(2, string(), ""),
});
export interface IngressTLS extends Infer<typeof ingressTLS> {}

export const httpIngressPath = object("io.k8s.api.networking.v1.HTTPIngressPath", "", {
  path: optional(1, string(), ""),
  backend: required(2, ingressBackend, ""),
  pathType: required(3, string(), ""),
});
export interface HTTPIngressPath extends Infer<typeof httpIngressPath> {}

export const httpIngressRuleValue = object("io.k8s.api.networking.v1.HTTPIngressRuleValue", "", {
  paths: required(1, list(httpIngressPath, { listType: "atomic" }), ""),
});
export interface HTTPIngressRuleValue extends Infer<typeof httpIngressRuleValue> {}

export const ingressRuleValue = object("io.k8s.api.networking.v1.IngressRuleValue", "", {
  http: optional(1, httpIngressRuleValue, ""),
});
export interface IngressRuleValue extends Infer<typeof ingressRuleValue> {}

export const ingressRule = object("io.k8s.api.networking.v1.IngressRule", "", {
  ...inlined(2, ingressRuleValue),
  host: optional(1, string(), ""),
});
export interface IngressRule extends Infer<typeof ingressRule> {}

export const ingressSpec = object("io.k8s.api.networking.v1.IngressSpec", "", {
  defaultBackend: optional(1, ingressBackend, ""),
  tls: optional(2, list(ingressTLS, { listType: "atomic" }), ""),
  rules: optional(3, list(ingressRule, { listType: "atomic" }), ""),
  ingressClassName: optional(4, string(), ""),
});
export interface IngressSpec extends Infer<typeof ingressSpec> {}

export const ingressPortStatus = object("io.k8s.api.networking.v1.IngressPortStatus", "", {
  port: required(1, int32(), ""),
  protocol: required(2, oneOf("TCP", "UDP", "SCTP"), ""),
  error: optional(3, string(), ""),
});
export interface IngressPortStatus extends Infer<typeof ingressPortStatus> {}

export const ingressLoadBalancerIngress = object("io.k8s.api.networking.v1.IngressLoadBalancerIngress", "", {
  ip: optional(1, string(), ""),
  hostname: optional(2, string(), ""),
  ports: optional(4, list(ingressPortStatus, { listType: "atomic" }), ""),
});
export interface IngressLoadBalancerIngress extends Infer<typeof ingressLoadBalancerIngress> {}

export const ingressLoadBalancerStatus = object("io.k8s.api.networking.v1.IngressLoadBalancerStatus", "", {
  ingress: optional(1, list(ingressLoadBalancerIngress, { listType: "atomic" }), ""),
});
export interface IngressLoadBalancerStatus extends Infer<typeof ingressLoadBalancerStatus> {}

export const ingressStatus = object("io.k8s.api.networking.v1.IngressStatus", "", {
  loadBalancer: optional(1, ingressLoadBalancerStatus, ""),
});
export interface IngressStatus extends Infer<typeof ingressStatus> {}

export const ingress = kubeObject("io.k8s.api.networking.v1.Ingress", "", {
  spec: present(2, ingressSpec, ""),
  status: present(3, ingressStatus, ""),
});
export interface Ingress extends Infer<typeof ingress> {}

export const ingresses: ResourceDefinition<Ingress> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  shortNames: ["ing"],
  scope: "Namespaced",
  schema: ingress,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
