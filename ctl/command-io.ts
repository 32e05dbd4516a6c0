// What a command may use of the process that it runs in. main.ts makes the real one; tests make one over memory. Commands
// touch nothing else: no environment, no clock, no files, no sockets of their own.

import type { ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import type { Clock } from "../lib/clock.ts";
import type { Exec } from "../lib/exec.ts";
import type { HttpsClientOptions } from "../lib/http-client.ts";
import type { Handler } from "../lib/http.ts";
import type { Random } from "../lib/random.ts";

export interface CommandIo {
  /** Writes to standard output, as it is: a line needs its newline. */
  out(text: string | Uint8Array): void;
  /** Writes to standard error. */
  err(text: string | Uint8Array): void;
  readonly stdin: Readable;
  /** The terminal, where standard input and output are one. */
  readonly terminal: Terminal | undefined;
  /** Whether standard output is a terminal: colours and moving progress go nowhere else. */
  readonly outIsTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute: relative paths start here. */
  readonly workingDirectory: string;
  readonly homeDirectory: string;
  readonly files: CommandFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly exec: Exec;
  /** The requests that it is given go to the server that the options name. */
  connect(options: HttpsClientOptions): Handler;
  /** The text at an http(s) address that a user named. Rejects with one sentence. */
  download(url: string): Promise<string>;
  /** Runs a program that takes over the terminal (an editor, diff). Resolves with its exit code. */
  runInForeground(command: string, args: readonly string[]): Promise<number>;
  /** Accepts connections on a local port; 0 chooses a free one. Rejects with an error whose `code` is EADDRINUSE where it is taken. */
  listen(
    place: { readonly host: string; readonly port: number },
    accept: (connection: Duplex) => void,
  ): Promise<Listener>;
  /** Runs kctl with these arguments in a process of its own that outlives this one; `output` is the file descriptor of its output. */
  startKctl(args: readonly string[], output: number): ChildProcess;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Listener {
  readonly port: number;
  close(): void;
}

export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** In raw mode, keys go to the other end unread, Ctrl-C included. */
  setRawMode(on: boolean): void;
  /** Calls `listen` when the size has changed; the returned function ends that. */
  onResize(listen: () => void): () => void;
}

export interface CommandFiles {
  /** Rejects with an error whose `code` is ENOENT where there is no such file. */
  read(path: string): Promise<string>;
  readBytes(path: string): Promise<Uint8Array>;
  /** Makes the folders above it. Only the user can read what is written. */
  write(path: string, text: string): Promise<void>;
  kind(path: string): Promise<"file" | "directory" | undefined>;
  /** The names in a directory, sorted. */
  list(path: string): Promise<readonly string[]>;
  remove(path: string): Promise<void>;
}
