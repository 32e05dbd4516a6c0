// Rules for what of a pod's spec depends on the operating system and on what the pod shares with its node, from Kubernetes'
// pod validation.

import type { Container } from "./container.ts";
import type { PodSpec } from "./pod.ts";
import type { PodSecurityContext, SecurityContext } from "./security-context.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { forbiddenField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validatePlatform(spec: PodSpec, path: string): Errors {
  return [
    ...validateSystem(spec, path),
    ...validateHostProcess(spec, path),
    ...validateHostSysctls(spec, path),
    ...eachContainer(spec, path, ({ securityContext }, at) => {
      const isUnmasked = securityContext?.procMount === "Unmasked" && spec.hostUsers !== false;
      const problem = "`hostUsers` must be false to use `Unmasked`";
      return when(isUnmasked, invalidField(`${at}.securityContext.procMount`, "Unmasked", problem));
    }),
  ];
}

function eachContainer(
  spec: PodSpec,
  path: string,
  check: (container: Pick<Container, "securityContext">, at: string) => Errors,
): Errors {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((field) =>
    eachItem<Pick<Container, "securityContext">>(spec[field], `${path}.${field}`, check),
  );
}

const NOT_WINDOWS_POD = ["hostPID", "hostIPC", "hostUsers", "shareProcessNamespace"] as const;
const NOT_WINDOWS_CONTEXT: readonly (keyof PodSecurityContext)[] = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
];
const NOT_WINDOWS_CONTAINER: readonly (keyof SecurityContext)[] = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
];

function validateSystem(spec: PodSpec, path: string): Errors {
  if (spec.os?.name === "linux") {
    const detail = "windows options cannot be set for a linux pod";
    const judge = (context: Pick<SecurityContext, "windowsOptions"> | undefined, at: string) =>
      when(context?.windowsOptions, forbiddenField(`${at}.securityContext.windowsOptions`, detail));
    return [
      ...judge(spec.securityContext, path),
      ...eachContainer(spec, path, ({ securityContext }, at) => judge(securityContext, at)),
    ];
  }
  if (spec.os?.name !== "windows") return [];
  const forbid = <T extends object>(object: T | undefined, fields: readonly (keyof T)[], at: string) =>
    fields.flatMap((field) =>
      when(object?.[field] !== undefined, forbiddenField(`${at}.${String(field)}`, "cannot be set for a windows pod")),
    );
  return [
    ...forbid(spec, NOT_WINDOWS_POD, path),
    ...forbid(spec.securityContext, NOT_WINDOWS_CONTEXT, `${path}.securityContext`),
    ...eachContainer(spec, path, ({ securityContext }, at) =>
      forbid(securityContext, NOT_WINDOWS_CONTAINER, `${at}.securityContext`),
    ),
  ];
}

/** What runs on the node itself uses the node's network; a pod does so as a whole or not at all. */
function validateHostProcess(spec: PodSpec, path: string): Errors {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const count = all.filter(({ securityContext }) => securityContext?.windowsOptions?.hostProcess ?? ofPod).length;
  if (count === 0) return [];
  const mixed = "If pod contains any hostProcess containers then all containers must be HostProcess containers";
  const noNetwork = "hostNetwork must be true if pod contains any hostProcess containers";
  return [
    ...when(count < all.length, invalidField(path, "", mixed)),
    ...when(!spec.hostNetwork, invalidField(`${path}.hostNetwork`, spec.hostNetwork ?? false, noNetwork)),
  ];
}

const IPC_SYSCTLS = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."];

/** A pod that shares a namespace of the kernel with its node would set the node's own parameters. */
function validateHostSysctls({ securityContext, hostNetwork, hostIPC }: PodSpec, path: string): Errors {
  return eachItem(securityContext?.sysctls, `${path}.securityContext.sysctls`, ({ name = "" }, at) => {
    const dotted = name.replaceAll("/", ".");
    const isIpc = IPC_SYSCTLS.some((prefix) => dotted.startsWith(prefix));
    const problem = (field: string) => invalidField(`${at}.name`, name, `may not be specified when '${field}' is true`);
    return [
      ...when(hostNetwork && dotted.startsWith("net."), problem("hostNetwork")),
      ...when(hostIPC && isIpc, problem("hostIPC")),
    ];
  });
}
