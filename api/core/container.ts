// Container: one program of a pod with its image, ports, resources and mounts, and its form for debugging.

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

export const containerPort = object("io.k8s.api.core.v1.ContainerPort", "A port that a container listens on.", {
  name: optional(1, string(), "The name of the port, which services can refer to; unique in the pod."),
  hostPort: optional(
    2,
    int32(),
    "The port of the node that leads to it. Equal to containerPort where the pod uses the node's network.",
  ),
  containerPort: required(3, int32(), "The number of the port."),
  protocol: byDefault("TCP", optional(4, oneOf("TCP", "UDP", "SCTP"), "TCP, UDP or SCTP; TCP unless given.")),
  hostIP: optional(5, string(), "The node's address that the host's port is opened on; all unless given."),
});
export interface ContainerPort extends Infer<typeof containerPort> {}

export const resourceClaim = object("io.k8s.api.core.v1.ResourceClaim", "Names one of the pod's resource claims.", {
  name: required(1, string(), "The name of the entry in the pod's resourceClaims."),
  request: optional(2, string(), "The request within the claim that is meant; all unless given."),
});
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

export const resourceRequirements = object(
  "io.k8s.api.core.v1.ResourceRequirements",
  "What is requested and what it is limited to.",
  {
    limits: optional(1, map(quantity()), "The most that may be used of each resource."),
    requests: optional(
      2,
      map(quantity()),
      "The least that is needed of each resource; the node sets it aside. The limit where none is given.",
    ),
    claims: optional(3, listMap(resourceClaim, ["name"]), "The pod's resource claims that are used."),
  },
);
export interface ResourceRequirements extends Infer<typeof resourceRequirements> {}

export const volumeMount = object("io.k8s.api.core.v1.VolumeMount", "Puts a volume of the pod into a container.", {
  name: required(1, string(), "The name of the volume."),
  readOnly: optional(2, boolean(), "If true, the container cannot write to it."),
  mountPath: required(3, string(), "Where in the container it appears."),
  subPath: optional(4, string(), "A path within the volume that is mounted in place of its root."),
  mountPropagation: optional(
    5,
    oneOf("None", "HostToContainer", "Bidirectional"),
    "Whether later mounts pass between the node and the container: None (the default), HostToContainer or Bidirectional.",
  ),
  subPathExpr: optional(6, string(), "As subPath, with variables of the environment replaced."),
  recursiveReadOnly: optional(
    7,
    oneOf("Disabled", "IfPossible", "Enabled"),
    "For read-only mounts, whether mounts below are read-only too: Disabled (the default), IfPossible or Enabled.",
  ),
});
export interface VolumeMount extends Infer<typeof volumeMount> {}

export const volumeDevice = object(
  "io.k8s.api.core.v1.VolumeDevice",
  "Puts a block device of the pod into a container.",
  {
    name: required(1, string(), "The name of the volume, which must be a claim."),
    devicePath: required(2, string(), "Where in the container the device appears."),
  },
);
export interface VolumeDevice extends Infer<typeof volumeDevice> {}

export const containerResizePolicy = object(
  "io.k8s.api.core.v1.ContainerResizePolicy",
  "What happens to a container when one of its resources changes.",
  {
    resourceName: required(1, string(), "The resource: cpu or memory."),
    restartPolicy: required(2, oneOf("NotRequired", "RestartContainer"), "NotRequired or RestartContainer."),
  },
);
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
  object("io.k8s.api.core.v1.Container", "One container of a pod.", {
    name: required(1, string(), "The name of the container, unique in the pod. It cannot be changed."),
    image: optional(2, string(), "The image to run."),
    command: optional(
      3,
      list(string(), { listType: "atomic" }),
      "The program and its first arguments, in place of the image's entry point. $(NAME) is replaced by the variable's value; $$ stands for $.",
    ),
    args: optional(
      4,
      list(string(), { listType: "atomic" }),
      "The arguments, in place of the image's. Variables are replaced as in command.",
    ),
    workingDir: optional(5, string(), "The directory that the program starts in; the image's unless given."),
    ports: optional(
      6,
      listMap(containerPort, ["containerPort", "protocol"], { mergeKey: "containerPort", strategy: "merge" }),
      "Ports that the container listens on. A port that is not listed can be reached all the same.",
    ),
    env: optional(
      7,
      listMap(envVar, ["name"], { mergeKey: "name", strategy: "merge" }),
      "Variables of the container's environment.",
    ),
    resources: present(8, resourceRequirements, "What the container requests and is limited to."),
    volumeMounts: optional(
      9,
      listMap(volumeMount, ["mountPath"], { mergeKey: "mountPath", strategy: "merge" }),
      "The pod's volumes that the container sees, and where.",
    ),
    livenessProbe: optional(10, probe, "When it fails, the container is restarted."),
    readinessProbe: optional(11, probe, "While it fails, the container gets no traffic from services."),
    lifecycle: optional(12, lifecycle, "What is done when the container has started and before it is stopped."),
    terminationMessagePath: optional(
      13,
      string(),
      "The file in which the container leaves a last message; /dev/termination-log unless given.",
    ),
    imagePullPolicy: optional(
      14,
      oneOf("Always", "Never", "IfNotPresent"),
      "When the image is fetched: Always, IfNotPresent or Never. Always for images under the tag latest unless given, else IfNotPresent.",
    ),
    securityContext: optional(
      15,
      securityContext,
      "Security settings of the container. They take precedence over the pod's.",
    ),
    stdin: optional(
      16,
      boolean(),
      "Whether the container keeps an open standard input; otherwise reading from it ends at once.",
    ),
    stdinOnce: optional(17, boolean(), "Whether standard input is closed for good after the first client has gone."),
    tty: optional(18, boolean(), "Whether the container gets a terminal. Needs stdin."),
    envFrom: optional(
      19,
      list(envFromSource, { listType: "atomic" }),
      "Config maps and secrets whose entries become variables. env takes precedence over them.",
    ),
    terminationMessagePolicy: optional(
      20,
      oneOf("File", "FallbackToLogsOnError"),
      "Where the last message is taken from: File, or FallbackToLogsOnError, which takes the end of the log if the file is empty and the container failed.",
    ),
    volumeDevices: optional(
      21,
      listMap(volumeDevice, ["devicePath"], { mergeKey: "devicePath", strategy: "merge" }),
      "The pod's block devices that the container sees, and where.",
    ),
    startupProbe: optional(
      22,
      probe,
      "Until it succeeds, the other probes do not run. When it fails, the container is restarted.",
    ),
    resizePolicy: optional(
      23,
      list(containerResizePolicy, { listType: "atomic" }),
      "Whether the container is restarted when its resources change.",
    ),
    restartPolicy: optional(
      24,
      oneOf("Always"),
      "For init containers only: Always makes it a sidecar, which keeps running beside the pod's containers.",
    ),
  }),
  completeContainer,
);
export interface Container extends Infer<typeof container> {}

export const ephemeralContainerCommon = object(
  "io.k8s.api.core.v1.EphemeralContainerCommon",
  "What an ephemeral container has in common with other containers.",
  container.fields,
);
export interface EphemeralContainerCommon extends Infer<typeof ephemeralContainerCommon> {}

export const ephemeralContainer = completed(
  object(
    "io.k8s.api.core.v1.EphemeralContainer",
    "A container that is added to a running pod for debugging. It is never restarted, and nothing is guaranteed to it.",
    {
      ...inlined(1, ephemeralContainerCommon),
      targetContainerName: optional(
        2,
        string(),
        "The container of the pod whose processes it sees; the pod's own unless given.",
      ),
    },
  ),
  completeContainer,
);
export interface EphemeralContainer extends Infer<typeof ephemeralContainer> {}
