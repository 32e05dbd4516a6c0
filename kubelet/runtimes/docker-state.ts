// What Docker reports, as the kubelet reads it. Pure.

import { labels, SANDBOX_NAME } from "./docker-spec.ts";
import type { ContainerDetails, ContainerSummary } from "./docker-engine.ts";
import type { GivenResources, PodIdentity, RuntimeContainer, RuntimeSandbox } from "./runtime.ts";

type Labels = Readonly<Record<string, string>>;

export function readPod(from: Labels): PodIdentity {
  return {
    namespace: from[labels.podNamespace] ?? "",
    name: from[labels.podName] ?? "",
    uid: from[labels.podUid] ?? "",
  };
}

export function isSandbox(summary: ContainerSummary): boolean {
  return summary.Labels[labels.container] === SANDBOX_NAME;
}

export function readSandbox(summary: ContainerSummary, details: ContainerDetails): RuntimeSandbox {
  const ip = readAddress(details);
  return {
    id: summary.Id,
    ...(ip ? { ip } : {}),
    attempt: readAttempt(summary),
    running: details.State.Status === "running",
    createdAtMs: summary.Created * 1000,
    labels: readCustomLabels(summary),
  };
}

/** Empty in the node's network. */
export function readAddress(details: ContainerDetails): string | undefined {
  return Object.values(details.NetworkSettings.Networks).find(({ IPAddress }) => IPAddress !== "")?.IPAddress;
}

export function readContainer(summary: ContainerSummary, details: ContainerDetails): RuntimeContainer {
  return {
    id: summary.Id,
    sandboxId: summary.Labels[labels.sandbox] ?? "",
    name: summary.Labels[labels.container] ?? "",
    attempt: readAttempt(summary),
    createdAtMs: summary.Created * 1000,
    image: summary.Labels[labels.image] ?? "",
    imageId: summary.ImageID,
    labels: readCustomLabels(summary),
    given: readGiven(details),
    ...readState(summary, details.State),
  };
}

/** A quota is per 100 ms, as docker-spec.ts asks for it. */
export function readGiven({ HostConfig = {} }: ContainerDetails): GivenResources {
  const { CpuShares = 0, CpuQuota = 0, Memory = 0 } = HostConfig;
  return { cpuShares: CpuShares, cpuMillisLimit: Math.max(0, CpuQuota) / 100, memoryBytesLimit: Memory };
}

type State = Pick<
  RuntimeContainer,
  "state" | "startedAtMs" | "finishedAtMs" | "exitCode" | "oomKilled" | "reason" | "message"
>;

function readState(summary: ContainerSummary, state: ContainerDetails["State"]): State {
  switch (state.Status) {
    case "created":
      // A start that failed leaves the container as created, with an error; one that is under way has none.
      return state.Error === "" ? { state: "created" } : failedStart(state.Error, summary.Created * 1000);
    case "exited":
    case "dead":
      return {
        state: "exited",
        startedAtMs: Date.parse(state.StartedAt),
        finishedAtMs: Date.parse(state.FinishedAt),
        exitCode: state.ExitCode,
        oomKilled: state.OOMKilled,
      };
    default:
      return { state: "running", startedAtMs: Date.parse(state.StartedAt) };
  }
}

function failedStart(message: string, atMs: number): State {
  return { state: "exited", startedAtMs: atMs, finishedAtMs: atMs, exitCode: 128, reason: "StartError", message };
}

function readAttempt(summary: ContainerSummary): number {
  return Number(summary.Labels[labels.attempt] ?? 0);
}

function readCustomLabels(summary: ContainerSummary): Labels {
  return JSON.parse(summary.Labels[labels.custom] ?? "{}") as Labels;
}
