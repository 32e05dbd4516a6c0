// HEADER

import { envFromSource, envVar } from "./env.ts";
import { imageTag } from "./image-reference.ts";
import { lifecycle, probe } from "./probe.ts";
import { securityContext } from "./security-context.ts";
import {
  type Infer,
  boolean,
  byDefault,
  completed,
  inlined,
  int32,
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

export const containerPort = object("io.k8s.api.core.v1.ContainerPort", "", {
  name: optional(1, string(), ""),
  hostPort: optional(2, int32(), ""),
  containerPort: required(3, int32(), ""),
  protocol: byDefault("TCP", optional(4, oneOf("TCP", "UDP", "SCTP"), "")),
  hostIP: optional(5, string(), ""),
});
export interface ContainerPort extends Infer<typeof containerPort> {}

export const resourceClaim = object("io.k8s.api.core.v1.ResourceClaim", "", {
  name: required(1, string(), ""),
  request: optional(2, string(), ""),
});
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

export const resourceRequirements = object("io.k8s.api.core.v1.ResourceRequirements", "", {
  limits: optional(1, map(quantity()), ""),
  requests: optional(2, map(quantity()), ""),
  claims: optional(3, listMap(resourceClaim, ["name"]), ""),
});
export interface ResourceRequirements extends Infer<typeof resourceRequirements> {}

export const volumeMount = object("io.k8s.api.core.v1.VolumeMount", "", {
  name: required(1, string(), ""),
  readOnly: optional(2, boolean(), ""),
  mountPath: required(3, string(), ""),
  subPath: optional(4, string(), ""),
  mountPropagation: optional(5, oneOf("None", "HostToContainer", "Bidirectional"), ""),
  subPathExpr: optional(6, string(), ""),
  recursiveReadOnly: optional(7, oneOf("Disabled", "IfPossible", "Enabled"), ""),
});
export interface VolumeMount extends Infer<typeof volumeMount> {}

export const volumeDevice = object("io.k8s.api.core.v1.VolumeDevice", "", {
  name: required(1, string(), ""),
  devicePath: required(2, string(), ""),
});
export interface VolumeDevice extends Infer<typeof volumeDevice> {}

export const containerResizePolicy = object("io.k8s.api.core.v1.ContainerResizePolicy", "", {
  resourceName: required(1, string(), ""),
  restartPolicy: required(2, oneOf("NotRequired", "RestartContainer"), ""),
});
export interface ContainerResizePolicy extends Infer<typeof containerResizePolicy> {}

interface CompletableContainer {
  image?: string;
  imagePullPolicy?: "Always" | "Never" | "IfNotPresent";
  terminationMessagePath?: string;
  terminationMessagePolicy?: "File" | "FallbackToLogsOnError";
}

/** An image under the tag `latest` may change at any time, so it is pulled at each start. */
function completeContainer(draft: CompletableContainer): void {
  draft.imagePullPolicy ||= imageTag(draft.image ?? "") === "latest" ? "Always" : "IfNotPresent";
  draft.terminationMessagePath ||= "/dev/termination-log";
  draft.terminationMessagePolicy ||= "File";
}

export const container = completed(
  object("io.k8s.api.core.v1.Container", "", {
    name: required(1, string(), ""),
    image: optional(2, string(), ""),
    command: optional(3, list(string(), { listType: "atomic" }), ""),
    args: optional(4, list(string(), { listType: "atomic" }), ""),
    workingDir: optional(5, string(), ""),
    ports: optional(
      6,
      listMap(containerPort, ["containerPort", "protocol"], { mergeKey: "containerPort", strategy: "merge" }),
      "",
    ),
    env: optional(7, listMap(envVar, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
    resources: present(8, resourceRequirements, ""),
    volumeMounts: optional(9, listMap(volumeMount, ["mountPath"], { mergeKey: "mountPath", strategy: "merge" }), ""),
    livenessProbe: optional(10, probe, ""),
    readinessProbe: optional(11, probe, ""),
    lifecycle: optional(12, lifecycle, ""),
    terminationMessagePath: optional(13, string(), ""),
    imagePullPolicy: optional(14, oneOf("Always", "Never", "IfNotPresent"), ""),
    securityContext: optional(15, securityContext, ""),
    stdin: optional(16, boolean(), ""),
    stdinOnce: optional(17, boolean(), ""),
    tty: optional(18, boolean(), ""),
    envFrom: optional(19, list(envFromSource, { listType: "atomic" }), ""),
    terminationMessagePolicy: optional(20, oneOf("File", "FallbackToLogsOnError"), ""),
    volumeDevices: optional(
      21,
      listMap(volumeDevice, ["devicePath"], { mergeKey: "devicePath", strategy: "merge" }),
      "",
    ),
    startupProbe: optional(22, probe, ""),
    resizePolicy: optional(23, list(containerResizePolicy, { listType: "atomic" }), ""),
    restartPolicy: optional(24, oneOf("Always"), ""),
  }),
  completeContainer,
);
export interface Container extends Infer<typeof container> {}

export const ephemeralContainerCommon = object("io.k8s.api.core.v1.EphemeralContainerCommon", "", {
  name: required(1, string(), ""),
  image: optional(2, string(), ""),
  command: optional(3, list(string(), { listType: "atomic" }), ""),
  args: optional(4, list(string(), { listType: "atomic" }), ""),
  workingDir: optional(5, string(), ""),
  ports: optional(
    6,
    listMap(containerPort, ["containerPort", "protocol"], { mergeKey: "containerPort", strategy: "merge" }),
    "",
  ),
  env: optional(7, listMap(envVar, ["name"], { mergeKey: "name", strategy: "merge" }), ""),
  resources: present(8, resourceRequirements, ""),
  volumeMounts: optional(9, listMap(volumeMount, ["mountPath"], { mergeKey: "mountPath", strategy: "merge" }), ""),
  livenessProbe: optional(10, probe, ""),
  readinessProbe: optional(11, probe, ""),
  lifecycle: optional(12, lifecycle, ""),
  terminationMessagePath: optional(13, string(), ""),
  imagePullPolicy: optional(14, oneOf("Always", "Never", "IfNotPresent"), ""),
  securityContext: optional(15, securityContext, ""),
  stdin: optional(16, boolean(), ""),
  stdinOnce: optional(17, boolean(), ""),
  tty: optional(18, boolean(), ""),
  envFrom: optional(19, list(envFromSource, { listType: "atomic" }), ""),
  terminationMessagePolicy: optional(20, oneOf("File", "FallbackToLogsOnError"), ""),
  volumeDevices: optional(21, listMap(volumeDevice, ["devicePath"], { mergeKey: "devicePath", strategy: "merge" }), ""),
  startupProbe: optional(22, probe, ""),
  resizePolicy: optional(23, list(containerResizePolicy, { listType: "atomic" }), ""),
  restartPolicy: optional(24, oneOf("Always"), ""),
});
export interface EphemeralContainerCommon extends Infer<typeof ephemeralContainerCommon> {}

export const ephemeralContainer = completed(
  object("io.k8s.api.core.v1.EphemeralContainer", "", {
    ...inlined(1, ephemeralContainerCommon),
    targetContainerName: optional(2, string(), ""),
  }),
  completeContainer,
);
export interface EphemeralContainer extends Infer<typeof ephemeralContainer> {}
