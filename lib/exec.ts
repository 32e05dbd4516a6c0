// Running programs of the host as a dependency, so that callers can be tested with a fake and nothing else spawns.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ExecResult {
  /** The exit code; 128 + the signal's number where a signal ended it, as a shell reports it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The process id that it had. */
  readonly pid: number;
}

export interface ExecOptions {
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  /** Aborting it kills the program. */
  readonly signal?: AbortSignal;
}

export interface Exec {
  /** Runs a program without a shell. Resolves with any exit code; rejects when it cannot be started or is aborted. */
  run(command: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** The lines that a program prints on standard output while it runs. Ends when the program ends or `signal` is aborted, which kills it. */
  lines(command: string, args: readonly string[], signal: AbortSignal): AsyncIterable<string>;
}

/** The programs of this machine. An aborted program is killed at once (SIGKILL). */
export function systemExec(): Exec {
  return {
    run: (command, args, options = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(command, args, { stdio: "pipe", signal: options.signal, killSignal: "SIGKILL" });
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
        child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
        child.on("error", reject);
        child.on("close", (code, signal) =>
          resolve({
            code: code ?? 128 + (signal === "SIGKILL" ? 9 : 15),
            stdout: Buffer.concat(stdout).toString(),
            stderr: Buffer.concat(stderr).toString(),
            pid: child.pid ?? 0,
          }),
        );
        // A program that exits without reading its input closes the pipe; its exit code tells what happened.
        child.stdin.on("error", () => undefined);
        child.stdin.end(options.input ?? "");
      }),
    lines: streamLines,
  };
}

async function* streamLines(command: string, args: readonly string[], signal: AbortSignal): AsyncIterable<string> {
  if (signal.aborted) return;
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  const reader = createInterface({ input: child.stdout });
  let problem: Error | undefined;
  child.on("error", (error) => {
    problem = error;
    reader.close();
  });
  // Closing the reader ends the loop at once, even when a child of the child keeps the pipe open.
  const end = () => {
    child.kill("SIGKILL");
    reader.close();
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    yield* reader;
    if (problem) throw problem;
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
}
