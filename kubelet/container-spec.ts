// What the runtime is told about a container, from the pod's spec. Pure; values that have to be looked up are passed in.

import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import { milliValue, parseQuantity, quantityValue } from "../api/meta/quantity.ts";
import { expandVariables } from "./expand-variables.ts";
import type { StartStep } from "./pod-state.ts";
import { restartDelayLabels } from "./restart-delay.ts";
import type { RuntimeImage } from "./runtimes/image-store.ts";
import type { ContainerResources, ContainerSecurity, ContainerSpec, Mount } from "./runtimes/runtime.ts";
import { configError } from "./step-error.ts";

export interface ContainerInputs {
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  /** Of the node: what a burstable container's memory request is measured against. */
  readonly memoryBytes: number;
}

export function buildContainerSpec(pod: Pod, step: StartStep, inputs: ContainerInputs): ContainerSpec {
  const { container, attempt, restartDelayMs } = step;
  const { environment, mounts, memoryBytes } = inputs;
  const expand = (texts: readonly string[] | undefined) => texts?.map((text) => expandVariables(text, environment));
  return {
    name: container.name,
    attempt,
    image: container.image ?? "",
    command: expand(container.command),
    args: expand(container.args),
    env: [...environment].map(([name, value]) => ({ name, value })),
    workingDir: container.workingDir,
    mounts,
    resources: buildResources(pod, container, memoryBytes),
    security: buildSecurity(pod, container),
    tty: container.tty,
    stdin: container.stdin,
    stdinOnce: container.stdinOnce,
    labels: restartDelayLabels(restartDelayMs),
  };
}

export function buildResources(pod: Pod, container: Container, memoryBytes: number): ContainerResources {
  const requestBytes = bytesOf(container.resources.requests?.memory) ?? 0;
  return { ...buildLimits(container), oomScoreAdj: oomScoreAdj(pod, requestBytes, memoryBytes) };
}

/** What can be changed while the container runs. */
export function buildLimits({ resources }: Container): ContainerResources {
  const { limits = {}, requests = {} } = resources;
  return {
    cpuMillisRequest: millisOf(requests.cpu),
    cpuMillisLimit: millisOf(limits.cpu),
    memoryBytesLimit: bytesOf(limits.memory),
  };
}

/** 0 is none. */
const millisOf = (text: string | undefined) => (text && milliValue(parseQuantity(text))) || undefined;
const bytesOf = (text: string | undefined) => (text && quantityValue(parseQuantity(text))) || undefined;

/** Kubernetes' rule: guaranteed pods go last, best-effort ones first, others by the share of memory that they asked for. */
function oomScoreAdj({ status }: Pod, requestBytes: number, memoryBytes: number): number {
  if (status.qosClass === "Guaranteed") return -997;
  if (status.qosClass === "BestEffort") return 1000;
  return Math.min(999, Math.max(3, Math.floor(1000 - (1000 * requestBytes) / memoryBytes)));
}

/** What the container says wins over what the pod says. */
export function buildSecurity({ spec }: Pod, { securityContext: own = {} }: Container): ContainerSecurity {
  const shared = spec.securityContext ?? {};
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  return {
    user: own.runAsUser ?? shared.runAsUser,
    group: own.runAsGroup ?? shared.runAsGroup,
    ...(groups.length > 0 && { supplementalGroups: groups }),
    privileged: own.privileged,
    addCapabilities: own.capabilities?.add,
    dropCapabilities: own.capabilities?.drop,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem,
    ...(own.allowPrivilegeEscalation === false && { noNewPrivileges: true }),
    seccomp: buildSeccomp(own.seccompProfile ?? shared.seccompProfile),
  };
}

function buildSeccomp(
  profile: { readonly type: string; readonly localhostProfile?: string } | undefined,
): ContainerSecurity["seccomp"] {
  switch (profile?.type) {
    case "Localhost":
      return { profile: profile.localhostProfile ?? "" };
    case "RuntimeDefault":
      return "RuntimeDefault";
    default:
      return profile && "Unconfined";
  }
}

/** Throws StepError CreateContainerConfigError when runAsNonRoot is asked for and would be broken. */
export function verifyNonRoot(pod: Pod, container: Container, image: Pick<RuntimeImage, "user">): void {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if (!(own.runAsNonRoot ?? shared.runAsNonRoot)) return;
  const user = own.runAsUser ?? shared.runAsUser;
  const { name, namespace, uid } = pod.metadata;
  const who = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  const complaint = complainAboutUser(user, image.user);
  if (complaint) throw configError(`${complaint} ${who}`);
}

function complainAboutUser(user: number | undefined, ofImage = ""): string | undefined {
  if (user === 0) return "container's runAsUser breaks non-root policy";
  if (user !== undefined) return undefined;
  const [name = ""] = ofImage.split(":");
  if (name === "" || Number(name) === 0) return "container has runAsNonRoot and image will run as root";
  if (/^\d+$/.test(name)) return undefined;
  return `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root`;
}
