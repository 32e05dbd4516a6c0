// Pods as plain processes, for machines without Docker and root: each pod has a loopback address of its own, and programs
// are told it in POD_IP. They see the machine's own files; limits and security contexts are not enforced, which is reported.
// Processes outlive the kubelet. Linux only, for /proc and for loopback addresses that need no set-up.

import { watch } from "node:fs";
import { access, constants, open } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { ChangeFeed } from "./change-feed.ts";
import { Limiter } from "./limiter.ts";
import { groupPods } from "./pod-list.ts";
import { chooseAddress, chooseAddressBlock } from "./process-addresses.ts";
import { ProcessContainer } from "./process-container.ts";
import { runBeside } from "./process-exec.ts";
import { ProcessImages } from "./process-images.ts";
import { readLogLines, renderLog, type LogSource } from "./log-reader.ts";
import { buildProcess, describeUnsupported } from "./process-spec.ts";
import { ProcessUsage } from "./process-usage.ts";
import { ProcessState, type ContainerRecord, type SandboxRecord } from "./process-state.ts";
import { RuntimeError } from "./runtime-error.ts";
import type {
  ContainerId,
  ContainerLimits,
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

export interface ProcessRuntimeOptions {
  /** Where everything about this node's pods is kept; one directory per node, absolute. */
  readonly stateDirectory: string;
  /** Where the images are described; clusters of one machine may share it. */
  readonly imagesDirectory: string;
  readonly clock: Clock;
}

const PROGRAM_FOLDERS = ["/usr/bin", "/bin", "/usr/local/bin"];

/** Throws RuntimeError `Unavailable` with a sentence for the user where the machine cannot do it. */
export async function createProcessRuntime(options: ProcessRuntimeOptions): Promise<ProcessRuntime> {
  if (process.platform !== "linux") {
    throw new RuntimeError("Unavailable", `pods cannot run as processes on ${process.platform}: start Docker instead`);
  }
  const perlPath = await findPerl();
  const state = new ProcessState(options.stateDirectory);
  await state.prepare();
  return new ProcessRuntime(options, state, perlPath);
}

async function findPerl(): Promise<string> {
  for (const path of PROGRAM_FOLDERS.map((folder) => join(folder, "perl"))) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new RuntimeError(
    "Unavailable",
    "pods cannot run as processes without perl: install it, or start Docker instead",
  );
}

export class ProcessRuntime implements ContainerRuntime {
  readonly name = "process";
  readonly version = process.versions.node;
  readonly sharesFiles = true;
  readonly images: ProcessImages;
  readonly usage: ProcessUsage;
  /** Plain processes have none. */
  readonly limits: ContainerLimits = { set: () => Promise.resolve() };
  readonly #clock: Clock;
  readonly #state: ProcessState;
  readonly #perlPath: string;
  readonly #addressBlock: string;
  readonly #feed = new ChangeFeed();
  /** Addresses are chosen one after the other. */
  readonly #choosing = new Limiter(1);

  constructor(options: ProcessRuntimeOptions, state: ProcessState, perlPath: string) {
    this.images = new ProcessImages(options.imagesDirectory);
    const programOf = async (id: ContainerId) => (await state.processes(id))?.program;
    const logOf = (id: ContainerId) => join(state.containerDirectory(id), "log");
    this.usage = new ProcessUsage({ clock: options.clock, programOf, logOf });
    this.#clock = options.clock;
    this.#state = state;
    this.#perlPath = perlPath;
    this.#addressBlock = chooseAddressBlock(options.stateDirectory);
    const watcher = watch(state.exitsDirectory, { persistent: false }, (_, file) => this.#feed.publish(readUid(file)));
    watcher.on("error", () => this.#feed.publish());
  }

  async list(signal: AbortSignal): Promise<RuntimePod[]> {
    signal.throwIfAborted();
    const [sandboxes, records] = await Promise.all([this.#state.sandboxes(), this.#state.containers()]);
    const containers = records.map(async (record) => {
      const observed = await this.#container(record).observe();
      return { pod: record.pod, state: { ...describeContainer(record), ...observed } };
    });
    return groupPods(sandboxes.map(describeSandbox), await Promise.all(containers));
  }

  watch(signal: AbortSignal): AsyncIterable<RuntimeChange> {
    return this.#feed.watch(signal);
  }

  createSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox> {
    return this.#choosing.run(signal, async () => {
      const id = [spec.pod.uid, spec.attempt].join("_");
      const record = (await this.#state.sandbox(id)) ?? (await this.#addSandbox(id, spec));
      this.#feed.publish(spec.pod.uid);
      return record.ip === undefined ? { id } : { id, ip: record.ip };
    });
  }

  async removeSandbox(id: SandboxId, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const sandbox = await this.#state.sandbox(id);
    if (!sandbox) return;
    const records = (await this.#state.containers()).filter(({ sandboxId }) => sandboxId === id);
    await Promise.all(records.map((record) => this.#remove(record, signal)));
    await this.#state.removeSandbox(id);
    this.#feed.publish(sandbox.spec.pod.uid);
  }

  async startContainer(sandboxId: SandboxId, spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    signal.throwIfAborted();
    const sandbox = await this.#state.sandbox(sandboxId);
    if (!sandbox) throw new RuntimeError("NotFound", `sandbox ${sandboxId} does not exist`);
    const id = [sandboxId, spec.name, spec.attempt].join("_");
    const record = (await this.#state.container(id)) ?? (await this.#addContainer(id, spec, sandbox));
    const container = this.#container(record);
    try {
      if ((await container.observe()).state === "created") await container.start(signal);
    } finally {
      this.#feed.publish(record.pod.uid);
    }
    return { id, warnings: spec.attempt === 0 ? describeUnsupported(spec, sandbox.spec) : [] };
  }

  async stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const record = await this.#state.container(id);
    if (record) await this.#container(record).stop(graceSeconds, signal);
  }

  async removeContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const record = await this.#state.container(id);
    if (record) await this.#remove(record, signal);
  }

  async *logs(id: ContainerId, options: LogOptions): AsyncGenerator<Uint8Array> {
    const record = await this.#mustFind(id);
    yield* renderLog(readLogLines(this.#logSource(record), options), options);
  }

  async exec(id: ContainerId, command: readonly string[], streams: ProcessStreams): Promise<number> {
    const record = await this.#mustFind(id);
    if (!(await this.#container(record).isRunning())) {
      throw new RuntimeError("NotFound", `container ${id} is not running`);
    }
    return runBeside(record.program, command, streams);
  }

  /** Output is that of the log, from now on. */
  async attach(id: ContainerId, streams: ProcessStreams): Promise<void> {
    const record = await this.#mustFind(id);
    const { signal, stdin } = streams;
    const options = { signal, follow: true, sinceMs: this.#clock.now() };
    const sending = stdin && record.stdin ? this.#send(record, stdin) : Promise.resolve();
    const receiving = async () => {
      for await (const line of readLogLines(this.#logSource(record), options)) {
        await streams[line.stream]?.(line.complete ? Buffer.concat([line.text, Buffer.from("\n")]) : line.text);
      }
    };
    await Promise.all([sending, receiving()]);
  }

  async #send(record: ContainerRecord, input: AsyncIterable<Uint8Array>): Promise<void> {
    const pipe = await open(join(this.#state.containerDirectory(record.id), "stdin"), "w");
    try {
      if (record.stdinOnce) await this.#container(record).releaseInput();
      for await (const chunk of input) await pipe.write(chunk);
    } finally {
      await pipe.close();
    }
  }

  async #addSandbox(id: string, spec: SandboxSpec): Promise<SandboxRecord> {
    const taken = new Set((await this.#state.sandboxes()).flatMap(({ ip }) => (ip === undefined ? [] : [ip])));
    const ip = spec.hostNetwork ? undefined : chooseAddress(this.#addressBlock, taken);
    if (ip === undefined && !spec.hostNetwork) {
      const message = `all ${taken.size} addresses ${this.#addressBlock}.* of this node are taken`;
      throw new RuntimeError("CreatePodSandboxError", message);
    }
    const record = { id, spec, createdAtMs: this.#clock.now(), ...(ip === undefined ? {} : { ip }) };
    await this.#state.addSandbox(record);
    return record;
  }

  async #addContainer(id: string, spec: ContainerSpec, sandbox: SandboxRecord): Promise<ContainerRecord> {
    const image = await this.images.read(spec.image);
    if (!image) throw new RuntimeError("CreateContainerError", `no such image: ${spec.image}`);
    const record = {
      id,
      sandboxId: sandbox.id,
      pod: sandbox.spec.pod,
      name: spec.name,
      attempt: spec.attempt,
      image: spec.image,
      labels: spec.labels ?? {},
      createdAtMs: this.#clock.now(),
      stdin: spec.stdin ?? false,
      stdinOnce: spec.stdinOnce ?? false,
      program: buildProcess(spec, image, { hostname: sandbox.spec.hostname, ip: sandbox.ip }),
    };
    await this.#state.addContainer(record);
    return record;
  }

  async #remove(record: ContainerRecord, signal: AbortSignal): Promise<void> {
    await this.#container(record).stop(0, signal);
    await this.#state.removeContainer(record.id);
    this.#feed.publish(record.pod.uid);
  }

  #container(record: ContainerRecord): ProcessContainer {
    return new ProcessContainer(record, { state: this.#state, clock: this.#clock, perlPath: this.#perlPath });
  }

  #logSource(record: ContainerRecord): LogSource {
    return {
      path: join(this.#state.containerDirectory(record.id), "log"),
      isRunning: () => this.#container(record).isRunning(),
      onChange: (tell) => this.#feed.listen(tell),
    };
  }

  async #mustFind(id: ContainerId): Promise<ContainerRecord> {
    const record = await this.#state.container(id);
    if (!record) throw new RuntimeError("NotFound", `container ${id} does not exist`);
    return record;
  }
}

/** Exit files have the names of containers, which begin with the pod's uid. */
function readUid(file: string | null): string | undefined {
  return file === null ? undefined : decodeURIComponent(file).split("_")[0];
}

function describeSandbox(record: SandboxRecord) {
  const { id, ip, spec, createdAtMs } = record;
  const address = ip === undefined ? {} : { ip };
  const state = { id, ...address, attempt: spec.attempt, running: true, createdAtMs, labels: spec.labels ?? {} };
  return { pod: spec.pod, state };
}

function describeContainer(record: ContainerRecord) {
  const { id, sandboxId, name, attempt, image, labels, createdAtMs } = record;
  return { id, sandboxId, name, attempt, image, imageId: `process:${image}`, labels, createdAtMs };
}
