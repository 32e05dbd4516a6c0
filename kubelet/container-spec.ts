// What the runtime is told about a container, from the pod's spec. Pure; values that have to be looked up are passed in.

import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import { milliValue, parseQuantity, quantityValue } from "../api/meta/quantity.ts";
import type {
  AppArmorProfile,
  PodSecurityContext,
  SeccompProfile,
  SELinuxOptions,
} from "../api/core/security-context.ts";
import { definedFields } from "../api/meta/defined-fields.ts";
import { expandVariables } from "./expand-variables.ts";
import type { SecurityModule } from "./node-status.ts";
import type { StartStep } from "./pod-state.ts";
import { restartDelayLabels } from "./restart-delay.ts";
import type { RuntimeImage } from "./runtimes/image-store.ts";
import type { ContainerResources, ContainerSecurity, ContainerSpec, Mount } from "./runtimes/runtime.ts";
import { configError } from "./step-error.ts";

export interface ContainerInputs {
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  /** The user that the image names. */
  readonly imageUser?: string;
  /** The text of the seccomp profile of the node that the container asks for. */
  readonly seccompProfile?: string;
  /** For a container that looks into another's processes. */
  readonly processesOf?: string;
  /** How many processes and threads a container may have; -1 for as many as the node. */
  readonly pidsMax: number;
  /** Of the node: what a burstable container's memory request is measured against. */
  readonly memoryBytes: number;
}

export function buildContainerSpec(pod: Pod, step: StartStep, inputs: ContainerInputs): ContainerSpec {
  const { container, attempt, restartDelayMs } = step;
  const { environment, mounts, processesOf, memoryBytes, pidsMax } = inputs;
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
    resources: { ...buildResources(pod, container, memoryBytes), ...(pidsMax > 0 && { pidsLimit: pidsMax }) },
    security: buildSecurity(pod, container, inputs),
    tty: container.tty,
    stdin: container.stdin,
    stdinOnce: container.stdinOnce,
    ...(processesOf && { processesOf }),
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
export function buildSecurity(
  pod: Pod,
  container: Container,
  { imageUser = "", seccompProfile }: Pick<ContainerInputs, "imageUser" | "seccompProfile"> = {},
): ContainerSecurity {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const { runAsUser, runAsGroup, appArmorProfile, seLinuxOptions } = { ...shared, ...definedFields(own) };
  // A group alone leaves the user to the image.
  const [imageUserName] = runAsGroup === undefined ? [] : imageUser.split(":");
  return {
    user: runAsUser ?? (imageUserName || undefined),
    group: runAsGroup,
    ...buildGroups(shared),
    privileged: own.privileged,
    addCapabilities: own.capabilities?.add,
    dropCapabilities: own.capabilities?.drop,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem,
    ...(own.allowPrivilegeEscalation === false && { noNewPrivileges: true }),
    seccomp: buildSeccomp(seccompOf(pod, container), seccompProfile),
    ...buildLabels(appArmorProfile, seLinuxOptions),
  };
}

export const seccompOf = ({ spec }: Pod, { securityContext }: Container): SeccompProfile | undefined =>
  securityContext?.seccompProfile ?? spec.securityContext?.seccompProfile;

function buildSeccomp(profile: SeccompProfile | undefined, text = ""): ContainerSecurity["seccomp"] {
  switch (profile?.type) {
    case "Localhost":
      return { profile: text };
    case "RuntimeDefault":
      return "RuntimeDefault";
    default:
      return profile && "Unconfined";
  }
}

function buildGroups({ supplementalGroups = [], fsGroup }: PodSecurityContext): Partial<ContainerSecurity> {
  const groups = fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup];
  return groups.length > 0 ? { supplementalGroups: groups } : {};
}

function buildLabels(
  appArmor: AppArmorProfile | undefined,
  seLinux: SELinuxOptions | undefined,
): Pick<ContainerSecurity, "appArmor" | "seLinux"> {
  const profile = appArmor?.type === "Unconfined" ? "unconfined" : appArmor?.localhostProfile;
  return { ...(profile && { appArmor: profile }), ...(seLinux && { seLinux: definedFields(seLinux) }) };
}

/** Sentences for events on the pod: what it asks for and this node does not have, and runs without as Kubernetes does. */
export function describeIgnored(pod: Pod, container: Container, modules: readonly SecurityModule[]): string[] {
  const contexts = [pod.spec.securityContext, container.securityContext];
  const asks = (field: "seLinuxOptions" | "windowsOptions") => contexts.some((context) => context?.[field]);
  const who = `container "${container.name}"`;
  return [
    ...(asks("seLinuxOptions") && !modules.includes("selinux")
      ? [`${who} has seLinuxOptions, which have no effect: SELinux is not enabled on this node`]
      : []),
    ...(asks("windowsOptions") ? [`${who} has windowsOptions, which have no effect: this node runs Linux`] : []),
  ];
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
