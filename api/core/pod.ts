// HEADER

import { validatePod } from "./validate-pod.ts";
import { podColumns } from "./pod-columns.ts";
import { preparePod, preparePodStatus, selectablePodFields } from "./pod-strategy.ts";
import { affinity, toleration, topologySpreadConstraint } from "./affinity.ts";
import { type Container, container, ephemeralContainer, resourceRequirements } from "./container.ts";
import { podStatus } from "./pod-status.ts";
import { localObjectReference } from "./reference.ts";
import { podSecurityContext } from "./security-context.ts";
import { volume } from "./volume.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Draft,
  type Infer,
  boolean,
  completed,
  int32,
  int64,
  list,
  listMap,
  map,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const hostAlias = object("io.k8s.api.core.v1.HostAlias", "", {
  ip: required(1, string(), ""),
  hostnames: optional(2, list(string(), { listType: "atomic" }), ""),
});
export interface HostAlias extends Infer<typeof hostAlias> {}

export const podDNSConfigOption = object("io.k8s.api.core.v1.PodDNSConfigOption", "", {
  name: optional(1, string(), ""),
  value: optional(2, string(), ""),
});
export interface PodDNSConfigOption extends Infer<typeof podDNSConfigOption> {}

export const podDNSConfig = object("io.k8s.api.core.v1.PodDNSConfig", "", {
  nameservers: optional(1, list(string(), { listType: "atomic" }), ""),
  searches: optional(2, list(string(), { listType: "atomic" }), ""),
  options: optional(3, list(podDNSConfigOption, { listType: "atomic" }), ""),
});
export interface PodDNSConfig extends Infer<typeof podDNSConfig> {}

export const podReadinessGate = object("io.k8s.api.core.v1.PodReadinessGate", "", {
  conditionType: required(1, string(), ""),
});
export interface PodReadinessGate extends Infer<typeof podReadinessGate> {}

export const podOS = object("io.k8s.api.core.v1.PodOS", "", {
  name: required(1, oneOf("linux", "windows"), ""),
});
export interface PodOS extends Infer<typeof podOS> {}

export const podSchedulingGate = object("io.k8s.api.core.v1.PodSchedulingGate", "", {
  name: required(1, string(), ""),
});
export interface PodSchedulingGate extends Infer<typeof podSchedulingGate> {}

export const podResourceClaim = object("io.k8s.api.core.v1.PodResourceClaim", "", {
  name: required(1, string(), ""),
  resourceClaimName: optional(3, string(), ""),
  resourceClaimTemplateName: optional(4, string(), ""),
});
export interface PodResourceClaim extends Infer<typeof podResourceClaim> {}

export const podSpec = completed(
  object("io.k8s.api.core.v1.PodSpec", "", {
    volumes: optional(1, listMap(volume, ["name"], { mergeKey: "name", strategy: "merge,retainKeys" }), ""),
    containers: required(2, listMap(container, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
    restartPolicy: optional(3, oneOf("Always", "OnFailure", "Never"), ""),
    terminationGracePeriodSeconds: optional(4, int64(), ""),
    activeDeadlineSeconds: optional(5, int64(), ""),
    dnsPolicy: optional(6, oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"), ""),
    nodeSelector: optional(7, map(string(), { mapType: "atomic" }), ""),
    serviceAccountName: optional(8, string(), ""),
    serviceAccount: optional(9, string(), ""),
    nodeName: optional(10, string(), ""),
    hostNetwork: optional(11, boolean(), ""),
    hostPID: optional(12, boolean(), ""),
    hostIPC: optional(13, boolean(), ""),
    securityContext: optional(14, podSecurityContext, ""),
    imagePullSecrets: optional(
      15,
      listMap(localObjectReference, ["name"], { mergeKey: "name", strategy: "merge" }),
      "",
    ),
    hostname: optional(16, string(), ""),
    subdomain: optional(17, string(), ""),
    affinity: optional(18, affinity, ""),
    schedulerName: optional(19, string(), ""),
    initContainers: optional(20, listMap(container, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
    automountServiceAccountToken: optional(21, boolean(), ""),
    tolerations: optional(22, list(toleration, { listType: "atomic" }), ""),
    hostAliases: optional(23, listMap(hostAlias, ["ip"], { mergeKey: "ip", strategy: "merge" }), ""),
    priorityClassName: optional(24, string(), ""),
    priority: optional(25, int32(), ""),
    dnsConfig: optional(26, podDNSConfig, ""),
    shareProcessNamespace: optional(27, boolean(), ""),
    readinessGates: optional(28, list(podReadinessGate, { listType: "atomic" }), ""),
    runtimeClassName: optional(29, string(), ""),
    enableServiceLinks: optional(30, boolean(), ""),
    preemptionPolicy: optional(31, oneOf("PreemptLowerPriority", "Never"), ""),
    overhead: optional(32, map(quantity()), ""),
    topologySpreadConstraints: optional(
      33,
      listMap(topologySpreadConstraint, ["topologyKey", "whenUnsatisfiable"], {
        mergeKey: "topologyKey",
        strategy: "merge",
      }),
      "",
    ),
    ephemeralContainers: optional(
      34,
      listMap(ephemeralContainer, ["name"], { mergeKey: "name", strategy: "merge" }),
      "",
    ),
    setHostnameAsFQDN: optional(35, boolean(), ""),
    os: optional(36, podOS, ""),
    hostUsers: optional(37, boolean(), ""),
    schedulingGates: optional(38, listMap(podSchedulingGate, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
    resourceClaims: optional(
      39,
      listMap(podResourceClaim, ["name"], { mergeKey: "name", strategy: "merge,retainKeys" }),
      "",
    ),
    resources: optional(40, resourceRequirements, ""),
  }),
  (draft) => {
    draft.restartPolicy ||= "Always";
    draft.dnsPolicy ||= "ClusterFirst";
    draft.schedulerName ||= "default-scheduler";
    draft.terminationGracePeriodSeconds ??= 30;
    draft.securityContext ??= {};
    // The deprecated name is an alias: whichever is given fills in the other.
    const account = draft.serviceAccountName || draft.serviceAccount;
    if (account) Object.assign(draft, { serviceAccountName: account, serviceAccount: account });
  },
);
export interface PodSpec extends Infer<typeof podSpec> {}

/** A resource with a limit and no request requests its limit. Kubernetes does this for pods, not for pod templates. */
function requestLimits(draft: Draft<Container>): void {
  const { limits } = draft.resources;
  if (limits) draft.resources.requests = { ...limits, ...draft.resources.requests };
}

/** On the host's network a container's port is a port of the host. */
function exposeOnHost(draft: Draft<Container>): void {
  for (const port of draft.ports ?? []) port.hostPort ||= port.containerPort;
}

export const pod = completed(
  kubeObject("io.k8s.api.core.v1.Pod", "", {
    spec: present(2, podSpec, ""),
    status: present(3, podStatus, ""),
  }),
  (draft) => {
    draft.spec.enableServiceLinks ??= true;
    const containers = [...(draft.spec.initContainers ?? []), ...(draft.spec.containers ?? [])];
    for (const each of containers) {
      requestLimits(each);
      if (draft.spec.hostNetwork) exposeOnHost(each);
    }
  },
);
export interface Pod extends Infer<typeof pod> {}

export const pods: ResourceDefinition<Pod> = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  scope: "Namespaced",
  schema: pod,
  subresources: [
    "status",
    "binding",
    "eviction",
    "log",
    "exec",
    "attach",
    "portforward",
    "ephemeralcontainers",
    "resize",
  ],
  columns: podColumns,
  selectableFields: selectablePodFields,
  validate: validatePod,
  prepare: preparePod,
  prepareStatus: preparePodStatus,
};
