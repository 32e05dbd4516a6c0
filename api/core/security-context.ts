// HEADER

import { type Infer, boolean, int64, list, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const capabilities = object("io.k8s.api.core.v1.Capabilities", "", {
  add: optional(1, list(string(), { listType: "atomic" }), ""),
  drop: optional(2, list(string(), { listType: "atomic" }), ""),
});
export interface Capabilities extends Infer<typeof capabilities> {}

export const seLinuxOptions = object("io.k8s.api.core.v1.SELinuxOptions", "", {
  user: optional(1, string(), ""),
  role: optional(2, string(), ""),
  type: optional(3, string(), ""),
  level: optional(4, string(), ""),
});
export interface SELinuxOptions extends Infer<typeof seLinuxOptions> {}

export const windowsSecurityContextOptions = object("io.k8s.api.core.v1.WindowsSecurityContextOptions", "", {
  gmsaCredentialSpecName: optional(1, string(), ""),
  gmsaCredentialSpec: optional(2, string(), ""),
  runAsUserName: optional(3, string(), ""),
  hostProcess: optional(4, boolean(), ""),
});
export interface WindowsSecurityContextOptions extends Infer<typeof windowsSecurityContextOptions> {}

export const seccompProfile = object("io.k8s.api.core.v1.SeccompProfile", "", {
  type: required(1, oneOf("Unconfined", "RuntimeDefault", "Localhost"), ""),
  localhostProfile: optional(2, string(), ""),
});
export interface SeccompProfile extends Infer<typeof seccompProfile> {}

export const appArmorProfile = object("io.k8s.api.core.v1.AppArmorProfile", "", {
  type: required(1, oneOf("Unconfined", "RuntimeDefault", "Localhost"), ""),
  localhostProfile: optional(2, string(), ""),
});
export interface AppArmorProfile extends Infer<typeof appArmorProfile> {}

export const securityContext = object("io.k8s.api.core.v1.SecurityContext", "", {
  capabilities: optional(1, capabilities, ""),
  privileged: optional(2, boolean(), ""),
  seLinuxOptions: optional(3, seLinuxOptions, ""),
  runAsUser: optional(4, int64(), ""),
  runAsNonRoot: optional(5, boolean(), ""),
  readOnlyRootFilesystem: optional(6, boolean(), ""),
  allowPrivilegeEscalation: optional(7, boolean(), ""),
  runAsGroup: optional(8, int64(), ""),
  procMount: optional(9, oneOf("Default", "Unmasked"), ""),
  windowsOptions: optional(10, windowsSecurityContextOptions, ""),
  seccompProfile: optional(11, seccompProfile, ""),
  appArmorProfile: optional(12, appArmorProfile, ""),
});
export interface SecurityContext extends Infer<typeof securityContext> {}

export const sysctl = object("io.k8s.api.core.v1.Sysctl", "", {
  name: required(1, string(), ""),
  value: required(2, string(), ""),
});
export interface Sysctl extends Infer<typeof sysctl> {}

export const podSecurityContext = object("io.k8s.api.core.v1.PodSecurityContext", "", {
  seLinuxOptions: optional(1, seLinuxOptions, ""),
  runAsUser: optional(2, int64(), ""),
  runAsNonRoot: optional(3, boolean(), ""),
  supplementalGroups: optional(4, list(int64(), { listType: "atomic" }), ""),
  fsGroup: optional(5, int64(), ""),
  runAsGroup: optional(6, int64(), ""),
  sysctls: optional(7, list(sysctl, { listType: "atomic" }), ""),
  windowsOptions: optional(8, windowsSecurityContextOptions, ""),
  fsGroupChangePolicy: optional(9, oneOf("OnRootMismatch", "Always"), ""),
  seccompProfile: optional(10, seccompProfile, ""),
  appArmorProfile: optional(11, appArmorProfile, ""),
  supplementalGroupsPolicy: optional(12, oneOf("Merge", "Strict"), ""),
  seLinuxChangePolicy: optional(13, oneOf("Recursive", "MountOption"), ""),
});
export interface PodSecurityContext extends Infer<typeof podSecurityContext> {}
