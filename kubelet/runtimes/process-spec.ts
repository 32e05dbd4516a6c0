// What a container of the process runtime is run as, and what of its spec cannot be done for a plain process. Pure.

import type { ProcessImage } from "./process-images.ts";
import type { ContainerResources, ContainerSecurity, ContainerSpec, SandboxSpec } from "./runtime.ts";

export interface ProcessSpec {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/** What every process gets unless the image or the pod says otherwise. */
const BASE_ENV = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/" };

/** Paths that Kubernetes mounts into every container; their absence is told nowhere else either. */
const USUAL_MOUNTS = new Set([
  "/dev/termination-log",
  "/etc/hosts",
  "/etc/resolv.conf",
  "/var/run/secrets/kubernetes.io/serviceaccount",
]);

export interface ProcessPod {
  readonly hostname: string;
  readonly ip?: string;
}

/** As Kubernetes combines image and pod: `command` replaces the image's entry point, and its arguments with it. */
export function buildProcess(spec: ContainerSpec, image: ProcessImage, pod: ProcessPod): ProcessSpec {
  const entrypoint = spec.command?.length ? spec.command : (image.entrypoint ?? []);
  const args = spec.args?.length ? spec.args : spec.command?.length ? [] : (image.command ?? []);
  return {
    command: [...entrypoint, ...args].map((word) => image.files?.[word] ?? word),
    env: {
      ...BASE_ENV,
      HOSTNAME: pod.hostname,
      ...(pod.ip === undefined ? {} : { POD_IP: pod.ip }),
      ...image.env,
      ...Object.fromEntries(spec.mounts.map(({ hostPath, containerPath }) => [mountVariable(containerPath), hostPath])),
      ...Object.fromEntries(spec.env.map(({ name, value }) => [name, value])),
    },
    workingDir: spec.workingDir ?? image.workingDir ?? "/",
  };
}

/** The variable that says where a volume is, such as `MOUNT_ETC_CONFIG` for `/etc/config`. */
export function mountVariable(containerPath: string): string {
  return `MOUNT_${containerPath
    .replace(/^\/+|\/+$/g, "")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase()}`;
}

/** Sentences for an event on the pod. */
export function describeUnsupported(spec: ContainerSpec, sandbox: Omit<SandboxSpec, "pod" | "attempt">): string[] {
  const { resources = {}, security = {} } = spec;
  const volumes = spec.mounts
    .map(({ containerPath }) => containerPath)
    .filter((path) => !USUAL_MOUNTS.has(path))
    .map((path) => `its volume is not at ${path}, but where $${mountVariable(path)} says`);
  const unsupported: readonly (readonly [asked: boolean, said: string])[] = [
    [isLimited(resources), "its CPU and memory limits are not enforced"],
    [asksForSecurity(security), "its security context is ignored"],
    [spec.tty === true, "it gets no terminal"],
    [!sandbox.hostNetwork && (sandbox.portMappings ?? []).length > 0, "its host ports are not opened"],
    [(sandbox.hostAliases ?? []).length > 0, "its host aliases are ignored"],
    [Object.keys(sandbox.sysctls ?? {}).length > 0, "its sysctls are ignored"],
  ];
  const sentences = [...volumes, ...unsupported.filter(([asked]) => asked).map(([, said]) => said)];
  return sentences.map((sentence) => `container "${spec.name}" runs as a plain process: ${sentence}`);
}

function isLimited({ cpuMillisLimit, memoryBytesLimit }: ContainerResources): boolean {
  return [cpuMillisLimit, memoryBytesLimit].some(Boolean);
}

function asksForSecurity(security: ContainerSecurity): boolean {
  const { user, group, privileged, readOnlyRootFilesystem, addCapabilities, dropCapabilities, seccomp } = security;
  const flags = [privileged, readOnlyRootFilesystem, addCapabilities?.length, dropCapabilities?.length, seccomp];
  return user !== undefined || group !== undefined || flags.some(Boolean);
}
