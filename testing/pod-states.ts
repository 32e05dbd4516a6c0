// Builders of what the kubelet's decisions are made from: one pod `web` with one container `main`, at one moment.

import type { Container } from "../api/core/container.ts";
import type { Pod, PodSpec } from "../api/core/pod.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import type { PodPlan, PodState, Step, StepKey } from "../kubelet/pod-state.ts";
import { restartDelayLabels } from "../kubelet/restart-delay.ts";
import type { RuntimeContainer, RuntimePod, RuntimeSandbox } from "../kubelet/runtimes/runtime.ts";

export const NOW = Date.UTC(2026, 0, 1, 12);
export const SECOND = 1000;

export const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: "app:1",
  resources: {},
  ...more,
});

export const podOf = (
  spec: Partial<PodSpec> = {},
  more: { metadata?: Partial<Pod["metadata"]>; status?: PodStatus } = {},
): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    namespace: "default",
    name: "web",
    uid: "u1",
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T11:00:00Z",
    ...more.metadata,
  },
  spec: { restartPolicy: "Always", terminationGracePeriodSeconds: 30, containers: [container("main")], ...spec },
  status: more.status ?? {},
});

export const sandbox = (attempt = 0, running = true): RuntimeSandbox => ({
  id: `s${attempt}`,
  ip: "10.244.0.2",
  attempt,
  running,
  createdAtMs: NOW - 60 * SECOND,
  labels: {},
});

export const running = (name: string, more: Partial<RuntimeContainer> = {}): RuntimeContainer => ({
  id: `${name}-${more.attempt ?? 0}`,
  sandboxId: "s0",
  name,
  attempt: 0,
  state: "running",
  createdAtMs: NOW - 30 * SECOND,
  startedAtMs: NOW - 30 * SECOND,
  image: "app:1",
  imageId: "sha256:1",
  labels: {},
  ...more,
});

export const exited = (name: string, exitCode: number, more: Partial<RuntimeContainer> = {}): RuntimeContainer =>
  running(name, { state: "exited", exitCode, finishedAtMs: NOW - 5 * SECOND, ...more });

export const runtimeOf = (containers: readonly RuntimeContainer[], sandboxes = [sandbox()]): RuntimePod => ({
  pod: { namespace: "default", name: "web", uid: "u1" },
  sandboxes,
  containers,
});

export const stateOf = (pod: Pod, more: Partial<PodState> = {}): PodState => ({
  pod,
  gone: false,
  runtime: undefined,
  probes: new Map(),
  steps: new Map(),
  failures: new Map(),
  volumes: "current",
  terminationMessages: new Map(),
  node: { hostIPs: ["192.168.0.1"], runtimeName: "fake" },
  nowMs: NOW,
  ...more,
});

export const failure = (reason: string, failedForMs: number, retryInMs: number) => ({
  reason,
  message: "no such thing",
  failedForMs,
  retryInMs,
});

export const deleted = (graceSeconds = 30): Partial<Pod["metadata"]> => ({
  deletionTimestamp: new Date(NOW + graceSeconds * SECOND).toISOString(),
  deletionGracePeriodSeconds: graceSeconds,
});

export const never = { restartPolicy: "Never" } as const;
export const onFailure = { restartPolicy: "OnFailure" } as const;
export const two = { containers: [container("main"), container("side")] };
export const init = { initContainers: [container("init-a"), container("init-b")] };
export const sidecar = { initContainers: [container("proxy", { restartPolicy: "Always" })] };
export const initDone = exited("init-a", 0);
export const probed = (kind: "liveness" | "startup") => ({ containers: [container("main", { [`${kind}Probe`]: {} })] });
export const delayed = (ms: number) => ({ labels: restartDelayLabels(ms) });

/** The steps in short: `start-container main 0`, `stop-container main 30`, `create-sandbox 0` … and `cancel KEY`. */
export function render({ steps, cancel }: PodPlan): string[] {
  return [...steps.map(renderStep), ...cancel.map((key) => `cancel ${key}`)];
}

export function renderStep(step: Step): string {
  switch (step.kind) {
    case "create-sandbox":
      return `${step.kind} ${step.attempt}`;
    case "start-container":
      return `${step.kind} ${step.container.name} ${step.attempt}`;
    case "stop-container":
      return `${step.kind} ${step.running.name} ${step.graceSeconds}`;
    case "resize-container":
      return `${step.kind} ${step.container.name}`;
    case "remove-container":
    case "remove-sandbox":
      return `${step.kind} ${step.id}`;
    case "set-up-volumes":
    case "remove-volumes":
    case "finish":
      return step.kind;
  }
}

export const inProgress = (...steps: readonly Step[]): ReadonlyMap<StepKey, Step> =>
  new Map(steps.map((step) => [step.key, step]));

export const starting = (name: string): Step => ({
  kind: "start-container",
  key: `container/${name}`,
  sandboxId: "s0",
  container: container(name),
  role: "main",
  attempt: 0,
  restartDelayMs: 0,
});

export const stopping = (name: string, graceSeconds: number): Step => ({
  kind: "stop-container",
  key: `container/${name}`,
  running: running(name),
  container: container(name),
  role: "main",
  graceSeconds,
  message: "",
});
