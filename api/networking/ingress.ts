// Ingress: leads HTTP requests from outside of the cluster to services. Its rules are in validate-ingress.ts.

import { typedLocalObjectReference } from "../core/reference.ts";
import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import { ingressWarnings } from "./networking-warnings.ts";
import { validateIngress } from "./validate-ingress.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  completed,
  inlined,
  int32,
  list,
  object,
  oneOf,
  optional,
  present,
  presentRequired,
  required,
  string,
} from "../schema/schema.ts";

export const serviceBackendPort = atomic(
  object("io.k8s.api.networking.v1.ServiceBackendPort", "The port of a service, by its name or by its number.", {
    name: optional(1, string(), "The name of the port. Excludes number."),
    number: optional(2, int32(), "The number of the port. Excludes name."),
  }),
);
export interface ServiceBackendPort extends Infer<typeof serviceBackendPort> {}

export const ingressServiceBackend = completed(
  object("io.k8s.api.networking.v1.IngressServiceBackend", "A service that takes requests.", {
    name: required(1, string(), "The name of the service, in the namespace of the ingress."),
    port: present(2, serviceBackendPort, "The port of the service. One of its name and its number must be given."),
  }),
  (draft) => {
    draft.name ??= "";
  },
);
export interface IngressServiceBackend extends Infer<typeof ingressServiceBackend> {}

export const ingressBackend = object(
  "io.k8s.api.networking.v1.IngressBackend",
  "Where requests go: to a service or to another object.",
  {
    resource: optional(
      3,
      typedLocalObjectReference,
      "An object in the namespace of the ingress that takes the requests, such as a storage bucket. Excludes service.",
    ),
    service: optional(4, ingressServiceBackend, "The service that takes the requests. Excludes resource."),
  },
);
export interface IngressBackend extends Infer<typeof ingressBackend> {}

export const ingressTLS = object(
  "io.k8s.api.networking.v1.IngressTLS",
  "A certificate, and the hosts that it is shown for.",
  {
    hosts: optional(
      1,
      list(string(), { listType: "atomic" }),
      "The hosts named in the certificate. Without any, the default of the ingress controller applies.",
    ),
    secretName: optional(
      2,
      string(),
      "The secret that holds the certificate and its key. Without it, TLS may be ended by the name that the client asks for alone.",
    ),
  },
);
export interface IngressTLS extends Infer<typeof ingressTLS> {}

/** What a client leaves out reaches the rules of the kind as Go has it, so that they say what is missing. */
export const httpIngressPath = completed(
  object("io.k8s.api.networking.v1.HTTPIngressPath", "A path of a host and where its requests go.", {
    path: optional(
      1,
      string(),
      "The path that requests are compared with. It begins with a slash; absent, with the type ImplementationSpecific, it means all paths.",
    ),
    backend: presentRequired(2, ingressBackend, "Where requests for the path go."),
    pathType: required(
      3,
      string(),
      "How the path is compared: Exact; Prefix, which means whole elements between slashes; or ImplementationSpecific, which leaves it to the ingress controller.",
    ),
  }),
  (draft) => {
    draft.pathType ??= "";
    draft.backend ??= {};
  },
);
export interface HTTPIngressPath extends Infer<typeof httpIngressPath> {}

export const httpIngressRuleValue = object("io.k8s.api.networking.v1.HTTPIngressRuleValue", "The paths of a host.", {
  paths: required(
    1,
    list(httpIngressPath, { listType: "atomic" }),
    "The paths and where their requests go, at least one.",
  ),
});
export interface HTTPIngressRuleValue extends Infer<typeof httpIngressRuleValue> {}

export const ingressRuleValue = object(
  "io.k8s.api.networking.v1.IngressRuleValue",
  "What happens to a rule's requests.",
  {
    http: optional(1, httpIngressRuleValue, "The paths of the host and where their requests go."),
  },
);
export interface IngressRuleValue extends Infer<typeof ingressRuleValue> {}

export const ingressRule = object(
  "io.k8s.api.networking.v1.IngressRule",
  "What happens to the requests for one host.",
  {
    ...inlined(2, ingressRuleValue),
    host: optional(
      1,
      string(),
      "The name of the host, as clients ask for it, without a port. It may begin with '*.' for one label; absent, it means all hosts.",
    ),
  },
);
export interface IngressRule extends Infer<typeof ingressRule> {}

export const ingressSpec = object(
  "io.k8s.api.networking.v1.IngressSpec",
  "Which requests from outside of the cluster go where.",
  {
    defaultBackend: optional(
      1,
      ingressBackend,
      "Takes the requests that no rule is for. Required where there are no rules.",
    ),
    tls: optional(
      2,
      list(ingressTLS, { listType: "atomic" }),
      "The certificates for encrypted connections, which all use port 443.",
    ),
    rules: optional(
      3,
      list(ingressRule, { listType: "atomic" }),
      "The rules, by host. Requests that match none go to the default backend.",
    ),
    ingressClassName: optional(4, string(), "The IngressClass, which says what controller serves the ingress."),
  },
);
export interface IngressSpec extends Infer<typeof ingressSpec> {}

export const ingressPortStatus = object(
  "io.k8s.api.networking.v1.IngressPortStatus",
  "The state of a port of a load balancer.",
  {
    port: required(1, int32(), "The number of the port."),
    protocol: required(2, oneOf("TCP", "UDP", "SCTP"), "The protocol of the port: TCP, UDP or SCTP."),
    error: optional(
      3,
      string(),
      "Why the port does not work, in one CamelCase word, with a domain in front unless it is one of Kubernetes' own.",
    ),
  },
);
export interface IngressPortStatus extends Infer<typeof ingressPortStatus> {}

export const ingressLoadBalancerIngress = object(
  "io.k8s.api.networking.v1.IngressLoadBalancerIngress",
  "A point at which traffic enters.",
  {
    ip: optional(1, string(), "The address of the entry point, where it has one."),
    hostname: optional(2, string(), "The name of the entry point, where it has one."),
    ports: optional(4, list(ingressPortStatus, { listType: "atomic" }), "The ports that the load balancer opens."),
  },
);
export interface IngressLoadBalancerIngress extends Infer<typeof ingressLoadBalancerIngress> {}

export const ingressLoadBalancerStatus = object(
  "io.k8s.api.networking.v1.IngressLoadBalancerStatus",
  "Where a load balancer takes traffic.",
  {
    ingress: optional(
      1,
      list(ingressLoadBalancerIngress, { listType: "atomic" }),
      "The points at which traffic enters.",
    ),
  },
);
export interface IngressLoadBalancerStatus extends Infer<typeof ingressLoadBalancerStatus> {}

export const ingressStatus = object("io.k8s.api.networking.v1.IngressStatus", "Where an ingress can be reached.", {
  loadBalancer: present(1, ingressLoadBalancerStatus, "The load balancer that serves the ingress."),
});
export interface IngressStatus extends Infer<typeof ingressStatus> {}

export const ingress = kubeObject(
  "io.k8s.api.networking.v1.Ingress",
  "Leads HTTP requests from outside of the cluster to services, by host and path.",
  {
    spec: present(2, ingressSpec, "Which requests go where."),
    status: present(3, ingressStatus, "Where the ingress can be reached."),
  },
);
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
  storagePath: "ingress",
  validate: validateIngress,
  warnings: ingressWarnings,
  columns: [
    nameColumn,
    column(
      "Class",
      { description: "The class, which says what controller serves it." },
      ({ spec }) => spec.ingressClassName ?? "<none>",
    ),
    column("Hosts", { description: "The hosts that it has rules for." }, renderHosts),
    column("Address", { description: "Where it can be reached." }, renderAddress),
    column("Ports", { description: "The ports that clients connect to." }, ({ spec }) =>
      spec.tls?.length ? "80, 443" : "80",
    ),
    ageColumn,
  ],
  prepare: (ingress, old) =>
    withGeneration({ ...ingress, status: old ? old.status : { loadBalancer: {} } }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};

const HOSTS_SHOWN_MAX = 3;

/** Three hosts, and of how many rules there are more, whether these name a host or not. */
function renderHosts({ spec: { rules = [] } }: Ingress): string {
  const hosts: string[] = [];
  let isCut = false;
  for (const { host } of rules) {
    if (hosts.length === HOSTS_SHOWN_MAX) isCut = true;
    else if (host) hosts.push(host);
  }
  const more = isCut ? ` + ${rules.length - HOSTS_SHOWN_MAX} more...` : "";
  return hosts.length > 0 ? hosts.join(",") + more : "*";
}

function renderAddress({ status }: Ingress): string {
  const points = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "");
  return [...new Set(points.filter(Boolean))].sort().join(",");
}
