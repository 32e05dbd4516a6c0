// HEADER

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

export const taint = object("io.k8s.api.core.v1.Taint", "", {
  key: required(1, string(), ""),
  value: optional(2, string(), ""),
  effect: required(3, oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"), ""),
  timeAdded: optional(4, time(), ""),
});
export interface Taint extends Infer<typeof taint> {}

export const configMapNodeConfigSource = object("io.k8s.api.core.v1.ConfigMapNodeConfigSource", "", {
  namespace: required(1, string(), ""),
  name: required(2, string(), ""),
  uid: optional(3, string(), ""),
  resourceVersion: optional(4, string(), ""),
  kubeletConfigKey: required(5, string(), ""),
});
export interface ConfigMapNodeConfigSource extends Infer<typeof configMapNodeConfigSource> {}

export const nodeConfigSource = object("io.k8s.api.core.v1.NodeConfigSource", "", {
  configMap: optional(2, configMapNodeConfigSource, ""),
});
export interface NodeConfigSource extends Infer<typeof nodeConfigSource> {}

export const nodeSpec = object("io.k8s.api.core.v1.NodeSpec", "", {
  podCIDR: optional(1, string(), ""),
  externalID: optional(2, string(), ""),
  providerID: optional(3, string(), ""),
  unschedulable: optional(4, boolean(), ""),
  taints: optional(5, list(taint, { listType: "atomic" }), ""),
  configSource: optional(6, nodeConfigSource, ""),
  podCIDRs: optional(7, set(string(), { strategy: "merge" }), ""),
});
export interface NodeSpec extends Infer<typeof nodeSpec> {}

export const nodeCondition = object("io.k8s.api.core.v1.NodeCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastHeartbeatTime: optional(3, time(), ""),
  lastTransitionTime: optional(4, time(), ""),
  reason: optional(5, string(), ""),
  message: optional(6, string(), ""),
});
export interface NodeCondition extends Infer<typeof nodeCondition> {}

export const nodeAddress = object("io.k8s.api.core.v1.NodeAddress", "", {
  type: required(1, string(), ""),
  address: required(2, string(), ""),
});
export interface NodeAddress extends Infer<typeof nodeAddress> {}

export const daemonEndpoint = object("io.k8s.api.core.v1.DaemonEndpoint", "", {
  Port: required(1, int32(), ""),
});
export interface DaemonEndpoint extends Infer<typeof daemonEndpoint> {}

export const nodeDaemonEndpoints = object("io.k8s.api.core.v1.NodeDaemonEndpoints", "", {
  kubeletEndpoint: present(1, daemonEndpoint, ""),
});
export interface NodeDaemonEndpoints extends Infer<typeof nodeDaemonEndpoints> {}

export const nodeSystemInfo = object("io.k8s.api.core.v1.NodeSystemInfo", "", {
  machineID: required(1, string(), ""),
  systemUUID: required(2, string(), ""),
  bootID: required(3, string(), ""),
  kernelVersion: required(4, string(), ""),
  osImage: required(5, string(), ""),
  containerRuntimeVersion: required(6, string(), ""),
  kubeletVersion: required(7, string(), ""),
  kubeProxyVersion: required(8, string(), ""),
  operatingSystem: required(9, string(), ""),
  architecture: required(10, string(), ""),
});
export interface NodeSystemInfo extends Infer<typeof nodeSystemInfo> {}

export const containerImage = object("io.k8s.api.core.v1.ContainerImage", "", {
  names: optional(1, list(string(), { listType: "atomic" }), ""),
  sizeBytes: optional(2, int64(), ""),
});
export interface ContainerImage extends Infer<typeof containerImage> {}

export const attachedVolume = object("io.k8s.api.core.v1.AttachedVolume", "", {
  name: required(1, string(), ""),
  devicePath: required(2, string(), ""),
});
export interface AttachedVolume extends Infer<typeof attachedVolume> {}

export const nodeConfigStatus = object("io.k8s.api.core.v1.NodeConfigStatus", "", {
  assigned: optional(1, nodeConfigSource, ""),
  active: optional(2, nodeConfigSource, ""),
  lastKnownGood: optional(3, nodeConfigSource, ""),
  error: optional(4, string(), ""),
});
export interface NodeConfigStatus extends Infer<typeof nodeConfigStatus> {}

export const nodeRuntimeHandlerFeatures = object("io.k8s.api.core.v1.NodeRuntimeHandlerFeatures", "", {
  recursiveReadOnlyMounts: optional(1, boolean(), ""),
  userNamespaces: optional(2, boolean(), ""),
});
export interface NodeRuntimeHandlerFeatures extends Infer<typeof nodeRuntimeHandlerFeatures> {}

export const nodeRuntimeHandler = object("io.k8s.api.core.v1.NodeRuntimeHandler", "", {
  name: optional(1, string(), ""),
  features: optional(2, nodeRuntimeHandlerFeatures, ""),
});
export interface NodeRuntimeHandler extends Infer<typeof nodeRuntimeHandler> {}

export const nodeFeatures = object("io.k8s.api.core.v1.NodeFeatures", "", {
  supplementalGroupsPolicy: optional(1, boolean(), ""),
});
export interface NodeFeatures extends Infer<typeof nodeFeatures> {}

export const nodeStatus = completed(
  object("io.k8s.api.core.v1.NodeStatus", "", {
    capacity: optional(1, map(quantity()), ""),
    allocatable: optional(2, map(quantity()), ""),
    phase: optional(3, oneOf("Pending", "Running", "Terminated"), ""),
    conditions: optional(4, listMap(nodeCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
    addresses: optional(5, listMap(nodeAddress, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
    daemonEndpoints: present(6, nodeDaemonEndpoints, ""),
    nodeInfo: present(7, nodeSystemInfo, ""),
    images: optional(8, list(containerImage, { listType: "atomic" }), ""),
    volumesInUse: optional(9, list(string(), { listType: "atomic" }), ""),
    volumesAttached: optional(10, list(attachedVolume, { listType: "atomic" }), ""),
    config: optional(11, nodeConfigStatus, ""),
    runtimeHandlers: optional(12, list(nodeRuntimeHandler, { listType: "atomic" }), ""),
    features: optional(13, nodeFeatures, ""),
  }),
  (draft) => {
    if (draft.capacity) draft.allocatable ??= { ...draft.capacity };
  },
);
export interface NodeStatus extends Infer<typeof nodeStatus> {}

export const node = kubeObject("io.k8s.api.core.v1.Node", "", {
  spec: present(2, nodeSpec, ""),
  status: present(3, nodeStatus, ""),
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
