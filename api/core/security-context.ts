// Security settings of pods and containers.

import {
  type Infer,
  boolean,
  int64,
  lenient,
  list,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const capabilities = object(
  "io.k8s.api.core.v1.Capabilities",
  "Rights of the kernel that a container gets or loses.",
  {
    add: optional(1, list(string(), { listType: "atomic" }), "Rights that are added."),
    drop: optional(2, list(string(), { listType: "atomic" }), "Rights that are taken away."),
  },
);
export interface Capabilities extends Infer<typeof capabilities> {}

export const seLinuxOptions = object("io.k8s.api.core.v1.SELinuxOptions", "An SELinux label.", {
  user: optional(1, string(), "The user part of the label."),
  role: optional(2, string(), "The role part of the label."),
  type: optional(3, string(), "The type part of the label."),
  level: optional(4, string(), "The level part of the label."),
});
export interface SELinuxOptions extends Infer<typeof seLinuxOptions> {}

export const windowsSecurityContextOptions = object(
  "io.k8s.api.core.v1.WindowsSecurityContextOptions",
  "Security settings on Windows.",
  {
    gmsaCredentialSpecName: optional(1, string(), "The name of the group managed service account's credential."),
    gmsaCredentialSpec: optional(2, string(), "The credential itself, filled in by a webhook."),
    runAsUserName: optional(3, string(), "The user that the program runs as."),
    hostProcess: optional(
      4,
      boolean(),
      "If true, the container runs on the host itself. All containers of a pod must agree.",
    ),
  },
);
export interface WindowsSecurityContextOptions extends Infer<typeof windowsSecurityContextOptions> {}

export const seccompProfile = object("io.k8s.api.core.v1.SeccompProfile", "Says which system calls are allowed.", {
  type: required(
    1,
    oneOf("Unconfined", "RuntimeDefault", "Localhost"),
    "RuntimeDefault, Unconfined, or Localhost for a profile on the node.",
  ),
  localhostProfile: optional(
    2,
    string(),
    "The path of the profile on the node, below the kubelet's seccomp directory. Only for Localhost.",
  ),
});
export interface SeccompProfile extends Infer<typeof seccompProfile> {}

export const appArmorProfile = object("io.k8s.api.core.v1.AppArmorProfile", "Says which AppArmor profile is used.", {
  type: required(
    1,
    oneOf("Unconfined", "RuntimeDefault", "Localhost"),
    "RuntimeDefault, Unconfined, or Localhost for a profile on the node.",
  ),
  localhostProfile: optional(2, string(), "The name of the profile on the node. Only for Localhost."),
});
export interface AppArmorProfile extends Infer<typeof appArmorProfile> {}

export const securityContext = object(
  "io.k8s.api.core.v1.SecurityContext",
  "Security settings of a container. Where the pod sets the same, the container's take precedence.",
  {
    capabilities: optional(1, capabilities, "Rights of the kernel that are added or taken away."),
    privileged: optional(2, boolean(), "If true, the container has all the rights of root on the node."),
    seLinuxOptions: optional(3, seLinuxOptions, "The SELinux label of the container."),
    runAsUser: optional(4, int64(), "The user id that the program runs as; the image's unless given."),
    runAsNonRoot: optional(5, boolean(), "If true, a container that would run as root is not started."),
    readOnlyRootFilesystem: optional(6, boolean(), "If true, the container cannot write to its own file system."),
    allowPrivilegeEscalation: optional(
      7,
      boolean(),
      "Whether the program can gain more rights than it started with. Always so for privileged containers.",
    ),
    runAsGroup: optional(8, int64(), "The group id that the program runs as; the runtime's default unless given."),
    procMount: optional(9, oneOf("Default", "Unmasked"), "What of /proc is hidden: Default or Unmasked."),
    windowsOptions: optional(10, windowsSecurityContextOptions, "Settings for Windows."),
    seccompProfile: optional(11, seccompProfile, "The system calls that are allowed."),
    appArmorProfile: optional(12, appArmorProfile, "The AppArmor profile that the container runs under."),
  },
);
export interface SecurityContext extends Infer<typeof securityContext> {}

export const sysctl = object("io.k8s.api.core.v1.Sysctl", "A parameter of the kernel.", {
  name: required(1, string(), "The name of the parameter."),
  value: lenient(required(2, string(), "The value that it is set to.")),
});
export interface Sysctl extends Infer<typeof sysctl> {}

export const podSecurityContext = object(
  "io.k8s.api.core.v1.PodSecurityContext",
  "Security settings of a pod, and defaults for its containers.",
  {
    seLinuxOptions: optional(1, seLinuxOptions, "The SELinux label of the containers."),
    runAsUser: optional(2, int64(), "The user id that the programs run as; the images' unless given."),
    runAsNonRoot: optional(3, boolean(), "If true, a container that would run as root is not started."),
    supplementalGroups: optional(
      4,
      list(int64(), { listType: "atomic" }),
      "Further groups that the programs belong to.",
    ),
    fsGroup: optional(
      5,
      int64(),
      "A group that owns the pod's volumes, where they support it, and that all programs belong to.",
    ),
    runAsGroup: optional(6, int64(), "The group id that the programs run as; the runtime's default unless given."),
    sysctls: optional(7, list(sysctl, { listType: "atomic" }), "Parameters of the kernel that are set for the pod."),
    windowsOptions: optional(8, windowsSecurityContextOptions, "Settings for Windows."),
    fsGroupChangePolicy: optional(
      9,
      oneOf("OnRootMismatch", "Always"),
      "When the ownership of a volume's files is changed: Always (the default) or OnRootMismatch.",
    ),
    seccompProfile: optional(10, seccompProfile, "The system calls that are allowed."),
    appArmorProfile: optional(11, appArmorProfile, "The AppArmor profile that the containers run under."),
    supplementalGroupsPolicy: optional(
      12,
      oneOf("Merge", "Strict"),
      "Whether the groups named in the image count too: Merge (the default) or Strict.",
    ),
    seLinuxChangePolicy: optional(
      13,
      oneOf("Recursive", "MountOption"),
      "How volumes get the containers' SELinux label: Recursive or MountOption.",
    ),
  },
);
export interface PodSecurityContext extends Infer<typeof podSecurityContext> {}
