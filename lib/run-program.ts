// What every process of the project does around its work: SIGINT and SIGTERM end it in order, and a failure is one sentence
// on standard error with exit code 1. main.ts files call it; nothing else may, since it speaks for the whole process.

import { errorMessage } from "./error-message.ts";

/** What is used of Node's `process`. */
export interface ProgramProcess {
  readonly stderr: { write(text: string): unknown };
  exitCode?: number | string | null;
  once(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/**
 * Calls `run` with a signal that is aborted at the first SIGINT or SIGTERM; `run` resolves when everything has stopped.
 * Resolves then, too, and never rejects.
 */
export async function runProgram(
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
  host: ProgramProcess = process,
): Promise<void> {
  const stop = new AbortController();
  for (const each of ["SIGINT", "SIGTERM"] as const) host.once(each, () => stop.abort());
  try {
    await run(stop.signal);
  } catch (error) {
    host.stderr.write(`${name}: ${errorMessage(error)}\n`);
    host.exitCode = 1;
  }
}
