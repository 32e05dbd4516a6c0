// Node: a machine of the cluster. The kubelet on it reports its status.

import { validateNode } from "./validate-node.ts";
import { nodeColumns } from "./node-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
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
  set,
  string,
  time,
} from "../schema/schema.ts";

export const taint = object("io.k8s.api.core.v1.Taint", "Keeps pods off a node unless they tolerate it.", {
  key: required(1, string(), "The key of the taint."),
  value: optional(2, string(), "The value of the taint."),
  effect: required(
    3,
    oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
    "NoSchedule keeps new pods away, PreferNoSchedule tries to, NoExecute also removes those that run.",
  ),
  timeAdded: optional(4, time(), "When a taint with the effect NoExecute was added."),
});
export interface Taint extends Infer<typeof taint> {}

export const configMapNodeConfigSource = object(
  "io.k8s.api.core.v1.ConfigMapNodeConfigSource",
  "Deprecated. A config map with a kubelet's configuration.",
  {
    namespace: required(1, string(), "The namespace of the config map."),
    name: required(2, string(), "The name of the config map."),
    uid: optional(3, string(), "The UID of the config map."),
    resourceVersion: optional(4, string(), "The version of the config map."),
    kubeletConfigKey: required(5, string(), "The key of the entry with the configuration."),
  },
);
export interface ConfigMapNodeConfigSource extends Infer<typeof configMapNodeConfigSource> {}

export const nodeConfigSource = object(
  "io.k8s.api.core.v1.NodeConfigSource",
  "Deprecated. Where a kubelet's configuration came from.",
  {
    configMap: optional(2, configMapNodeConfigSource, "A config map with the configuration."),
  },
);
export interface NodeConfigSource extends Infer<typeof nodeConfigSource> {}

export const nodeSpec = object("io.k8s.api.core.v1.NodeSpec", "What is set for a node.", {
  podCIDR: optional(1, string(), "The range of addresses for the node's pods; the first of podCIDRs."),
  externalID: optional(2, string(), "Deprecated and not used."),
  providerID: optional(
    3,
    string(),
    "The id that the cloud provider knows the machine by. It cannot be changed once set.",
  ),
  unschedulable: optional(4, boolean(), "If true, no new pods are scheduled onto the node."),
  taints: optional(5, list(taint, { listType: "atomic" }), "The node's taints, which keep pods away."),
  configSource: optional(6, nodeConfigSource, "Deprecated and not used."),
  podCIDRs: optional(
    7,
    set(string(), { strategy: "merge" }),
    "The ranges of addresses for the node's pods, one per address family.",
  ),
});
export interface NodeSpec extends Infer<typeof nodeSpec> {}

export const nodeCondition = object("io.k8s.api.core.v1.NodeCondition", "One aspect of a node's state.", {
  type: required(1, string(), "The name of the aspect, such as Ready."),
  status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
  lastHeartbeatTime: optional(3, time(), "When the node last reported it."),
  lastTransitionTime: optional(4, time(), "When the status last changed from one value to another."),
  reason: optional(5, string(), "Why it changed, in one CamelCase word."),
  message: optional(6, string(), "Why it changed, in words."),
});
export interface NodeCondition extends Infer<typeof nodeCondition> {}

export const nodeAddress = object("io.k8s.api.core.v1.NodeAddress", "An address or a name of a node.", {
  type: required(
    1,
    string(),
    "What sort of address it is: Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.",
  ),
  address: required(2, string(), "The address."),
});
export interface NodeAddress extends Infer<typeof nodeAddress> {}

export const daemonEndpoint = object("io.k8s.api.core.v1.DaemonEndpoint", "A port of one of a node's services.", {
  Port: required(1, int32(), "The number of the port."),
});
export interface DaemonEndpoint extends Infer<typeof daemonEndpoint> {}

export const nodeDaemonEndpoints = object("io.k8s.api.core.v1.NodeDaemonEndpoints", "The ports of a node's services.", {
  kubeletEndpoint: present(1, daemonEndpoint, "The port that the kubelet serves on."),
});
export interface NodeDaemonEndpoints extends Infer<typeof nodeDaemonEndpoints> {}

export const nodeSystemInfo = object("io.k8s.api.core.v1.NodeSystemInfo", "What a machine and its software are.", {
  machineID: required(1, string(), "The id of the machine."),
  systemUUID: required(2, string(), "The id that the machine's firmware gives."),
  bootID: required(3, string(), "The id of the current run since the machine was started."),
  kernelVersion: required(4, string(), "The version of the kernel."),
  osImage: required(5, string(), "The name and version of the operating system."),
  containerRuntimeVersion: required(6, string(), "The container runtime and its version, as NAME://VERSION."),
  kubeletVersion: required(7, string(), "The version of the kubelet."),
  kubeProxyVersion: required(8, string(), "Deprecated. The version of the proxy."),
  operatingSystem: required(9, string(), "The sort of operating system, such as linux."),
  architecture: required(10, string(), "The architecture of the processor, such as amd64."),
});
export interface NodeSystemInfo extends Infer<typeof nodeSystemInfo> {}

export const containerImage = object("io.k8s.api.core.v1.ContainerImage", "A container image on a node.", {
  names: optional(1, list(string(), { listType: "atomic" }), "The names that the image is known by."),
  sizeBytes: optional(2, int64(), "The size of the image in bytes."),
});
export interface ContainerImage extends Infer<typeof containerImage> {}

export const attachedVolume = object("io.k8s.api.core.v1.AttachedVolume", "A volume that is attached to a node.", {
  name: required(1, string(), "The name of the volume."),
  devicePath: required(2, string(), "The path of the device."),
});
export interface AttachedVolume extends Infer<typeof attachedVolume> {}

export const nodeConfigStatus = object(
  "io.k8s.api.core.v1.NodeConfigStatus",
  "Deprecated. The state of a kubelet's configuration.",
  {
    assigned: optional(1, nodeConfigSource, "The configuration that the node is to use."),
    active: optional(2, nodeConfigSource, "The configuration that the node uses."),
    lastKnownGood: optional(3, nodeConfigSource, "The configuration that the node falls back to."),
    error: optional(4, string(), "What is wrong with the assigned configuration."),
  },
);
export interface NodeConfigStatus extends Infer<typeof nodeConfigStatus> {}

export const nodeRuntimeHandlerFeatures = object(
  "io.k8s.api.core.v1.NodeRuntimeHandlerFeatures",
  "What a handler of the container runtime can do.",
  {
    recursiveReadOnlyMounts: optional(1, boolean(), "Whether it can make mounts read-only with all that lies below."),
    userNamespaces: optional(2, boolean(), "Whether it can give pods user ids of their own."),
  },
);
export interface NodeRuntimeHandlerFeatures extends Infer<typeof nodeRuntimeHandlerFeatures> {}

export const nodeRuntimeHandler = object(
  "io.k8s.api.core.v1.NodeRuntimeHandler",
  "A handler of the container runtime.",
  {
    name: optional(1, string(), "The name of the handler; empty for the default."),
    features: optional(2, nodeRuntimeHandlerFeatures, "What the handler can do."),
  },
);
export interface NodeRuntimeHandler extends Infer<typeof nodeRuntimeHandler> {}

export const nodeFeatures = object(
  "io.k8s.api.core.v1.NodeFeatures",
  "What a container runtime can do, whatever the handler.",
  {
    supplementalGroupsPolicy: optional(1, boolean(), "Whether it follows supplementalGroupsPolicy and reports users."),
  },
);
export interface NodeFeatures extends Infer<typeof nodeFeatures> {}

export const nodeStatus = completed(
  object("io.k8s.api.core.v1.NodeStatus", "How a node is doing.", {
    capacity: optional(1, map(quantity()), "What the node has in total."),
    allocatable: optional(2, map(quantity()), "What of it is there for pods; equal to capacity unless given."),
    phase: optional(3, oneOf("Pending", "Running", "Terminated"), "Deprecated and no longer set."),
    conditions: optional(
      4,
      listMap(nodeCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The node's conditions, such as Ready and MemoryPressure.",
    ),
    addresses: optional(
      5,
      listMap(nodeAddress, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The addresses and names that the node is reached by.",
    ),
    daemonEndpoints: present(6, nodeDaemonEndpoints, "The ports of the node's own services."),
    nodeInfo: present(7, nodeSystemInfo, "What the machine and its software are."),
    images: optional(8, list(containerImage, { listType: "atomic" }), "The container images that are on the node."),
    volumesInUse: optional(9, list(string(), { listType: "atomic" }), "The attachable volumes that are mounted."),
    volumesAttached: optional(10, list(attachedVolume, { listType: "atomic" }), "The volumes that are attached."),
    config: optional(11, nodeConfigStatus, "Deprecated and not used."),
    runtimeHandlers: optional(
      12,
      list(nodeRuntimeHandler, { listType: "atomic" }),
      "The handlers that the container runtime offers.",
    ),
    features: optional(13, nodeFeatures, "What the container runtime can do."),
  }),
  (draft) => {
    if (draft.capacity) draft.allocatable ??= { ...draft.capacity };
  },
);
export interface NodeStatus extends Infer<typeof nodeStatus> {}

export const node = kubeObject("io.k8s.api.core.v1.Node", "A machine of the cluster.", {
  spec: present(2, nodeSpec, "What is set for the node."),
  status: present(3, nodeStatus, "How the node is doing, as its kubelet reports it."),
});
export interface Node extends Infer<typeof node> {}

export const nodes: ResourceDefinition<Node> = {
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  shortNames: ["no"],
  scope: "Cluster",
  schema: node,
  subresources: ["status", "proxy"],
  storagePath: "minions",
  columns: nodeColumns,
  validate: validateNode,
  selectableFields: (node) => ({ "spec.unschedulable": String(node.spec.unschedulable ?? false) }),
  // A kubelet registers its node with a status; afterwards the status has writes of its own.
  prepare: (node, old) => (old ? { ...node, status: old.status } : node),
  prepareStatus: keepSpec,
};
