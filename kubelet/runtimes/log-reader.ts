// Reads the log that is kept of a container in the CRI's format (log-line.ts): what is there, and then what follows, over
// the moment at which the log is begun anew.

import { watch } from "node:fs";
import { open, readFile, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";
import { onAbort } from "./abort.ts";
import { parseLogLine, renderLogLine, selectLogLines, type LogLine } from "./log-line.ts";
import type { LogOptions } from "./runtime.ts";

const READ_BYTES = 64 * 1024;

export interface LogSource {
  /** Of the file that is written; the one before it has this name with `.1`. */
  readonly path: string;
  /** Calls back when the container may have ended. */
  onChange(tell: () => void): () => void;
  isRunning(): Promise<boolean>;
}

/** The log's lines as ContainerRuntime.logs selects them. */
export async function* readLogLines(source: LogSource, options: LogOptions): AsyncGenerator<LogLine> {
  const { path } = source;
  const follower = new Follower(path);
  try {
    const older = await readFile(`${path}.1`).catch(ignoreMissingFile);
    const lines = [...parseLines(older ?? Buffer.alloc(0)), ...(await follower.read())];
    yield* selectLogLines(lines, options);
    if (!options.follow) return;
    const since = { sinceMs: options.sinceMs };
    for await (const newer of follow(source, follower, options.signal)) yield* selectLogLines(newer, since);
  } finally {
    await follower.close();
  }
}

/** A line in pieces gets its time once. */
export async function* renderLog(lines: AsyncIterable<LogLine>, options: LogOptions): AsyncGenerator<Uint8Array> {
  const goesOn = { stdout: false, stderr: false };
  for await (const line of lines) {
    yield renderLogLine(line, { timestamps: options.timestamps && !goesOn[line.stream] });
    goesOn[line.stream] = !line.complete;
  }
}

async function* follow(source: LogSource, follower: Follower, signal: AbortSignal): AsyncGenerator<LogLine[]> {
  let wake: () => void = () => undefined;
  const changes = { pending: true };
  const tell = () => {
    changes.pending = true;
    wake();
  };
  const watcher = watch(dirname(source.path), tell);
  const release = [source.onChange(tell), onAbort(signal, tell), () => watcher.close()];
  try {
    for (;;) {
      signal.throwIfAborted();
      changes.pending = false;
      // Asked before reading: what is written before the end is then read.
      const running = await source.isRunning();
      yield await follower.read();
      if (!running) return;
      if (!changes.pending) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    for (const each of release) each();
  }
}

/** Reads a file on from where it stopped, and then the file that has taken its place. */
class Follower {
  readonly #path: string;
  #file: FileHandle | undefined;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<LogLine[]> {
    this.#file ??= await open(this.#path).catch(ignoreMissingFile);
    if (!this.#file) return [];
    const lines = await this.#readToEnd(this.#file);
    const [mine, current] = [await this.#file.stat(), await stat(this.#path).catch(ignoreMissingFile)];
    if (!current || current.ino === mine.ino) return lines;
    await this.close();
    return [...lines, ...(await this.read())];
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #readToEnd(file: FileHandle): Promise<LogLine[]> {
    const chunks = [this.#rest];
    const buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) break;
      chunks.push(Buffer.from(buffer.subarray(0, bytesRead)));
    }
    const text = Buffer.concat(chunks);
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.subarray(end);
    return parseLines(text.subarray(0, end));
  }
}

function parseLines(text: Buffer): LogLine[] {
  const lines: LogLine[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = parseLogLine(text.subarray(start, end));
    if (line) lines.push(line);
    start = end + 1;
  }
  return lines;
}
