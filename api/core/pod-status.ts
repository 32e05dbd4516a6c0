// The status of a pod and its containers, as kubelets report it.

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

export const podCondition = object("io.k8s.api.core.v1.PodCondition", "One aspect of a pod's state.", {
  type: required(1, string(), "The name of the aspect, such as Ready."),
  status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
  lastProbeTime: optional(3, time(), "When the condition was last looked at."),
  lastTransitionTime: optional(4, time(), "When the status last changed from one value to another."),
  reason: optional(5, string(), "Why it changed, in one CamelCase word."),
  message: optional(6, string(), "Why it changed, in words."),
});
export interface PodCondition extends Infer<typeof podCondition> {}

export const containerStateWaiting = object(
  "io.k8s.api.core.v1.ContainerStateWaiting",
  "A container that does not run yet, or not again.",
  {
    reason: optional(1, string(), "Why it waits, in one word, such as ImagePullBackOff."),
    message: optional(2, string(), "Why it waits, in words."),
  },
);
export interface ContainerStateWaiting extends Infer<typeof containerStateWaiting> {}

export const containerStateRunning = object("io.k8s.api.core.v1.ContainerStateRunning", "A container that runs.", {
  startedAt: optional(1, time(), "When it was started."),
});
export interface ContainerStateRunning extends Infer<typeof containerStateRunning> {}

export const containerStateTerminated = object(
  "io.k8s.api.core.v1.ContainerStateTerminated",
  "A container that has ended.",
  {
    exitCode: required(1, int32(), "The exit code of its last run."),
    signal: optional(2, int32(), "The signal that ended it, if one did."),
    reason: optional(3, string(), "Why it ended, in one word, such as Completed, Error or OOMKilled."),
    message: optional(
      4,
      string(),
      "Why it ended, in words; the text that the container left for this purpose, where there is one.",
    ),
    startedAt: optional(5, time(), "When that run was started."),
    finishedAt: optional(6, time(), "When it ended."),
    containerID: optional(7, string(), "The id of the container, as TYPE://ID."),
  },
);
export interface ContainerStateTerminated extends Infer<typeof containerStateTerminated> {}

export const containerState = object(
  "io.k8s.api.core.v1.ContainerState",
  "What a container does: it waits, runs, or has ended. One field at most is set; none means that it waits.",
  {
    waiting: optional(1, containerStateWaiting, "Set while the container waits."),
    running: optional(2, containerStateRunning, "Set while the container runs."),
    terminated: optional(3, containerStateTerminated, "Set once the container has ended."),
  },
);
export interface ContainerState extends Infer<typeof containerState> {}

export const volumeMountStatus = object(
  "io.k8s.api.core.v1.VolumeMountStatus",
  "A volume as it is mounted in a container.",
  {
    name: required(1, string(), "The name of the volume."),
    mountPath: required(2, string(), "Where it is mounted."),
    readOnly: optional(3, boolean(), "Whether it is mounted read-only."),
    recursiveReadOnly: optional(
      4,
      oneOf("Disabled", "IfPossible", "Enabled"),
      "Whether mounts below it are read-only too.",
    ),
  },
);
export interface VolumeMountStatus extends Infer<typeof volumeMountStatus> {}

export const linuxContainerUser = object(
  "io.k8s.api.core.v1.LinuxContainerUser",
  "The user that a container's first process runs as.",
  {
    uid: required(1, int64(), "The user id."),
    gid: required(2, int64(), "The group id."),
    supplementalGroups: optional(3, list(int64(), { listType: "atomic" }), "The ids of the further groups."),
  },
);
export interface LinuxContainerUser extends Infer<typeof linuxContainerUser> {}

export const containerUser = object("io.k8s.api.core.v1.ContainerUser", "The identity that a container runs with.", {
  linux: optional(1, linuxContainerUser, "The identity on Linux."),
});
export interface ContainerUser extends Infer<typeof containerUser> {}

export const resourceHealth = object("io.k8s.api.core.v1.ResourceHealth", "The health of one device.", {
  resourceID: required(1, string(), "The id of the device."),
  health: optional(2, oneOf("Healthy", "Unhealthy", "Unknown"), "Healthy, Unhealthy or Unknown."),
});
export interface ResourceHealth extends Infer<typeof resourceHealth> {}

export const resourceStatus = object(
  "io.k8s.api.core.v1.ResourceStatus",
  "The health of the devices that a container was given of one resource.",
  {
    name: required(1, string(), "The name of the resource."),
    resources: optional(2, listMap(resourceHealth, ["resourceID"]), "The health of each device."),
  },
);
export interface ResourceStatus extends Infer<typeof resourceStatus> {}

export const containerStatus = object("io.k8s.api.core.v1.ContainerStatus", "How one container is doing.", {
  name: required(1, string(), "The name of the container."),
  state: present(2, containerState, "What the container does now."),
  lastState: present(3, containerState, "How its previous run ended."),
  ready: required(4, boolean(), "Whether the container is ready to serve."),
  restartCount: required(5, int32(), "How often the container was started again."),
  image: required(6, string(), "The image that it runs, as the runtime names it."),
  imageID: required(7, string(), "The id of the image that it runs."),
  containerID: optional(8, string(), "The id of the container, as TYPE://ID."),
  started: optional(
    9,
    boolean(),
    "True once the container runs, has passed its startup probe, and has finished its postStart hook.",
  ),
  allocatedResources: optional(10, map(quantity()), "The resources that the node has set aside for the container."),
  resources: optional(11, resourceRequirements, "The requests and limits that are in force."),
  volumeMounts: optional(
    12,
    listMap(volumeMountStatus, ["mountPath"], { mergeKey: "mountPath", strategy: "merge" }),
    "How its volumes are mounted.",
  ),
  user: optional(13, containerUser, "The identity that its first process started with."),
  allocatedResourcesStatus: optional(
    14,
    listMap(resourceStatus, ["name"], { mergeKey: "name", strategy: "merge" }),
    "The health of the devices that it was given.",
  ),
});
export interface ContainerStatus extends Infer<typeof containerStatus> {}

export const podIP = object("io.k8s.api.core.v1.PodIP", "An address of a pod.", {
  ip: required(1, string(), "The address."),
});
export interface PodIP extends Infer<typeof podIP> {}

export const podResourceClaimStatus = object(
  "io.k8s.api.core.v1.PodResourceClaimStatus",
  "The claim that was made for one of a pod's resource claims.",
  {
    name: required(1, string(), "The name of the entry in the pod's resourceClaims."),
    resourceClaimName: optional(2, string(), "The name of the claim; absent if none was needed."),
  },
);
export interface PodResourceClaimStatus extends Infer<typeof podResourceClaimStatus> {}

export const hostIP = object("io.k8s.api.core.v1.HostIP", "An address of a node.", {
  ip: required(1, string(), "The address."),
});
export interface HostIP extends Infer<typeof hostIP> {}

export const podStatus = object(
  "io.k8s.api.core.v1.PodStatus",
  "How a pod is doing, as its node's kubelet reports it. It may lag behind if the node cannot be reached.",
  {
    phase: optional(
      1,
      oneOf("Pending", "Running", "Succeeded", "Failed", "Unknown"),
      "How far the pod is in its life: Pending, Running, Succeeded, Failed or Unknown.",
    ),
    conditions: optional(
      2,
      listMap(podCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The pod's conditions, such as PodScheduled, Initialized, ContainersReady and Ready.",
    ),
    message: optional(3, string(), "Why the pod is in this state, in words."),
    reason: optional(4, string(), "Why the pod is in this state, in one word, such as Evicted."),
    hostIP: optional(5, string(), "The address of the node that the pod runs on."),
    podIP: optional(6, string(), "The pod's address, reachable from within the cluster; the first of podIPs."),
    startTime: optional(7, time(), "When the kubelet took the pod on, before it pulled any image."),
    containerStatuses: optional(8, list(containerStatus, { listType: "atomic" }), "The statuses of the containers."),
    qosClass: optional(
      9,
      oneOf("Guaranteed", "Burstable", "BestEffort"),
      "The class of service that follows from the pod's resources: Guaranteed, Burstable or BestEffort.",
    ),
    initContainerStatuses: optional(
      10,
      list(containerStatus, { listType: "atomic" }),
      "The statuses of the init containers, in their order.",
    ),
    nominatedNodeName: optional(11, string(), "The node on which pods are being pushed out to make room for this one."),
    podIPs: optional(
      12,
      listMap(podIP, ["ip"], { mergeKey: "ip", strategy: "merge" }),
      "The pod's addresses, one per address family.",
    ),
    ephemeralContainerStatuses: optional(
      13,
      list(containerStatus, { listType: "atomic" }),
      "The statuses of the ephemeral containers.",
    ),
    resize: optional(
      14,
      oneOf("Proposed", "InProgress", "Deferred", "Infeasible"),
      "How far a change of the containers' resources has come; empty if none is under way.",
    ),
    resourceClaimStatuses: optional(
      15,
      listMap(podResourceClaimStatus, ["name"], { mergeKey: "name", strategy: "merge,retainKeys" }),
      "The claims that were made for the pod's resource claims.",
    ),
    hostIPs: optional(
      16,
      list(hostIP, { listType: "atomic", mergeKey: "ip", strategy: "merge" }),
      "The node's addresses, the first equal to hostIP.",
    ),
  },
);
export interface PodStatus extends Infer<typeof podStatus> {}
