// A runtime that runs nothing: containers "run" for as long as a program description says, on the given clock. For scale
// tests (thousands of pods are cheap), for the simulator, and as the counterpart in tests of the kubelet.

import { sleep, type Clock } from "../../lib/clock.ts";
import { unlessAborted, untilAborted } from "./abort.ts";
import { ChangeFeed } from "./change-feed.ts";
import { FakeImages } from "./fake-images.ts";
import { FakeUsage } from "./fake-usage.ts";
import { formatLogTime, renderLogLine, selectLogLines, splitLogLines, type LogLine } from "./log-line.ts";
import { asGiven } from "./given-resources.ts";
import { groupPods } from "./pod-list.ts";
import { RuntimeError } from "./runtime-error.ts";
import type {
  ContainerId,
  ContainerLimits,
  ContainerResources,
  ContainerRuntime,
  ContainerSpec,
  LogOptions,
  PodIdentity,
  ProcessStreams,
  RuntimeChange,
  RuntimeContainer,
  RuntimePod,
  RuntimeSandbox,
  Sandbox,
  SandboxId,
  SandboxSpec,
  StartedContainer,
} from "./runtime.ts";

export interface FakeRuntimeOptions {
  readonly clock: Clock;
  /** How long each step takes; 0 unless given. */
  readonly delaysMs?: { readonly sandbox?: number; readonly start?: number; readonly pull?: number };
  /** What a container does; one that runs until it is stopped unless given. */
  readonly program?: (spec: ContainerSpec, pod: PodIdentity) => FakeProgram;
  /** The error that a call is to fail with, if any; asked before the call takes effect. */
  readonly fail?: (call: FakeCall, pod: PodIdentity) => Error | undefined;
  /** The images that can be pulled; all unless given. */
  readonly pullable?: readonly string[];
  /** The images that are there from the start; all that can be pulled unless given. */
  readonly present?: readonly string[];
  /** The address of the n-th sandbox; 10.244.0.2 and up unless given. */
  readonly address?: (index: number) => string;
}

export type FakeCall =
  "createSandbox" | "removeSandbox" | "startContainer" | "stopContainer" | "removeContainer" | "setLimits";

/** What a container of the fake runtime does. */
export interface FakeProgram {
  /** Ends by itself after so long; runs until it is stopped unless given. */
  readonly runsMs?: number;
  /** Of a program that ends by itself; 0 unless given. */
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  /** Ends so long after it was asked to; at once unless given. Longer than the grace period means killed. */
  readonly stopsMs?: number;
  /** When it ends in time after it was asked to; 143 (as without a handler for SIGTERM) unless given. */
  readonly stopExitCode?: number;
  /** Cannot be started, for this reason. */
  readonly startError?: string;
  /** What it writes when it starts, to standard output and then to standard error. */
  readonly output?: string;
  readonly errors?: string;
  /** What a command in the container does; ends with 0 unless given. */
  readonly exec?: (command: readonly string[], input: string) => FakeExecResult;
}

export interface FakeExecResult {
  readonly code: number;
  readonly output?: string;
  readonly errors?: string;
}

interface FakeSandbox {
  readonly pod: PodIdentity;
  state: RuntimeSandbox;
}

interface FakeContainer {
  readonly pod: PodIdentity;
  readonly program: FakeProgram;
  readonly log: readonly LogLine[];
  state: RuntimeContainer;
  /** Cancels the timer of a program that ends by itself. */
  cancelEnd: () => void;
  /** Those who wait for its end. */
  readonly ended: Set<() => void>;
}

const defaultAddress = (index: number) => `10.244.${(index + 2) >> 8}.${(index + 2) & 255}`;

export class FakeRuntime implements ContainerRuntime {
  readonly name = "fake";
  readonly sharesFiles = true;
  readonly version = "1.0.0";
  readonly images: FakeImages;
  readonly usage: FakeUsage;
  readonly limits: ContainerLimits = { set: (id, resources, signal) => this.#setLimits(id, resources, signal) };
  readonly #options: FakeRuntimeOptions;
  readonly #clock: Clock;
  readonly #feed = new ChangeFeed();
  readonly #sandboxes = new Map<SandboxId, FakeSandbox>();
  readonly #containers = new Map<ContainerId, FakeContainer>();
  #sandboxesMade = 0;

  constructor(options: FakeRuntimeOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.usage = new FakeUsage(options.clock, (id) => this.#containers.get(id)?.state.state === "running");
    this.images = new FakeImages(options.clock, { ...options, pullMs: options.delaysMs?.pull });
  }

  list(signal: AbortSignal): Promise<RuntimePod[]> {
    return unlessAborted(signal, () => groupPods([...this.#sandboxes.values()], [...this.#containers.values()]));
  }

  watch(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    return this.#feed.watch(signal);
  }

  async createSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    const { pod, attempt, labels = {} } = spec;
    await this.#begin({ call: "createSandbox", pod, delayMs: this.#options.delaysMs?.sandbox, signal });
    const id = `${pod.uid}-${attempt}`;
    const existing = this.#sandboxes.get(id);
    if (existing) return existing.state;
    const ip = (this.#options.address ?? defaultAddress)(this.#sandboxesMade++);
    const state = { id, attempt, running: true, createdAtMs: this.#clock.now(), labels };
    this.#sandboxes.set(id, { pod, state: spec.hostNetwork ? state : { ...state, ip } });
    this.#feed.publish(pod.uid);
    return spec.hostNetwork ? { id } : { id, ip };
  }

  async removeSandbox(id: SandboxId, signal: AbortSignal): Promise<void> {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) return;
    await this.#begin({ call: "removeSandbox", pod: sandbox.pod, signal });
    for (const container of [...this.#containers.values()].filter(({ state }) => state.sandboxId === id)) {
      this.#drop(container);
    }
    this.#sandboxes.delete(id);
    this.#feed.publish(sandbox.pod.uid);
  }

  async startContainer(sandboxId: SandboxId, spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox) throw new RuntimeError("NotFound", `sandbox ${sandboxId} does not exist`);
    await this.#begin({ call: "startContainer", pod: sandbox.pod, delayMs: this.#options.delaysMs?.start, signal });
    const id = `${sandboxId}-${spec.name}-${spec.attempt}`;
    if (this.#containers.has(id)) return { id, warnings: [] };
    if (!sandbox.state.running) throw new RuntimeError("CreateContainerError", `sandbox ${sandboxId} is not running`);
    if (!this.images.has(spec.image)) throw new RuntimeError("CreateContainerError", `no such image: ${spec.image}`);
    const container = this.#add(id, sandbox, spec);
    this.#feed.publish(sandbox.pod.uid);
    if (container.program.startError !== undefined) throw new RuntimeError("StartError", container.program.startError);
    return { id, warnings: [] };
  }

  async stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(id);
    if (!container || container.state.state === "exited") return;
    await this.#begin({ call: "stopContainer", pod: container.pod, signal });
    const { stopsMs = 0, stopExitCode = 143 } = container.program;
    const killed = stopsMs > graceSeconds * 1000;
    const waitMs = killed ? graceSeconds * 1000 : stopsMs;
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
    this.#end(container, { exitCode: killed ? 137 : stopExitCode });
  }

  async #setLimits(id: ContainerId, resources: ContainerResources, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(id);
    if (container?.state.state !== "running") return;
    await this.#begin({ call: "setLimits", pod: container.pod, signal });
    container.state = { ...container.state, given: asGiven(resources) };
    this.#feed.publish(container.pod.uid);
  }

  async removeContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    const container = this.#containers.get(id);
    if (!container) return;
    await this.#begin({ call: "removeContainer", pod: container.pod, signal });
    this.#drop(container);
    this.#feed.publish(container.pod.uid);
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<Uint8Array> {
    const container = this.#mustFind(id);
    yield* selectLogLines(container.log, options).map((line) => renderLogLine(line, options));
    if (options.follow) await this.#waitForEnd(container, options.signal);
  }

  async exec(id: ContainerId, command: readonly string[], streams: ProcessStreams): Promise<number> {
    const container = this.#mustFind(id);
    if (container.state.state !== "running") throw new RuntimeError("NotFound", `container ${id} is not running`);
    const input: Uint8Array[] = [];
    for await (const chunk of streams.stdin ?? []) input.push(chunk);
    streams.signal.throwIfAborted();
    const result = container.program.exec?.(command, Buffer.concat(input).toString()) ?? { code: 0 };
    if (result.output !== undefined) await streams.stdout?.(Buffer.from(result.output));
    if (result.errors !== undefined) await streams.stderr?.(Buffer.from(result.errors));
    return result.code;
  }

  /** Echoes what it is sent, and stays until the container ends if it is sent nothing. */
  async attach(id: ContainerId, streams: ProcessStreams): Promise<void> {
    const container = this.#mustFind(id);
    if (!streams.stdin) return this.#waitForEnd(container, streams.signal);
    for await (const chunk of streams.stdin) await streams.stdout?.(chunk);
  }

  /** For tests: the container's program ends now. */
  exit(id: ContainerId, exitCode: number): void {
    this.#end(this.#mustFind(id), { exitCode });
  }

  /** For tests: the sandbox dies, and its containers with it. */
  killSandbox(id: SandboxId): void {
    const sandbox = this.#sandboxes.get(id);
    if (!sandbox) throw new RuntimeError("NotFound", `sandbox ${id} does not exist`);
    sandbox.state = { ...sandbox.state, running: false };
    for (const container of this.#containers.values()) {
      if (container.state.sandboxId === id) this.#end(container, { exitCode: 137 });
    }
    this.#feed.publish(sandbox.pod.uid);
  }

  /** The beginning of every call that changes something: it may take time and may be told to fail. */
  async #begin(step: { call: FakeCall; pod: PodIdentity; delayMs?: number; signal: AbortSignal }): Promise<void> {
    step.signal.throwIfAborted();
    if (step.delayMs) await sleep(this.#clock, step.delayMs, step.signal);
    const error = this.#options.fail?.(step.call, step.pod);
    if (error) throw error;
  }

  #add(id: ContainerId, sandbox: FakeSandbox, spec: ContainerSpec): FakeContainer {
    const program = this.#options.program?.(spec, sandbox.pod) ?? {};
    const now = this.#clock.now();
    const time = formatLogTime(now);
    const running = program.startError === undefined;
    const container: FakeContainer = {
      pod: sandbox.pod,
      program,
      log: [
        ...splitLogLines(program.output ?? "", { time, stream: "stdout" }),
        ...splitLogLines(program.errors ?? "", { time, stream: "stderr" }),
      ],
      state: {
        id,
        sandboxId: sandbox.state.id,
        name: spec.name,
        attempt: spec.attempt,
        createdAtMs: now,
        image: spec.image,
        imageId: `fake:${spec.image}`,
        labels: spec.labels ?? {},
        given: asGiven(spec.resources ?? {}),
        ...(running
          ? { state: "running", startedAtMs: now }
          : { state: "exited", finishedAtMs: now, exitCode: 128, reason: "StartError", message: program.startError }),
      },
      cancelEnd: () => undefined,
      ended: new Set(),
    };
    this.#containers.set(id, container);
    if (running && program.runsMs !== undefined) {
      const { exitCode = 0, oomKilled } = program;
      container.cancelEnd = this.#clock.setTimer(program.runsMs, () => this.#end(container, { exitCode, oomKilled }));
    }
    return container;
  }

  #drop(container: FakeContainer): void {
    this.#end(container, { exitCode: 137 });
    this.#containers.delete(container.state.id);
    this.usage.forget(container.state.id);
  }

  #end(container: FakeContainer, how: { exitCode: number; oomKilled?: boolean }): void {
    if (container.state.state !== "running") return;
    container.cancelEnd();
    container.state = { ...container.state, ...how, state: "exited", finishedAtMs: this.#clock.now() };
    for (const tell of container.ended) tell();
    this.#feed.publish(container.pod.uid);
  }

  #waitForEnd(container: FakeContainer, signal: AbortSignal): Promise<void> {
    if (container.state.state === "exited") return Promise.resolve();
    let tell: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (tell = resolve));
    container.ended.add(tell);
    return untilAborted(signal, ended).finally(() => container.ended.delete(tell));
  }

  #mustFind(id: ContainerId): FakeContainer {
    const container = this.#containers.get(id);
    if (!container) throw new RuntimeError("NotFound", `container ${id} does not exist`);
    return container;
  }
}
