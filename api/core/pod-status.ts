// HEADER

import { resourceRequirements } from "./container.ts";
import {
  type Infer,
  boolean,
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
  time,
} from "../schema/schema.ts";

export const podCondition = object("io.k8s.api.core.v1.PodCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastProbeTime: optional(3, time(), ""),
  lastTransitionTime: optional(4, time(), ""),
  reason: optional(5, string(), ""),
  message: optional(6, string(), ""),
});
export interface PodCondition extends Infer<typeof podCondition> {}

export const containerStateWaiting = object("io.k8s.api.core.v1.ContainerStateWaiting", "", {
  reason: optional(1, string(), ""),
  message: optional(2, string(), ""),
});
export interface ContainerStateWaiting extends Infer<typeof containerStateWaiting> {}

export const containerStateRunning = object("io.k8s.api.core.v1.ContainerStateRunning", "", {
  startedAt: optional(1, time(), ""),
});
export interface ContainerStateRunning extends Infer<typeof containerStateRunning> {}

export const containerStateTerminated = object("io.k8s.api.core.v1.ContainerStateTerminated", "", {
  exitCode: required(1, int32(), ""),
  signal: optional(2, int32(), ""),
  reason: optional(3, string(), ""),
  message: optional(4, string(), ""),
  startedAt: optional(5, time(), ""),
  finishedAt: optional(6, time(), ""),
  containerID: optional(7, string(), ""),
});
export interface ContainerStateTerminated extends Infer<typeof containerStateTerminated> {}

export const containerState = object("io.k8s.api.core.v1.ContainerState", "", {
  waiting: optional(1, containerStateWaiting, ""),
  running: optional(2, containerStateRunning, ""),
  terminated: optional(3, containerStateTerminated, ""),
});
export interface ContainerState extends Infer<typeof containerState> {}

export const volumeMountStatus = object("io.k8s.api.core.v1.VolumeMountStatus", "", {
  name: required(1, string(), ""),
  mountPath: required(2, string(), ""),
  readOnly: optional(3, boolean(), ""),
  recursiveReadOnly: optional(4, oneOf("Disabled", "IfPossible", "Enabled"), ""),
});
export interface VolumeMountStatus extends Infer<typeof volumeMountStatus> {}

export const linuxContainerUser = object("io.k8s.api.core.v1.LinuxContainerUser", "", {
  uid: required(1, int64(), ""),
  gid: required(2, int64(), ""),
  supplementalGroups: optional(3, list(int64(), { listType: "atomic" }), ""),
});
export interface LinuxContainerUser extends Infer<typeof linuxContainerUser> {}

export const containerUser = object("io.k8s.api.core.v1.ContainerUser", "", {
  linux: optional(1, linuxContainerUser, ""),
});
export interface ContainerUser extends Infer<typeof containerUser> {}

export const resourceHealth = object("io.k8s.api.core.v1.ResourceHealth", "", {
  resourceID: required(1, string(), ""),
  health: optional(2, oneOf("Healthy", "Unhealthy", "Unknown"), ""),
});
export interface ResourceHealth extends Infer<typeof resourceHealth> {}

export const resourceStatus = object("io.k8s.api.core.v1.ResourceStatus", "", {
  name: required(1, string(), ""),
  resources: optional(2, listMap(resourceHealth, ["resourceID"]), ""),
});
export interface ResourceStatus extends Infer<typeof resourceStatus> {}

export const containerStatus = object("io.k8s.api.core.v1.ContainerStatus", "", {
  name: required(1, string(), ""),
  state: present(2, containerState, ""),
  lastState: present(3, containerState, ""),
  ready: required(4, boolean(), ""),
  restartCount: required(5, int32(), ""),
  image: required(6, string(), ""),
  imageID: required(7, string(), ""),
  containerID: optional(8, string(), ""),
  started: optional(9, boolean(), ""),
  allocatedResources: optional(10, map(quantity()), ""),
  resources: optional(11, resourceRequirements, ""),
  volumeMounts: optional(
    12,
    listMap(volumeMountStatus, ["mountPath"], { mergeKey: "mountPath", strategy: "merge" }),
    "",
  ),
  user: optional(13, containerUser, ""),
  allocatedResourcesStatus: optional(
    14,
    listMap(resourceStatus, ["name"], { mergeKey: "name", strategy: "merge" }),
    "",
  ),
});
export interface ContainerStatus extends Infer<typeof containerStatus> {}

export const podIP = object("io.k8s.api.core.v1.PodIP", "", {
  ip: required(1, string(), ""),
});
export interface PodIP extends Infer<typeof podIP> {}

export const podResourceClaimStatus = object("io.k8s.api.core.v1.PodResourceClaimStatus", "", {
  name: required(1, string(), ""),
  resourceClaimName: optional(2, string(), ""),
});
export interface PodResourceClaimStatus extends Infer<typeof podResourceClaimStatus> {}

export const hostIP = object("io.k8s.api.core.v1.HostIP", "", {
  ip: required(1, string(), ""),
});
export interface HostIP extends Infer<typeof hostIP> {}

export const podStatus = object("io.k8s.api.core.v1.PodStatus", "", {
  phase: optional(1, oneOf("Pending", "Running", "Succeeded", "Failed", "Unknown"), ""),
  conditions: optional(2, listMap(podCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
  message: optional(3, string(), ""),
  reason: optional(4, string(), ""),
  hostIP: optional(5, string(), ""),
  podIP: optional(6, string(), ""),
  startTime: optional(7, time(), ""),
  containerStatuses: optional(8, list(containerStatus, { listType: "atomic" }), ""),
  qosClass: optional(9, oneOf("Guaranteed", "Burstable", "BestEffort"), ""),
  initContainerStatuses: optional(10, list(containerStatus, { listType: "atomic" }), ""),
  nominatedNodeName: optional(11, string(), ""),
  podIPs: optional(12, listMap(podIP, ["ip"], { mergeKey: "ip", strategy: "merge" }), ""),
  ephemeralContainerStatuses: optional(13, list(containerStatus, { listType: "atomic" }), ""),
  resize: optional(14, oneOf("Proposed", "InProgress", "Deferred", "Infeasible"), ""),
  resourceClaimStatuses: optional(
    15,
    listMap(podResourceClaimStatus, ["name"], { mergeKey: "name", strategy: "merge,retainKeys" }),
    "",
  ),
  hostIPs: optional(16, list(hostIP, { listType: "atomic", mergeKey: "ip", strategy: "merge" }), ""),
});
export interface PodStatus extends Infer<typeof podStatus> {}
