// What the runtime is told about a pod's sandbox. Pure.

import type { Pod } from "../api/core/pod.ts";
import { dottedSysctl } from "./admission/allowed-sysctls.ts";
import { kernelHostname } from "./pod-hostname.ts";
import type { DnsSpec, PortMapping, SandboxSpec } from "./runtimes/runtime.ts";
import { StepError } from "./step-error.ts";

export interface SandboxInputs {
  /** How many sandboxes the pod has had before. */
  readonly attempt: number;
  /** As the node resolves names, where undefined. */
  readonly dns: DnsSpec | undefined;
  readonly clusterDomain: string;
  /** What the pod's RuntimeClass calls the runtime; "" for the node's default. */
  readonly runtimeHandler: string;
}

/** Throws StepError for what this node cannot do. */
export function buildSandboxSpec(pod: Pod, inputs: SandboxInputs): SandboxSpec {
  const { attempt, dns, clusterDomain, runtimeHandler } = inputs;
  const { spec } = pod;
  const { namespace = "", name, uid } = pod.metadata;
  if (spec.hostUsers === false && !spec.hostNetwork) throw refuseOwnUsers(runtimeHandler);
  const sysctls = spec.securityContext?.sysctls ?? [];
  return {
    pod: { namespace, name, uid },
    attempt,
    hostname: kernelHostname(pod, clusterDomain),
    dns,
    hostAliases: spec.hostAliases?.map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
    hostNetwork: spec.hostNetwork,
    hostPid: spec.hostPID,
    hostIpc: spec.hostIPC,
    shareProcessNamespace: spec.shareProcessNamespace,
    portMappings: spec.hostNetwork ? [] : listPortMappings(spec),
    sysctls: Object.fromEntries(sysctls.map((sysctl) => [dottedSysctl(sysctl.name), sysctl.value])),
    ...(runtimeHandler && { runtimeHandler }),
  };
}

/** Users that are the pod's alone need a runtime that maps them for one pod; none of ours does. */
function refuseOwnUsers(handler: string): StepError {
  const who = handler ? `RuntimeClass handler ${JSON.stringify(handler)}` : "runtime";
  const message = `can't set \`spec.hostUsers: false\`, ${who} does not support user namespaces`;
  return new StepError("CreatePodSandboxError", message);
}

function listPortMappings({ containers, initContainers = [] }: Pod["spec"]): PortMapping[] {
  return [...initContainers, ...containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ protocol = "TCP", containerPort, hostPort, hostIP }) =>
      hostPort ? [{ protocol, containerPort, hostPort, ...(hostIP && { hostIp: hostIP }) }] : [],
    );
}
