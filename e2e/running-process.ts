// A process that a test started: its output is kept for the failure message, and it is ended by its own id only.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

export class RunningProcess {
  readonly #child: ChildProcess;
  #output = "";

  constructor(
    readonly title: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });
    const keep = (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-64_000));
    this.#child.stdout?.on("data", keep);
    this.#child.stderr?.on("data", keep);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get output(): string {
    return this.#output;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** SIGKILL: what a crash or a lost machine looks like. Resolves when the process is gone. */
  async crash(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM, as a supervisor stops it; resolves with the exit code. */
  async stop(): Promise<number | null> {
    await this.#end("SIGTERM");
    return this.#child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.ended) return;
    const exit = once(this.#child, "exit");
    this.#child.kill(signal);
    await exit;
  }
}
