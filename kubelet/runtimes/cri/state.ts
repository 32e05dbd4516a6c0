// What a CRI runtime reports, as the kubelet reads it. Pure.

import type { GivenResources, PodIdentity, RuntimeContainer, RuntimeSandbox } from "../runtime.ts";
import type { Received } from "./schema.ts";
import { annotations, labels } from "./spec.ts";

type Texts = Readonly<Record<string, string>>;

const NANOSECONDS_PER_MS = 1_000_000;
const toMs = (nanoseconds: number) => Math.floor(nanoseconds / NANOSECONDS_PER_MS);

export function readPod(metadata: Received<"PodSandboxMetadata"> | null): PodIdentity {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "", uid: metadata?.uid ?? "" };
}

export const readPodLabels = (of: Texts): PodIdentity => ({
  namespace: of[labels.podNamespace] ?? "",
  name: of[labels.podName] ?? "",
  uid: of[labels.podUid] ?? "",
});

export function readSandbox(listed: Received<"PodSandbox">, ip: string | undefined): RuntimeSandbox {
  return {
    id: listed.id,
    ...(ip ? { ip } : {}),
    attempt: listed.metadata?.attempt ?? 0,
    running: listed.state === "SANDBOX_READY",
    createdAtMs: toMs(listed.createdAt),
    labels: withoutOwn(listed.annotations),
  };
}

export function readContainer(
  listed: Received<"Container">,
  { status, info }: Received<"ContainerStatusResponse">,
): RuntimeContainer {
  const given = readGiven(status, info);
  return {
    id: listed.id,
    sandboxId: listed.podSandboxId,
    name: listed.metadata?.name ?? "",
    attempt: listed.metadata?.attempt ?? 0,
    createdAtMs: toMs(listed.createdAt),
    image: listed.annotations[annotations.image] ?? "",
    imageId: status?.imageRef || listed.imageRef,
    labels: withoutOwn(listed.annotations),
    ...(given && { given }),
    ...(status ? readState(status) : { state: "created" as const }),
  };
}

type State = Pick<
  RuntimeContainer,
  "state" | "startedAtMs" | "finishedAtMs" | "exitCode" | "oomKilled" | "reason" | "message"
>;

const OOM_KILLED = "OOMKilled";
const START_ERROR = "StartError";

function readState(status: Received<"ContainerStatus">): State {
  switch (status.state) {
    case "CONTAINER_CREATED":
      return { state: "created" };
    case "CONTAINER_RUNNING":
      return { state: "running", startedAtMs: toMs(status.startedAt) };
    // Unknown is what the runtime lost track of, such as in a reboot: it does not run.
    case "CONTAINER_UNKNOWN":
    case "CONTAINER_EXITED":
      return {
        state: "exited",
        startedAtMs: toMs(status.startedAt || status.createdAt),
        finishedAtMs: toMs(status.finishedAt || status.startedAt || status.createdAt),
        exitCode: status.exitCode,
        oomKilled: status.reason === OOM_KILLED,
        ...(status.reason === START_ERROR && { reason: START_ERROR, message: status.message }),
      };
  }
}

/** Newer runtimes tell what a container has; containerd 1.6 only shows the specification that the kernel was given. */
function readGiven(status: Received<"ContainerStatus"> | null, info: Texts): GivenResources | undefined {
  const told = status?.resources?.linux;
  if (!told) return readSpecified(info);
  return {
    cpuShares: told.cpuShares,
    cpuMillisLimit: millisOf(told.cpuQuota, told.cpuPeriod),
    memoryBytesLimit: Math.max(0, told.memoryLimitInBytes),
  };
}

function readSpecified(info: Texts): GivenResources | undefined {
  const resources = readSpecification(info)?.linux?.resources;
  if (!resources) return undefined;
  const { cpu = {}, memory = {} } = resources;
  return {
    cpuShares: cpu.shares ?? 0,
    cpuMillisLimit: millisOf(cpu.quota ?? 0, cpu.period ?? 0),
    memoryBytesLimit: Math.max(0, memory.limit ?? 0),
  };
}

const millisOf = (quota: number, period: number) => (quota > 0 && period > 0 ? Math.round((quota * 1000) / period) : 0);

interface Specification {
  readonly linux?: {
    readonly resources?: {
      readonly cpu?: { readonly shares?: number; readonly quota?: number; readonly period?: number };
      readonly memory?: { readonly limit?: number };
    };
  };
}

function readSpecification({ info }: Texts): Specification | undefined {
  if (!info) return undefined;
  return (JSON.parse(info) as { readonly runtimeSpec?: Specification | null }).runtimeSpec ?? undefined;
}

/** The labels of the spec. */
function withoutOwn(all: Texts): Texts {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !/^(gantry|io\.kubernetes)\./.test(name)));
}
