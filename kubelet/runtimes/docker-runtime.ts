// Pods as Docker containers. All state is Docker's: containers carry labels that say which pod, cluster and node they belong
// to, so that a restarted kubelet finds them again, and clusters and nodes share a Docker Engine without seeing each other.

import { sleep, type Clock } from "../../lib/clock.ts";
import { deepEqual } from "../../lib/deep-equal.ts";
import type { Log } from "../../lib/log.ts";
import { withDeadline, type Deadline } from "./abort.ts";
import { ignoring, isStatus, type ContainerDetails, type DockerEngine, type EngineRequest } from "./docker-engine.ts";
import { watchDocker } from "./docker-events.ts";
import { DockerImages } from "./docker-images.ts";
import { DockerInventory } from "./docker-inventory.ts";
import { ensurePodNetwork, type PodNetwork } from "./docker-network.ts";
import { OomScoreProbe } from "./docker-oom-score.ts";
import {
  buildContainer,
  buildContainerName,
  buildSandbox,
  buildUpdate,
  labels,
  SANDBOX_NAME,
  type NodeScope,
} from "./docker-spec.ts";
import { readAddress, readGiven, readPod } from "./docker-state.ts";
import { carryStreams, readOutput } from "./docker-streams.ts";
import { DockerUsage } from "./docker-usage.ts";
import { asGiven } from "./given-resources.ts";
import { Limiter } from "./limiter.ts";
import { ensurePauseImage } from "./pause-image.ts";
import { RuntimeError, type RuntimeFailure } from "./runtime-error.ts";
import type {
  ContainerId,
  ContainerLimits,
  ContainerResources,
  ContainerRuntime,
  ContainerSpec,
  LogOptions,
  ProcessStreams,
  RuntimeChange,
  RuntimePod,
  Sandbox,
  SandboxId,
  SandboxSpec,
  StartedContainer,
} from "./runtime.ts";

export interface DockerRuntimeOptions extends NodeScope {
  readonly network: PodNetwork;
  readonly clock: Clock;
  readonly log: Log;
}

/** Creations and starts that Docker works on at a time: more make each one slower and none earlier. */
const IN_FLIGHT_MAX = 8;
/** After so long without an answer, Docker is taken to hang, and the call fails. Reading is quick even under load. */
const LIST_MAX_MS = 20_000;
const ANSWER_MAX_MS = 120_000;
/** How long it is until a command whose streams have ended is asked for again, first and at most. */
const EXEC_CHECK_MS = 5;
const EXEC_CHECK_MAX_MS = 500;
/** Of a container's log: the newest one to two of these are kept. */
const LOG_BOUNDS = { bytesMax: 10 * 1024 * 1024, filesMax: 2 };

export class DockerRuntime implements ContainerRuntime {
  readonly name = "docker";
  readonly version: string;
  readonly images: DockerImages;
  readonly usage: DockerUsage;
  readonly limits: ContainerLimits = { set: (id, resources, signal) => this.#setLimits(id, resources, signal) };
  readonly #engine: DockerEngine;
  readonly #options: DockerRuntimeOptions;
  readonly #inventory: DockerInventory;
  readonly #oomScore: OomScoreProbe;
  readonly #limiter = new Limiter(IN_FLIGHT_MAX);
  /** Set while what every sandbox needs is known to be there. */
  #prepared: Promise<void> | undefined;

  constructor(engine: DockerEngine, version: string, options: DockerRuntimeOptions) {
    this.version = version;
    this.images = new DockerImages(engine);
    this.usage = new DockerUsage(engine, options.clock);
    this.#engine = engine;
    this.#options = options;
    this.#inventory = new DockerInventory(engine, options);
    this.#oomScore = new OomScoreProbe(engine, options);
  }

  list(signal: AbortSignal): Promise<RuntimePod[]> {
    return this.#inTime({ signal, deadlineMs: LIST_MAX_MS }, (until) => this.#inventory.list(until));
  }

  watch(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    return watchDocker(this.#engine, { ...this.#options, inventory: this.#inventory }, signal);
  }

  createSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    const name = buildContainerName({ ...spec, name: SANDBOX_NAME });
    const body = buildSandbox(spec, this.#options, this.#options.network.name);
    return this.#start(signal, async (until) => {
      await this.#prepare();
      const details = await this.#createOnce({ name, body, failure: "CreatePodSandboxError" }, until);
      if (details.State.Status !== "created") return asSandbox(details);
      await this.#startCreated(details, "CreatePodSandboxError", until);
      return asSandbox(await this.#mustInspect(details.Id, until));
    });
  }

  removeSandbox(id: SandboxId, signal: AbortSignal): Promise<void> {
    return this.#start(signal, async (until) => {
      const containers = await this.#inventory.find([`${labels.sandbox}=${id}`], until);
      await Promise.all(containers.map(({ Id }) => this.#remove(Id, until)));
      await this.#remove(id, until);
    });
  }

  async startContainer(sandboxId: SandboxId, spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    const allowed = await this.#oomScore.adapt(spec, signal);
    return this.#start(signal, async (until) => {
      const sandbox = await this.#mustInspect(sandboxId, until);
      const pod = readPod(sandbox.Config.Labels);
      const target = { id: sandboxId, pod, labels: sandbox.Config.Labels };
      const body = buildContainer(allowed, target, { scope: this.#options, log: LOG_BOUNDS });
      const name = buildContainerName({ name: spec.name, attempt: spec.attempt, pod });
      const details = await this.#createOnce({ name, body, failure: "CreateContainerError" }, until);
      const isNew = details.State.Status === "created" && details.State.Error === "";
      if (isNew) await this.#startCreated(details, "StartError", until);
      return { id: details.Id, warnings: [] };
    });
  }

  async #setLimits(id: ContainerId, resources: ContainerResources, signal: AbortSignal): Promise<void> {
    const request = { method: "POST", path: `/containers/${id}/update`, body: buildUpdate(resources) } as const;
    await this.#start(signal, (until) => ignoring([404, 409], this.#engine.call({ ...request, signal: until })));
    this.#inventory.forget(id);
    const details = await this.#inventory.inspect(id, signal);
    // A kernel without such control groups makes Docker leave it out without a word.
    if (details?.State.Status !== "running" || deepEqual(readGiven(details), asGiven(resources))) return;
    throw new Error("the limits cannot be changed: Docker did not take them");
  }

  async stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const deadlineMs = ANSWER_MAX_MS + graceSeconds * 1000;
    const stop = { method: "POST", path: `/containers/${id}/stop`, query: { t: graceSeconds }, isLong: true } as const;
    await this.#inTime({ signal, deadlineMs }, (until) =>
      ignoring([304, 404], this.#engine.call({ ...stop, signal: until })),
    );
  }

  removeContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    return this.#start(signal, (until) => this.#remove(id, until));
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<Uint8Array> {
    const { signal, follow = false, tailLines, sinceMs, timestamps = false } = options;
    const details = await this.#mustInspect(id, signal);
    const query = {
      stdout: true,
      stderr: true,
      follow,
      timestamps,
      tail: tailLines ?? "all",
      since: sinceMs === undefined ? undefined : (sinceMs / 1000).toFixed(3),
    };
    const body = await this.#engine.stream({ method: "GET", path: `/containers/${id}/logs`, query, signal });
    for await (const { data } of readOutput(body, { tty: details.Config.Tty, signal })) yield data;
  }

  async exec(id: ContainerId, command: readonly string[], streams: ProcessStreams): Promise<number> {
    const { signal, tty = false } = streams;
    const body = {
      Cmd: command,
      Tty: tty,
      AttachStdin: streams.stdin !== undefined,
      AttachStdout: streams.stdout !== undefined,
      AttachStderr: streams.stderr !== undefined,
    };
    const path = `/containers/${id}/exec`;
    const created = await this.#running(id, this.#engine.call({ method: "POST", path, body, signal }));
    const exec = `/exec/${(created as { Id: string }).Id}`;
    const start: EngineRequest = { method: "POST", path: `${exec}/start`, body: { Detach: false, Tty: tty }, signal };
    await this.#carry({ start, resize: `${exec}/resize` }, streams);
    return this.#exitCode(`${exec}/json`, signal);
  }

  /** A busy Docker ends the streams of a command before it knows how the command has ended, and has nothing to wait on. */
  async #exitCode(path: string, signal: AbortSignal): Promise<number> {
    for (let delayMs = EXEC_CHECK_MS; ; delayMs = Math.min(2 * delayMs, EXEC_CHECK_MAX_MS)) {
      const answer = await this.#engine.call({ method: "GET", path, signal });
      const { Running, ExitCode } = answer as { readonly Running: boolean; readonly ExitCode: number | null };
      if (!Running) return ExitCode ?? 0;
      await sleep(this.#options.clock, delayMs, signal);
    }
  }

  async attach(id: ContainerId, streams: ProcessStreams): Promise<void> {
    const details = await this.#mustInspect(id, streams.signal);
    const query = { stream: true, stdin: streams.stdin !== undefined, stdout: true, stderr: true };
    const start: EngineRequest = {
      method: "POST",
      path: `/containers/${id}/attach`,
      query,
      signal: streams.signal,
    };
    await this.#running(
      id,
      this.#carry({ start, resize: `/containers/${id}/resize` }, { ...streams, tty: details.Config.Tty }),
    );
  }

  async #carry(paths: { start: EngineRequest; resize: string }, streams: ProcessStreams): Promise<void> {
    const connection = await this.#engine.connect(paths.start);
    const resizing = streams.resize && this.#resize(paths.resize, streams);
    await Promise.race([carryStreams(connection, streams), resizing ?? new Promise(() => undefined)]);
  }

  /** Never resolves: the sizes may come for longer than the program runs. Rejects on nothing but an abort. */
  async #resize(path: string, { resize, signal }: ProcessStreams): Promise<never> {
    for await (const { columns, rows } of resize ?? []) {
      // The program may have ended, or not begun: its terminal then has no size to be set.
      await ignoring([404, 409, 500], this.#post(path, signal, { w: columns, h: rows }));
    }
    return new Promise(() => undefined);
  }

  /** Creates the container, or finds the one that was created under this name before. */
  async #createOnce(
    creation: { name: string; body: object; failure: RuntimeFailure },
    signal: AbortSignal,
  ): Promise<ContainerDetails> {
    const { name, body, failure } = creation;
    try {
      await this.#engine.call({ method: "POST", path: "/containers/create", query: { name }, body, signal });
    } catch (error) {
      // What every sandbox needs may have been removed meanwhile: the next try makes it anew.
      if (isStatus(error, 404)) this.#prepared = undefined;
      if (!isStatus(error, 409))
        throw isStatus(error, 400, 404, 500) ? new RuntimeError(failure, error.message) : error;
    }
    return this.#mustInspect(name, signal);
  }

  async #startCreated(details: ContainerDetails, failure: RuntimeFailure, signal: AbortSignal): Promise<void> {
    try {
      await this.#inventory.whileStarting(details, () => this.#post(`/containers/${details.Id}/start`, signal));
    } catch (error) {
      throw isStatus(error, 400, 404, 409, 500) ? new RuntimeError(failure, error.message) : error;
    }
  }

  async #remove(id: string, signal: AbortSignal): Promise<void> {
    const query = { force: true, v: true };
    try {
      await this.#engine.call({ method: "DELETE", path: `/containers/${id}`, query, signal });
    } catch (error) {
      // 409: another call removes it already, so that there is nothing to do but wait.
      if (isStatus(error, 409)) await this.#post(`/containers/${id}/wait`, signal, { condition: "removed" });
      else if (!isStatus(error, 404)) throw error;
    }
  }

  /** Makes the network and the sandboxes' image where they are missing; once, not for every sandbox. */
  #prepare(): Promise<void> {
    const { signal } = new AbortController();
    const { network, cluster, clock } = this.#options;
    this.#prepared ??= Promise.all([
      ensurePodNetwork(this.#engine, { ...network, cluster, clock }, signal),
      ensurePauseImage(this.#engine, this.images, signal),
    ]).then(
      () => undefined,
      (error: unknown) => {
        this.#prepared = undefined;
        throw error;
      },
    );
    return this.#prepared;
  }

  async #mustInspect(idOrName: string, signal: AbortSignal): Promise<ContainerDetails> {
    const details = await this.#inventory.inspect(idOrName, signal);
    if (!details) throw new RuntimeError("NotFound", `container ${idOrName} does not exist`);
    return details;
  }

  /** Docker refuses what needs a running container with 409, and an unknown one with 404. */
  async #running<T>(id: ContainerId, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw isStatus(error, 404, 409) ? new RuntimeError("NotFound", `container ${id} is not running`) : error;
    }
  }

  /** "Not there" and "nothing to change" are success. */
  async #post(path: string, signal: AbortSignal, query?: Readonly<Record<string, unknown>>): Promise<void> {
    await ignoring([304, 404], this.#engine.call({ method: "POST", path, query, signal }));
  }

  #start<T>(signal: AbortSignal, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    return this.#limiter.run(signal, () => this.#inTime({ signal, deadlineMs: ANSWER_MAX_MS }, work));
  }

  #inTime<T>(bounds: Omit<Deadline, "clock">, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline({ clock: this.#options.clock, ...bounds }, work);
  }
}

function asSandbox(details: ContainerDetails): Sandbox {
  const ip = readAddress(details);
  return ip ? { id: details.Id, ip } : { id: details.Id };
}
