// `kctl up --detach`: the same command in a process of its own, whose output goes to the data directory. The caller waits
// until the cluster answers with all nodes Ready, or the process has given up.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "../client/api-client.ts";
import { connectionOf, parseKubeconfig } from "../client/kubeconfig.ts";
import { sleep } from "../lib/clock.ts";
import { httpsHandler } from "../lib/http-client.ts";
import type { ClusterIo } from "./cluster-commands.ts";
import { readSettings } from "./cluster-directory.ts";
import { ClusterError } from "./cluster-error.ts";
import type { Component } from "./cluster-settings.ts";
import { nodeNames } from "./components.ts";
import { readIfPresent } from "./private-file.ts";
import { isServerReady } from "./readiness.ts";
import { waitForNodes } from "./wait-for-nodes.ts";

/** Starts `kctl up` without --detach, detached, with this file descriptor as its standard output and error. */
export type StartDetached = (output: number) => ChildProcess;

export interface DetachedOptions {
  readonly directory: string;
  readonly components: readonly Component[];
  readonly start: StartDetached;
}

const LOOK_AGAIN_MS = 50;

/** Resolves with the process id once the cluster is ready. Rejects with what the process said when it gave up. */
export async function startDetached(options: DetachedOptions, io: ClusterIo): Promise<number> {
  const path = join(options.directory, "log/up.log");
  const output = openSync(path, "w", 0o600);
  const child = options.start(output);
  closeSync(output);
  const ended = new AbortController();
  const exited = once(child, "exit").then(() => ended.abort());
  try {
    await untilReady(options, io, AbortSignal.any([ended.signal, io.signal]));
  } catch (error) {
    if (!ended.signal.aborted) {
      child.kill("SIGTERM");
      throw error;
    }
    await exited;
    throw new ClusterError(lastLine(await readFile(path, "utf8")) ?? `The cluster did not start; see ${path}.`);
  }
  child.unref();
  return child.pid ?? 0;
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) || undefined;

async function untilReady(
  { directory, components }: DetachedOptions,
  io: ClusterIo,
  signal: AbortSignal,
): Promise<void> {
  while (!(await isReady({ directory, components }, signal))) await sleep(io.clock, LOOK_AGAIN_MS, signal);
}

async function isReady(
  { directory, components }: Pick<DetachedOptions, "directory" | "components">,
  signal: AbortSignal,
): Promise<boolean> {
  const path = join(directory, "kubeconfig");
  const [text, settings] = await Promise.all([readIfPresent(path), readSettings(directory)]);
  if (text === undefined || !settings) return false;
  const connection = await connectionOf(parseKubeconfig(text, path), {}, (name) => readFile(name, "utf8"));
  const client = createClient(httpsHandler(connection), { userAgent: "kctl" });
  if (!(await isServerReady(client, signal))) return false;
  if (components.includes("kubelet")) await waitForNodes(client, nodeNames(settings), signal);
  return true;
}
