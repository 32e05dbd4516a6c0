// Pods in a container runtime that speaks the CRI. All state is the runtime's: what it holds carries labels that say which
// cluster and node it belongs to, so that a restarted kubelet finds it again. Only logs and hosts files are kept beside it.

import { sleep, type Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import { withDeadline, type Deadline } from "../abort.ts";
import { ChangeFeed } from "../change-feed.ts";
import { Limiter } from "../limiter.ts";
import { RuntimeError, type RuntimeFailure } from "../runtime-error.ts";
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
} from "../runtime.ts";
import { ChangePump } from "./changes.ts";
import { CriError, ignoringAbsent, type CriService } from "./cri-service.ts";
import type { CriImages } from "./images.ts";
import { CriInventory } from "./inventory.ts";
import { readLogs, rotateLogs, type LogParts } from "./logs.ts";
import { PodFiles } from "./pod-files.ts";
import type { Received } from "./schema.ts";
import { annotations, buildContainer, buildSandbox, buildUpdate, labels, readNotes, type NodeScope } from "./spec.ts";
import { readPod } from "./state.ts";
import { carryProcess, readExitCode } from "./streams.ts";
import { CriUsage } from "./usage.ts";

export interface CriRuntimeOptions extends NodeScope {
  readonly name: string;
  readonly version: string;
  /** Where logs and hosts files are kept; absolute, of this node alone. */
  readonly stateDirectory: string;
  readonly images: CriImages;
  readonly clock: Clock;
  readonly log: Log;
}

/** Creations and starts that the runtime works on at a time: more make each one slower and none earlier. */
const IN_FLIGHT_MAX = 8;
/** After so long without an answer, the runtime is taken to hang, and the call fails. Reading is quick even under load. */
const LIST_MAX_MS = 20_000;
const ANSWER_MAX_MS = 120_000;
/** Together some seconds, within which a killed program has ended. */
const REMOVAL_TRIES_MAX = 50;
const REMOVAL_PAUSE_MS = 100;

type SandboxStatus = Received<"PodSandboxStatus">;

export class CriRuntime implements ContainerRuntime {
  readonly name: string;
  readonly version: string;
  readonly images: CriImages;
  readonly usage: CriUsage;
  readonly limits: ContainerLimits = { set: (id, resources, signal) => this.#setLimits(id, resources, signal) };
  readonly #cri: CriService;
  readonly #options: CriRuntimeOptions;
  readonly #inventory: CriInventory;
  readonly #files: PodFiles;
  readonly #feed = new ChangeFeed();
  readonly #logParts: LogParts;
  readonly #pump: ChangePump;
  readonly #limiter = new Limiter(IN_FLIGHT_MAX);

  constructor(cri: CriService, options: CriRuntimeOptions) {
    this.name = options.name;
    this.version = options.version;
    this.images = options.images;
    this.#cri = cri;
    this.#options = options;
    this.#inventory = new CriInventory(cri, options);
    this.#files = new PodFiles(options.stateDirectory);
    this.usage = new CriUsage(cri, this.#inventory, options.clock);
    this.#logParts = { cri, inventory: this.#inventory, feed: this.#feed, clock: options.clock, log: options.log };
    this.#pump = new ChangePump(this.#logParts);
  }

  list(signal: AbortSignal): Promise<RuntimePod[]> {
    return this.#inTime({ signal, deadlineMs: LIST_MAX_MS }, (until) => this.#inventory.list(until));
  }

  async *watch(signal: AbortSignal): AsyncGenerator<RuntimeChange> {
    const ended = new AbortController();
    const rotating = rotateLogs(this.#logParts, AbortSignal.any([signal, ended.signal]));
    try {
      yield* this.#pump.watch(signal);
    } finally {
      ended.abort();
      await rotating;
    }
  }

  createSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    return this.#start(signal, async (until) => {
      const config = buildSandbox(spec, this.#options, this.#files.logDirectory(spec.pod));
      const request = { config, runtimeHandler: spec.runtimeHandler ?? "" };
      const id = await this.#once({
        create: async () => (await this.#cri.runtime("RunPodSandbox", request, until)).podSandboxId,
        find: () => this.#findSandbox(spec, until),
        failure: "CreatePodSandboxError",
      });
      this.#feed.publish(spec.pod.uid);
      const { network } = await this.#mustFindSandbox(id, until);
      return network?.ip ? { id, ip: network.ip } : { id };
    });
  }

  removeSandbox(id: SandboxId, signal: AbortSignal): Promise<void> {
    return this.#start(signal, async (until) => {
      const containers = await this.#inventory.find({ podSandboxId: id }, until);
      await Promise.all(containers.map((each) => this.#remove(each.id, until)));
      await ignoringAbsent(this.#cri.runtime("StopPodSandbox", { podSandboxId: id }, until));
      await ignoringAbsent(this.#cri.runtime("RemovePodSandbox", { podSandboxId: id }, until));
      await this.#files.removeSandbox(id);
      this.#feed.publish(this.#inventory.ownerOf(id)?.podUid);
    });
  }

  startContainer(sandboxId: SandboxId, spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    return this.#start(signal, async (until) => {
      const sandbox = await this.#mustFindSandbox(sandboxId, until);
      const request = buildContainer(spec, await this.#preparePlace(sandbox, spec, until));
      const id = await this.#once({
        create: async () => (await this.#cri.runtime("CreateContainer", request, until)).containerId,
        find: () => this.#findContainer(sandboxId, spec, until),
        failure: "CreateContainerError",
      });
      try {
        await this.#startCreated(id, until);
      } finally {
        this.#feed.publish(readPod(sandbox.metadata).uid);
      }
      return { id, warnings: spec.attempt === 0 ? describeUnsupported(spec) : [] };
    });
  }

  async stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const request = { containerId: id, timeout: graceSeconds };
    await this.#inTime({ signal, deadlineMs: ANSWER_MAX_MS + graceSeconds * 1000 }, (until) =>
      ignoringAbsent(this.#cri.runtime("StopContainer", request, until)),
    );
  }

  removeContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    return this.#start(signal, (until) => this.#remove(id, until));
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<Uint8Array> {
    const leave = options.follow ? this.#pump.join() : () => undefined;
    try {
      yield* readLogs(this.#logParts, id, options);
    } finally {
      leave();
    }
  }

  async exec(id: ContainerId, command: readonly string[], streams: ProcessStreams): Promise<number> {
    const { signal, tty = false, stdin, stdout, stderr } = streams;
    const request = {
      containerId: id,
      cmd: command,
      tty,
      stdin: stdin !== undefined,
      // One of the streams has to be there.
      stdout: true,
      stderr: stderr !== undefined && !tty,
    };
    const { url } = await this.#whileRunning(id, signal, this.#cri.runtime("Exec", request, signal));
    const ignore = () => Promise.resolve();
    const outcome = await carryProcess(url, { ...streams, stdout: stdout ?? ignore }, this.#options.clock);
    return readExitCode(outcome);
  }

  async attach(id: ContainerId, streams: ProcessStreams): Promise<void> {
    const { signal } = streams;
    const status = await this.#inventory.inspect(id, signal);
    const tty = status?.annotations[annotations.terminal] !== undefined;
    const request = { containerId: id, tty, stdin: streams.stdin !== undefined, stdout: true, stderr: !tty };
    const { url } = await this.#whileRunning(id, signal, this.#cri.runtime("Attach", request, signal));
    const ignore = () => Promise.resolve();
    const all = { stdout: ignore, ...(tty ? {} : { stderr: ignore }), ...streams, tty };
    const outcome = await carryProcess(url, all, this.#options.clock);
    if (outcome !== "") readExitCode(outcome);
  }

  async #setLimits(id: ContainerId, resources: ContainerResources, signal: AbortSignal): Promise<void> {
    await this.#start(signal, async (until) => {
      const status = await this.#inventory.inspect(id, until);
      if (status?.state !== "CONTAINER_RUNNING") return;
      const request = { containerId: id, linux: buildUpdate(resources) };
      await ignoringAbsent(this.#cri.runtime("UpdateContainerResources", request, until));
    });
    this.#inventory.forget(id);
    this.#feed.publish(this.#inventory.ownerOf(id)?.podUid);
  }

  /** Creates what has a name of its own, or finds what was created under this name before. */
  async #once(work: {
    create(): Promise<string>;
    find(): Promise<string | undefined>;
    readonly failure: RuntimeFailure;
  }): Promise<string> {
    try {
      return await work.create();
    } catch (error) {
      if (!(error instanceof CriError)) throw error;
      const existing = /is reserved for/.test(error.details) ? await work.find() : undefined;
      if (existing !== undefined) return existing;
      throw new RuntimeError(work.failure, error.message, { cause: error });
    }
  }

  async #findSandbox({ pod, attempt }: SandboxSpec, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.#inventory.findSandboxes({ [labels.podUid]: pod.uid }, signal);
    return found.find(({ metadata }) => metadata?.attempt === attempt)?.id;
  }

  async #findContainer(podSandboxId: string, spec: ContainerSpec, signal: AbortSignal): Promise<string | undefined> {
    const found = await this.#inventory.find({ podSandboxId }, signal);
    const isIt = (metadata: Received<"ContainerMetadata"> | null) =>
      metadata?.name === spec.name && metadata.attempt === spec.attempt;
    return found.find(({ metadata }) => isIt(metadata))?.id;
  }

  async #preparePlace(sandbox: SandboxStatus, spec: ContainerSpec, signal: AbortSignal) {
    const { security } = spec;
    const ip = sandbox.network?.ip;
    const needsUser = security?.group !== undefined && security.user === undefined;
    const image = needsUser ? await this.images.find(spec.image, signal) : undefined;
    const [hostsPath, seccompPath] = await Promise.all([
      this.#files.hosts(sandbox.id, { notes: readNotes(sandbox.annotations), ...(ip && { ip }) }),
      this.#files.seccompProfile(security),
    ]);
    return { sandbox, hostsPath, seccompPath, imageUser: { uid: image?.uid?.value, name: image?.username } };
  }

  async #startCreated(id: ContainerId, signal: AbortSignal): Promise<void> {
    const status = await this.#inventory.inspect(id, signal);
    if (status?.state !== "CONTAINER_CREATED") return;
    try {
      await this.#cri.runtime("StartContainer", { containerId: id }, signal);
    } catch (error) {
      throw error instanceof CriError ? new RuntimeError("StartError", error.details, { cause: error }) : error;
    }
  }

  async #remove(id: ContainerId, signal: AbortSignal): Promise<void> {
    const status = await this.#inventory.inspect(id, signal);
    if (!status) return;
    await this.#removeStopped(id, signal);
    await this.#files.removeLog(status.logPath);
    this.#feed.publish(this.#inventory.ownerOf(id)?.podUid);
  }

  /** Where it ends in the same moment, the runtime may take it for running for a while after it was stopped. */
  async #removeStopped(containerId: ContainerId, signal: AbortSignal): Promise<void> {
    for (let triesLeft = REMOVAL_TRIES_MAX; ; triesLeft -= 1) {
      await ignoringAbsent(this.#cri.runtime("StopContainer", { containerId, timeout: 0 }, signal));
      try {
        await ignoringAbsent(this.#cri.runtime("RemoveContainer", { containerId }, signal));
        return;
      } catch (error) {
        const isEnding = error instanceof CriError && /still running|in starting state/.test(error.details);
        if (!isEnding || triesLeft === 0) throw error;
        await sleep(this.#options.clock, REMOVAL_PAUSE_MS, signal);
      }
    }
  }

  async #mustFindSandbox(podSandboxId: SandboxId, signal: AbortSignal): Promise<SandboxStatus> {
    const answer = await ignoringAbsent(this.#cri.runtime("PodSandboxStatus", { podSandboxId }, signal));
    if (!answer?.status) throw new RuntimeError("NotFound", `sandbox ${podSandboxId} does not exist`);
    return answer.status;
  }

  /** Runtimes refuse in words only what needs a running container. */
  async #whileRunning<T>(id: ContainerId, signal: AbortSignal, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const status = error instanceof CriError ? await this.#inventory.inspect(id, signal) : undefined;
      if (!(error instanceof CriError) || status?.state === "CONTAINER_RUNNING") throw error;
      throw new RuntimeError("NotFound", `container ${id} is not running`, { cause: error });
    }
  }

  #start<T>(signal: AbortSignal, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    return this.#limiter.run(signal, () => this.#inTime({ signal, deadlineMs: ANSWER_MAX_MS }, work));
  }

  #inTime<T>(bounds: Omit<Deadline, "clock">, work: (until: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline({ clock: this.#options.clock, ...bounds }, work);
  }
}

/** The CRI limits the processes of pods as a whole, by a control group that kubelets make for each. */
function describeUnsupported({ resources }: ContainerSpec): string[] {
  return resources?.pidsLimit ? [`containerd does not limit a container to ${resources.pidsLimit} processes`] : [];
}
