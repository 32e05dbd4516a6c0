// HEADER

import { validateService } from "./validate-service.ts";
import { serviceColumns } from "./service-columns.ts";
import { isExternallyAccessible, prepareService } from "./service-strategy.ts";
import { keepSpec } from "../meta/status-write.ts";
import { condition } from "../meta/condition.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  byDefault,
  completed,
  int32,
  intOrString,
  list,
  listMap,
  map,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
} from "../schema/schema.ts";

export const servicePort = completed(
  object("io.k8s.api.core.v1.ServicePort", "", {
    name: optional(1, string(), ""),
    protocol: byDefault("TCP", optional(2, oneOf("TCP", "UDP", "SCTP"), "")),
    port: required(3, int32(), ""),
    targetPort: optional(4, intOrString(), ""),
    nodePort: optional(5, int32(), ""),
    appProtocol: optional(6, string(), ""),
  }),
  (draft) => {
    draft.targetPort ||= draft.port;
  },
);
export interface ServicePort extends Infer<typeof servicePort> {}

export const clientIPConfig = object("io.k8s.api.core.v1.ClientIPConfig", "", {
  timeoutSeconds: optional(1, int32(), ""),
});
export interface ClientIPConfig extends Infer<typeof clientIPConfig> {}

export const sessionAffinityConfig = object("io.k8s.api.core.v1.SessionAffinityConfig", "", {
  clientIP: optional(1, clientIPConfig, ""),
});
export interface SessionAffinityConfig extends Infer<typeof sessionAffinityConfig> {}

export const serviceSpec = completed(
  object("io.k8s.api.core.v1.ServiceSpec", "", {
    ports: optional(1, listMap(servicePort, ["port", "protocol"], { mergeKey: "port", strategy: "merge" }), ""),
    selector: optional(2, map(string(), { mapType: "atomic" }), ""),
    clusterIP: optional(3, string(), ""),
    type: optional(4, oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"), ""),
    externalIPs: optional(5, list(string(), { listType: "atomic" }), ""),
    sessionAffinity: optional(7, oneOf("ClientIP", "None"), ""),
    loadBalancerIP: optional(8, string(), ""),
    loadBalancerSourceRanges: optional(9, list(string(), { listType: "atomic" }), ""),
    externalName: optional(10, string(), ""),
    externalTrafficPolicy: optional(11, oneOf("Cluster", "Local"), ""),
    healthCheckNodePort: optional(12, int32(), ""),
    publishNotReadyAddresses: optional(13, boolean(), ""),
    sessionAffinityConfig: optional(14, sessionAffinityConfig, ""),
    ipFamilyPolicy: optional(17, oneOf("SingleStack", "PreferDualStack", "RequireDualStack"), ""),
    clusterIPs: optional(18, list(string(), { listType: "atomic" }), ""),
    ipFamilies: optional(19, list(oneOf("IPv4", "IPv6", ""), { listType: "atomic" }), ""),
    allocateLoadBalancerNodePorts: optional(20, boolean(), ""),
    loadBalancerClass: optional(21, string(), ""),
    internalTrafficPolicy: optional(22, oneOf("Cluster", "Local"), ""),
    trafficDistribution: optional(23, string(), ""),
  }),
  (draft) => {
    draft.type ||= "ClusterIP";
    draft.sessionAffinity ||= "None";
    if (draft.sessionAffinity === "None") delete draft.sessionAffinityConfig;
    else
      draft.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10800, ...draft.sessionAffinityConfig?.clientIP } };
    if (isExternallyAccessible(draft)) draft.externalTrafficPolicy ||= "Cluster";
    if (draft.type !== "ExternalName") draft.internalTrafficPolicy ??= "Cluster";
    if (draft.type === "LoadBalancer") draft.allocateLoadBalancerNodePorts ??= true;
  },
);
export interface ServiceSpec extends Infer<typeof serviceSpec> {}

export const portStatus = object("io.k8s.api.core.v1.PortStatus", "", {
  port: required(1, int32(), ""),
  protocol: required(2, oneOf("TCP", "UDP", "SCTP"), ""),
  error: optional(3, string(), ""),
});
export interface PortStatus extends Infer<typeof portStatus> {}

export const loadBalancerIngress = completed(
  object("io.k8s.api.core.v1.LoadBalancerIngress", "", {
    ip: optional(1, string(), ""),
    hostname: optional(2, string(), ""),
    ipMode: optional(3, oneOf("VIP", "Proxy"), ""),
    ports: optional(4, list(portStatus, { listType: "atomic" }), ""),
  }),
  (draft) => {
    if (draft.ip) draft.ipMode ??= "VIP";
  },
);
export interface LoadBalancerIngress extends Infer<typeof loadBalancerIngress> {}

export const loadBalancerStatus = object("io.k8s.api.core.v1.LoadBalancerStatus", "", {
  ingress: optional(1, list(loadBalancerIngress, { listType: "atomic" }), ""),
});
export interface LoadBalancerStatus extends Infer<typeof loadBalancerStatus> {}

export const serviceStatus = object("io.k8s.api.core.v1.ServiceStatus", "", {
  loadBalancer: present(1, loadBalancerStatus, ""),
  conditions: optional(2, listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface ServiceStatus extends Infer<typeof serviceStatus> {}

export const service = kubeObject("io.k8s.api.core.v1.Service", "", {
  spec: present(2, serviceSpec, ""),
  status: present(3, serviceStatus, ""),
});
export interface Service extends Infer<typeof service> {}

export const services: ResourceDefinition<Service> = {
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  scope: "Namespaced",
  schema: service,
  subresources: ["status"],
  storagePath: "services/specs",
  columns: serviceColumns,
  validate: validateService,
  selectableFields: ({ spec }) => ({ "spec.clusterIP": spec.clusterIP ?? "", "spec.type": spec.type ?? "" }),
  prepare: prepareService,
  prepareStatus: keepSpec,
};
