// One container of the process runtime: started under a supervisor, observed through what that leaves on disk, and ended
// through signals to its process group.

import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sleep, type Clock } from "../../lib/clock.ts";
import { untilAborted } from "./abort.ts";
import { isAlive, type ContainerRecord, type ProcessId, type ProcessState } from "./process-state.ts";
import { supervisorScript } from "./process-supervisor.ts";
import { RuntimeError } from "./runtime-error.ts";
import type { RuntimeContainer } from "./runtime.ts";

/** Of a container's log: the newest one to two of these are kept. */
const LOG_BYTES_MAX = 10 * 1024 * 1024;
/** How often a container that was asked to end is looked at. */
const STOP_POLL_MS = 20;
const EXIT_CODE_LOST = 137;
const EXIT_CODE_NOT_STARTED = 128;

export interface ProcessContainerContext {
  readonly state: ProcessState;
  readonly clock: Clock;
  readonly perlPath: string;
}

type Observed = Pick<RuntimeContainer, "state" | "startedAtMs" | "finishedAtMs" | "exitCode" | "reason" | "message">;

export class ProcessContainer {
  readonly record: ContainerRecord;
  readonly #context: ProcessContainerContext;

  constructor(record: ContainerRecord, context: ProcessContainerContext) {
    this.record = record;
    this.#context = context;
  }

  /** Starts the program unless it has been started before. Throws a RuntimeError StartError and keeps the reason. */
  async start(signal: AbortSignal): Promise<void> {
    const { state, clock } = this.#context;
    const failure =
      this.record.program.command.length === 0 ? "no command specified" : await untilAborted(signal, this.#supervise());
    if (failure === undefined) return;
    const exit = { exitCode: EXIT_CODE_NOT_STARTED, finishedAtMs: clock.now(), startError: failure };
    await state.addExit(this.record.id, exit);
    throw new RuntimeError("StartError", failure);
  }

  /** Returns why the program could not be started. */
  async #supervise(): Promise<string | undefined> {
    const { state, perlPath } = this.#context;
    const { id, stdin, program } = this.record;
    const directory = state.containerDirectory(id);
    const errorsPath = join(directory, "supervisor-errors");
    const errors = await open(errorsPath, "a", 0o600);
    try {
      const about = [directory, state.exitFile(id), String(LOG_BYTES_MAX), program.workingDir, stdin ? "1" : "0"];
      const child = spawn(perlPath, ["-e", supervisorScript, "--", ...about, ...program.command], {
        cwd: "/",
        env: program.env,
        detached: true,
        stdio: ["ignore", "pipe", errors.fd],
      });
      child.unref();
      const answer = await Promise.race([readAll(child.stdout ?? []), failedSpawn(child)]);
      if (answer === "started\n") return undefined;
      return answer.replace(/^failed /, "").trim() || (await readFile(errorsPath, "utf8")).trim() || "no supervisor";
    } finally {
      await errors.close();
    }
  }

  async observe(): Promise<Observed> {
    const { state, clock } = this.#context;
    const { id } = this.record;
    const ended = await this.#readExit();
    if (ended) return ended;
    const processes = await state.processes(id);
    if (!processes) return { state: "created" };
    const { supervisor, program, startedAtMs } = processes;
    if ((await isAlive(program)) || (await isAlive(supervisor))) return { state: "running", startedAtMs };
    // The supervisor writes the exit file as its last act, which may have been between the two looks.
    const endedNow = await this.#readExit();
    if (endedNow) return endedNow;
    await state.addExit(id, { exitCode: EXIT_CODE_LOST, finishedAtMs: clock.now() });
    return this.observe();
  }

  async isRunning(): Promise<boolean> {
    return (await this.observe()).state === "running";
  }

  /** Resolves when it has ended: by itself within the grace period, or killed after it. */
  async stop(graceSeconds: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (graceSeconds > 0 && (await this.isRunning())) {
      await this.#signalProgram("SIGTERM");
      if (await this.#waitForEnd(signal, graceSeconds * 1000)) return;
    }
    if (!(await this.isRunning())) return;
    await this.#signalProgram("SIGKILL");
    await this.#waitForEnd(signal, Infinity);
  }

  /** The program's standard input ends with its next writer. */
  async releaseInput(): Promise<void> {
    const processes = await this.#context.state.processes(this.record.id);
    if (processes && (await isAlive(processes.supervisor))) process.kill(processes.supervisor.pid, "SIGUSR1");
  }

  async #readExit(): Promise<Observed | undefined> {
    const { state } = this.#context;
    const exit = await state.exit(this.record.id);
    if (!exit) return undefined;
    const { exitCode, finishedAtMs, startError } = exit;
    const processes = await state.processes(this.record.id);
    return {
      state: "exited",
      startedAtMs: processes?.startedAtMs ?? finishedAtMs,
      finishedAtMs: Math.max(finishedAtMs, processes?.startedAtMs ?? 0),
      exitCode,
      ...(startError === undefined ? {} : { reason: "StartError", message: startError }),
    };
  }

  async #waitForEnd(signal: AbortSignal, waitMs: number): Promise<boolean> {
    const { clock } = this.#context;
    const deadline = clock.monotonic() + waitMs;
    while (await this.isRunning()) {
      if (clock.monotonic() >= deadline) return false;
      await sleep(clock, STOP_POLL_MS, signal);
    }
    return true;
  }

  async #signalProgram(name: NodeJS.Signals): Promise<void> {
    const processes = await this.#context.state.processes(this.record.id);
    if (processes) await signalGroup(processes.program, name);
  }
}

/** The whole group; that it has ended meanwhile is as well. */
async function signalGroup(leader: ProcessId, name: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(leader))) return;
  try {
    process.kill(-leader.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function readAll(from: AsyncIterable<unknown> | readonly unknown[]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of from) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function failedSpawn(child: NodeJS.EventEmitter): Promise<string> {
  return new Promise((resolve) => child.once("error", (error: Error) => resolve(error.message)));
}
