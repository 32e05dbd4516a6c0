// Runs a command beside a container of the process runtime: a child with the container's environment and folder.

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { onAbort } from "./abort.ts";
import type { ProcessSpec } from "./process-spec.ts";
import type { ProcessStreams } from "./runtime.ts";

/** As a shell reports them. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** Resolves with the exit code when the command and its output have ended. Aborting kills it and its children. */
export async function runBeside(
  container: ProcessSpec,
  command: readonly string[],
  streams: ProcessStreams,
): Promise<number> {
  const { signal } = streams;
  const [program = "", ...args] = streams.tty ? wrapInTerminal(command) : command;
  const child = spawn(program, args, { cwd: container.workingDir, env: { ...container.env }, detached: true });
  const release = onAbort(signal, () => killGroup(child));
  try {
    if (streams.stdin) void sendInput(child.stdin, streams.stdin);
    else child.stdin.end();
    const [code] = await Promise.all([
      ending(child),
      receive(child.stdout, streams.stdout),
      receive(child.stderr, streams.stderr),
    ]);
    signal.throwIfAborted();
    return code;
  } finally {
    release();
  }
}

/** A terminal of its own, from the program that Linux distributions ship for recording sessions. */
function wrapInTerminal(command: readonly string[]): string[] {
  const quoted = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  return ["script", "--quiet", "--return", "--flush", "--command", quoted.join(" "), "/dev/null"];
}

function ending(child: ChildProcessWithoutNullStreams): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE),
    );
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
}

async function receive(from: Readable, to: ProcessStreams["stdout"]): Promise<void> {
  for await (const chunk of from) await to?.(chunk as Uint8Array);
}

/** A command that ends without reading its input closes the pipe; its exit code tells what happened. */
export async function sendInput(to: Writable, input: AsyncIterable<Uint8Array>): Promise<void> {
  to.on("error", () => undefined);
  try {
    for await (const chunk of input) {
      if (to.destroyed) return;
      if (!to.write(chunk)) await new Promise((resolve) => to.once("drain", resolve).once("close", resolve));
    }
  } finally {
    to.end();
  }
}
