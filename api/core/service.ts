// Service: a stable name and address for a group of pods. Its rules are in validate-service.ts; addresses and node ports are
// allocated by the API server.

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
  object("io.k8s.api.core.v1.ServicePort", "A port of a service.", {
    name: optional(1, string(), "The name of the port, needed where there are several."),
    protocol: byDefault("TCP", optional(2, oneOf("TCP", "UDP", "SCTP"), "TCP, UDP or SCTP; TCP unless given.")),
    port: required(3, int32(), "The number under which the service offers it."),
    targetPort: optional(4, intOrString(), "The number or the name of the pods' port; equal to port unless given."),
    nodePort: optional(
      5,
      int32(),
      "The port of every node that leads to it. Allocated unless given, for types that have one.",
    ),
    appProtocol: optional(6, string(), "The protocol that is spoken, such as http or kubernetes.io/h2c."),
  }),
  (draft) => {
    draft.targetPort ||= draft.port;
  },
);
export interface ServicePort extends Infer<typeof servicePort> {}

export const clientIPConfig = object(
  "io.k8s.api.core.v1.ClientIPConfig",
  "Settings of session affinity by client address.",
  {
    timeoutSeconds: optional(
      1,
      int32(),
      "How many seconds a client stays with its pod after its last connection; 10800 unless given.",
    ),
  },
);
export interface ClientIPConfig extends Infer<typeof clientIPConfig> {}

export const sessionAffinityConfig = object(
  "io.k8s.api.core.v1.SessionAffinityConfig",
  "Settings of session affinity.",
  {
    clientIP: optional(1, clientIPConfig, "Settings of affinity by client address."),
  },
);
export interface SessionAffinityConfig extends Infer<typeof sessionAffinityConfig> {}

export const serviceSpec = completed(
  object("io.k8s.api.core.v1.ServiceSpec", "How a service is reached and which pods stand behind it.", {
    ports: optional(
      1,
      listMap(servicePort, ["port", "protocol"], { mergeKey: "port", strategy: "merge" }),
      "The ports of the service.",
    ),
    selector: optional(
      2,
      map(string(), { mapType: "atomic" }),
      "Labels of the pods that traffic goes to. Without it, endpoints are kept by someone else.",
    ),
    clusterIP: optional(
      3,
      string(),
      "The address inside the cluster; None for a headless service, which has names only. Allocated unless given; the first of clusterIPs.",
    ),
    type: optional(
      4,
      oneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
      "How far the service reaches: ClusterIP (the default), NodePort, LoadBalancer, or ExternalName for an alias of another name.",
    ),
    externalIPs: optional(
      5,
      list(string(), { listType: "atomic" }),
      "Further addresses whose traffic the nodes accept for the service. Leading it to the nodes is up to the administrator.",
    ),
    sessionAffinity: optional(
      7,
      oneOf("ClientIP", "None"),
      "ClientIP sends all connections of one client to the same pod; None (the default) does not.",
    ),
    loadBalancerIP: optional(8, string(), "Deprecated. The address wanted of the load balancer."),
    loadBalancerSourceRanges: optional(
      9,
      list(string(), { listType: "atomic" }),
      "The client addresses that the load balancer lets through; all unless given.",
    ),
    externalName: optional(10, string(), "The name that the service is an alias of, for ExternalName."),
    externalTrafficPolicy: optional(
      11,
      oneOf("Cluster", "Local"),
      "Cluster spreads traffic from outside over all pods; Local keeps it on the node that it arrived at, and with it the client's address.",
    ),
    healthCheckNodePort: optional(
      12,
      int32(),
      "The port by which a load balancer learns whether a node has pods of the service. Allocated for Local traffic from load balancers.",
    ),
    publishNotReadyAddresses: optional(13, boolean(), "If true, pods count as endpoints before they are ready."),
    sessionAffinityConfig: optional(14, sessionAffinityConfig, "Settings of sessionAffinity."),
    ipFamilyPolicy: optional(
      17,
      oneOf("SingleStack", "PreferDualStack", "RequireDualStack"),
      "How many address families the service has: SingleStack, PreferDualStack or RequireDualStack.",
    ),
    clusterIPs: optional(
      18,
      list(string(), { listType: "atomic" }),
      "The addresses inside the cluster, one per address family.",
    ),
    ipFamilies: optional(
      19,
      list(oneOf("IPv4", "IPv6", ""), { listType: "atomic" }),
      "The address families, in the order of clusterIPs.",
    ),
    allocateLoadBalancerNodePorts: optional(
      20,
      boolean(),
      "Whether a load balancer's service gets ports of the nodes. True unless given.",
    ),
    loadBalancerClass: optional(
      21,
      string(),
      "The implementation that is to provide the load balancer; the default one unless given.",
    ),
    internalTrafficPolicy: optional(
      22,
      oneOf("Cluster", "Local"),
      "Cluster spreads traffic from inside over all pods; Local keeps it on its node.",
    ),
    trafficDistribution: optional(
      23,
      string(),
      "Which endpoints are preferred; PreferClose prefers those in the client's zone.",
    ),
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

export const portStatus = object("io.k8s.api.core.v1.PortStatus", "The state of a port of a load balancer.", {
  port: required(1, int32(), "The number of the port."),
  protocol: required(2, oneOf("TCP", "UDP", "SCTP"), "TCP, UDP or SCTP."),
  error: optional(3, string(), "What is wrong, in one CamelCase word; absent if nothing is."),
});
export interface PortStatus extends Infer<typeof portStatus> {}

export const loadBalancerIngress = completed(
  object("io.k8s.api.core.v1.LoadBalancerIngress", "A point where traffic for a service comes in.", {
    ip: optional(1, string(), "The address, for load balancers that have one."),
    hostname: optional(2, string(), "The name, for load balancers that have one."),
    ipMode: optional(
      3,
      oneOf("VIP", "Proxy"),
      "VIP if packets keep the load balancer's address on their way to the node, Proxy if they do not.",
    ),
    ports: optional(4, list(portStatus, { listType: "atomic" }), "The state of each port."),
  }),
  (draft) => {
    if (draft.ip) draft.ipMode ??= "VIP";
  },
);
export interface LoadBalancerIngress extends Infer<typeof loadBalancerIngress> {}

export const loadBalancerStatus = object("io.k8s.api.core.v1.LoadBalancerStatus", "The addresses of a load balancer.", {
  ingress: optional(1, list(loadBalancerIngress, { listType: "atomic" }), "The points where traffic comes in."),
});
export interface LoadBalancerStatus extends Infer<typeof loadBalancerStatus> {}

export const serviceStatus = object(
  "io.k8s.api.core.v1.ServiceStatus",
  "What was set up for a service outside of it.",
  {
    loadBalancer: present(1, loadBalancerStatus, "The addresses of the load balancer."),
    conditions: optional(
      2,
      listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The service's conditions.",
    ),
  },
);
export interface ServiceStatus extends Infer<typeof serviceStatus> {}

export const service = kubeObject(
  "io.k8s.api.core.v1.Service",
  "A stable name and address for a group of pods, over which connections are spread.",
  {
    spec: present(2, serviceSpec, "How the service is reached and which pods stand behind it."),
    status: present(3, serviceStatus, "What was set up for the service outside of it."),
  },
);
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
  subresources: ["status", "proxy"],
  storagePath: "services/specs",
  columns: serviceColumns,
  validate: validateService,
  selectableFields: ({ spec }) => ({ "spec.clusterIP": spec.clusterIP ?? "", "spec.type": spec.type ?? "" }),
  prepare: prepareService,
  prepareStatus: keepSpec,
};
