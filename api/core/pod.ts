// Pod: the containers that run together on one node. The parts of its spec have files of their own beside this one, its rules
// are in validate-pod.ts and what the server decides about it in pod-strategy.ts.

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

export const hostAlias = object(
  "io.k8s.api.core.v1.HostAlias",
  "A line of a hosts file: an address and the names that stand for it.",
  {
    ip: required(1, string(), "The address."),
    hostnames: optional(2, list(string(), { listType: "atomic" }), "The names that stand for the address."),
  },
);
export interface HostAlias extends Infer<typeof hostAlias> {}

export const podDNSConfigOption = object(
  "io.k8s.api.core.v1.PodDNSConfigOption",
  "An option of the resolver, such as ndots.",
  {
    name: optional(1, string(), "The name of the option."),
    value: optional(2, string(), "The value of the option, if it takes one."),
  },
);
export interface PodDNSConfigOption extends Infer<typeof podDNSConfigOption> {}

export const podDNSConfig = object("io.k8s.api.core.v1.PodDNSConfig", "DNS settings of a pod.", {
  nameservers: optional(
    1,
    list(string(), { listType: "atomic" }),
    "Addresses of name servers, three at most, used before those of dnsPolicy.",
  ),
  searches: optional(2, list(string(), { listType: "atomic" }), "Domains that short names are looked up in."),
  options: optional(3, list(podDNSConfigOption, { listType: "atomic" }), "Options of the resolver."),
});
export interface PodDNSConfig extends Infer<typeof podDNSConfig> {}

export const podReadinessGate = object(
  "io.k8s.api.core.v1.PodReadinessGate",
  "Names a condition that the pod's readiness depends on.",
  {
    conditionType: required(1, string(), "The type of a condition in the pod's status."),
  },
);
export interface PodReadinessGate extends Infer<typeof podReadinessGate> {}

export const podOS = object("io.k8s.api.core.v1.PodOS", "The operating system of a pod.", {
  name: required(1, oneOf("linux", "windows"), "linux or windows."),
});
export interface PodOS extends Infer<typeof podOS> {}

export const podSchedulingGate = object(
  "io.k8s.api.core.v1.PodSchedulingGate",
  "Keeps a pod from being scheduled for as long as it is present.",
  {
    name: required(1, string(), "The name of the gate, unique in the pod."),
  },
);
export interface PodSchedulingGate extends Infer<typeof podSchedulingGate> {}

export const podResourceClaim = object(
  "io.k8s.api.core.v1.PodResourceClaim",
  "Names a claim to devices that containers of the pod can refer to.",
  {
    name: required(1, string(), "What containers call the claim; unique in the pod."),
    resourceClaimName: optional(3, string(), "The name of an existing claim in the pod's namespace."),
    resourceClaimTemplateName: optional(
      4,
      string(),
      "The name of a template in the pod's namespace from which a claim is made for this pod alone.",
    ),
  },
);
export interface PodResourceClaim extends Infer<typeof podResourceClaim> {}

export const podSpec = completed(
  object("io.k8s.api.core.v1.PodSpec", "Describes a pod: its containers, its volumes, and where and how it runs.", {
    volumes: optional(
      1,
      listMap(volume, ["name"], { mergeKey: "name", strategy: "merge,retainKeys" }),
      "Volumes that the pod's containers can mount.",
    ),
    containers: required(
      2,
      listMap(container, ["name"], { mergeKey: "name", strategy: "merge" }),
      "The containers of the pod, at least one. Containers can be neither added nor removed later.",
    ),
    restartPolicy: optional(
      3,
      oneOf("Always", "OnFailure", "Never"),
      "When containers that ended are started again: Always, OnFailure or Never. Always unless given.",
    ),
    terminationGracePeriodSeconds: optional(
      4,
      int64(),
      "How many seconds containers have between the request to stop and being killed. 0 kills at once; 30 unless given.",
    ),
    activeDeadlineSeconds: optional(
      5,
      int64(),
      "How many seconds the pod may be active from its start before it is ended and marked as failed.",
    ),
    dnsPolicy: optional(
      6,
      oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
      "Where the containers' DNS settings come from: ClusterFirst (the default), ClusterFirstWithHostNet, Default (the node's), or None (dnsConfig alone).",
    ),
    nodeSelector: optional(
      7,
      map(string(), { mapType: "atomic" }),
      "Labels that a node must have for the pod to run on it.",
    ),
    serviceAccountName: optional(8, string(), "The service account whose rights the pod has."),
    serviceAccount: optional(9, string(), "The deprecated name of serviceAccountName."),
    nodeName: optional(
      10,
      string(),
      "The node that the pod runs on. Set by the scheduler, or by a client that wants to pass it by.",
    ),
    hostNetwork: optional(
      11,
      boolean(),
      "If true, the pod uses the node's network directly and its ports are the node's.",
    ),
    hostPID: optional(12, boolean(), "If true, the pod sees the processes of the node."),
    hostIPC: optional(13, boolean(), "If true, the pod shares the node's inter-process communication."),
    securityContext: optional(14, podSecurityContext, "Security settings for the pod and defaults for its containers."),
    imagePullSecrets: optional(
      15,
      listMap(localObjectReference, ["name"], { mergeKey: "name", strategy: "merge" }),
      "Secrets of the same namespace that hold credentials for the images' registries.",
    ),
    hostname: optional(16, string(), "The host name that the pod sees; its own name unless given."),
    subdomain: optional(
      17,
      string(),
      "If given, the pod's full name is HOSTNAME.SUBDOMAIN.NAMESPACE.svc and the cluster's domain.",
    ),
    affinity: optional(
      18,
      affinity,
      "Rules about the nodes and the other pods that this pod wants to be near to or far from.",
    ),
    schedulerName: optional(19, string(), "The scheduler that chooses the pod's node; default-scheduler unless given."),
    initContainers: optional(
      20,
      listMap(container, ["name"], { mergeKey: "name", strategy: "merge" }),
      "Containers that run one after the other before the others start. Each must succeed, except for those with restartPolicy Always, which keep running beside the pod.",
    ),
    automountServiceAccountToken: optional(
      21,
      boolean(),
      "Whether the service account's token is put into the containers.",
    ),
    tolerations: optional(
      22,
      list(toleration, { listType: "atomic" }),
      "The taints of nodes that do not keep this pod away.",
    ),
    hostAliases: optional(
      23,
      listMap(hostAlias, ["ip"], { mergeKey: "ip", strategy: "merge" }),
      "Additional lines of the containers' hosts file.",
    ),
    priorityClassName: optional(24, string(), "The priority class of the pod, which decides how important it is."),
    priority: optional(25, int32(), "The number that the priority class stands for. Set by the server."),
    dnsConfig: optional(26, podDNSConfig, "DNS settings that are merged into those of dnsPolicy."),
    shareProcessNamespace: optional(27, boolean(), "If true, the containers of the pod see each other's processes."),
    readinessGates: optional(
      28,
      list(podReadinessGate, { listType: "atomic" }),
      "Conditions besides the containers' readiness that must be true for the pod to be ready.",
    ),
    runtimeClassName: optional(29, string(), "The runtime class that runs the pod; the node's default unless given."),
    enableServiceLinks: optional(
      30,
      boolean(),
      "Whether the namespace's services are put into the environment of the containers. True unless given.",
    ),
    preemptionPolicy: optional(
      31,
      oneOf("PreemptLowerPriority", "Never"),
      "Whether the pod may push out pods of lower priority: PreemptLowerPriority (the default) or Never.",
    ),
    overhead: optional(
      32,
      map(quantity()),
      "Resources that running the pod takes besides those of its containers. Set from the runtime class.",
    ),
    topologySpreadConstraints: optional(
      33,
      listMap(topologySpreadConstraint, ["topologyKey", "whenUnsatisfiable"], {
        mergeKey: "topologyKey",
        strategy: "merge",
      }),
      "How evenly pods are to be spread over zones, nodes or other groups of nodes.",
    ),
    ephemeralContainers: optional(
      34,
      listMap(ephemeralContainer, ["name"], { mergeKey: "name", strategy: "merge" }),
      "Containers added for debugging while the pod runs. Set through the subresource of this name only.",
    ),
    setHostnameAsFQDN: optional(35, boolean(), "If true, the containers' host name is the pod's full name."),
    os: optional(36, podOS, "The operating system that the containers need."),
    hostUsers: optional(
      37,
      boolean(),
      "If false, the pod has user ids of its own, apart from the node's. True unless given.",
    ),
    schedulingGates: optional(
      38,
      listMap(podSchedulingGate, ["name"], { mergeKey: "name", strategy: "merge" }),
      "While any is present the pod is not scheduled. They can be removed but not added.",
    ),
    resourceClaims: optional(
      39,
      listMap(podResourceClaim, ["name"], { mergeKey: "name", strategy: "merge,retainKeys" }),
      "The resource claims that must be allocated before the pod starts.",
    ),
    resources: optional(40, resourceRequirements, "The resources that the pod as a whole requests and is limited to."),
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
  kubeObject(
    "io.k8s.api.core.v1.Pod",
    "A group of containers that run together on one node, sharing its network address and its volumes.",
    {
      spec: present(2, podSpec, "What the pod is to be. Little of it can be changed once it exists."),
      status: present(3, podStatus, "How the pod is doing, as its node reports it."),
    },
  ),
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
    "proxy",
    "ephemeralcontainers",
    "resize",
  ],
  columns: podColumns,
  selectableFields: selectablePodFields,
  validate: validatePod,
  prepare: preparePod,
  prepareStatus: preparePodStatus,
};
