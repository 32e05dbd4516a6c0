// Running programs of the host as a dependency, so that callers can be tested with a fake and nothing else spawns.

import { spawn } from "node:child_process";

export interface ExecResult {
  /** The exit code; 128 + the signal's number where a signal ended it, as a shell reports it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
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
}

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
          }),
        );
        // A program that exits without reading its input closes the pipe; its exit code tells what happened.
        child.stdin.on("error", () => undefined);
        child.stdin.end(options.input ?? "");
      }),
  };
}
