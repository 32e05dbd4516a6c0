// A component of this checkout as a process of its own, beside the API server of a benchmark.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "../testing/source-tree.ts";

export class Program {
  readonly #path: string;
  readonly #arguments: readonly string[];
  readonly #standardError: "inherit" | "ignore";
  #child: ChildProcess | undefined;

  /** What it logs is shown, unless told otherwise. */
  constructor(path: string, flags: readonly string[], { isQuiet = false } = {}) {
    this.#standardError = isQuiet ? "ignore" : "inherit";
    this.#path = join(projectRoot, "dist", path, "main.js");
    this.#arguments = flags;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  start(): void {
    this.#child = spawn(process.execPath, [this.#path, ...this.#arguments], {
      stdio: ["ignore", "ignore", this.#standardError],
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }
}
