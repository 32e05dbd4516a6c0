#!/usr/bin/env node
// kctl's process: makes the real means of a command (terminal, files, clock, sockets), runs it, and exits with its code.

import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import type { Handler } from "../lib/http.ts";
import { systemRandom } from "../lib/random.ts";
import type { CommandIo, Terminal } from "./command-io.ts";
import { diskFiles } from "./disk-files.ts";
import { runKctl } from "./run-kctl.ts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // The second time, whatever keeps the command from ending is left behind.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });
}
// Whoever reads the output has gone (`kctl get pods | head -1`): there is nothing left to do.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const terminal: Terminal = {
  size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  setRawMode: (on) => void process.stdin.setRawMode(on),
  onResize(listen) {
    process.stdout.on("resize", listen);
    return () => void process.stdout.off("resize", listen);
  },
};

/** Sockets are only loaded by commands that use them. */
function connect(options: Parameters<CommandIo["connect"]>[0]): Handler {
  let handler: Promise<Handler> | undefined;
  return async (request) => {
    handler ??= import("../lib/http-client.ts").then(({ httpsHandler }) => httpsHandler(options));
    return (await handler)(request);
  };
}

const io: CommandIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: process.stdin,
  terminal: process.stdin.isTTY && process.stdout.isTTY ? terminal : undefined,
  outIsTerminal: process.stdout.isTTY,
  environment: process.env,
  workingDirectory: process.cwd(),
  homeDirectory: homedir(),
  files: diskFiles,
  clock: systemClock(),
  random: systemRandom(),
  exec: systemExec(),
  connect,
  download: async (url) => (await import("./download.ts")).download(url),
  runInForeground: (command, args) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { stdio: "inherit" });
      child.on("error", reject);
      child.on("close", (code) => resolve(code ?? 1));
    }),
  listen: async (place, accept) => (await import("./local-listener.ts")).listen(place, accept),
  startKctl: (args, output) =>
    spawn(process.execPath, [process.argv[1] ?? "", ...args], { detached: true, stdio: ["ignore", output, output] }),
  signal: interrupt.signal,
};

process.exit(await runKctl(process.argv.slice(2), io));
