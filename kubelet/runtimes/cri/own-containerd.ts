// A containerd of a cluster's own, for machines on which none runs that is meant for pods: with its root, its state, its
// socket and its network below one directory. It outlives whoever starts it, as the pods do, and is found again.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { sleep, type Clock } from "../../../lib/clock.ts";
import type { Exec } from "../../../lib/exec.ts";
import { ignoreMissingFile } from "../../../lib/ignore-missing-file.ts";
import { RuntimeError } from "../runtime-error.ts";
import { PAUSE_IMAGE } from "./containerd.ts";
import { removeBridge } from "./network-config.ts";

export interface OwnContainerdOptions {
  /** Absolute; shared by the nodes of a cluster that are on this machine. */
  readonly directory: string;
  readonly exec: Pick<Exec, "run">;
  readonly clock: Clock;
}

const PLUGIN_FOLDERS = ["/usr/lib/cni", "/opt/cni/bin"];
const PROGRAM_FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin", "/sbin"];
/** The kernel's limit for the path of a socket, of which containerd needs a longer one, too. */
const SOCKET_PATH_MAX = 107 - ".ttrpc".length;
const LOOK_AGAIN_MS = 20;
const START_MAX_MS = 20_000;
const STOP_MAX_MS = 20_000;

const socketOf = (directory: string) => join(directory, "containerd.sock");
const configOf = (directory: string) => join(directory, "config.toml");
const pidOf = (directory: string) => join(directory, "containerd.pid");

/** Starts it where it does not answer, and resolves with its endpoint. Throws RuntimeError `Unavailable`, one sentence. */
export async function startOwnContainerd(options: OwnContainerdOptions, signal: AbortSignal): Promise<string> {
  const { directory, clock } = options;
  const socket = socketOf(directory);
  if (!(await answers(socket))) {
    verifyMachine(socket);
    await mkdir(directory, { recursive: true, mode: 0o711 });
    const isOurs = await takeTurn(directory, clock);
    try {
      if (isOurs) await launch(directory);
      await untilAnswers(options, signal);
    } finally {
      if (isOurs) await rmdir(turnOf(directory));
    }
  }
  return `unix://${socket}`;
}

/** Ends it, and removes its network from the machine. Its pods must be gone; its directory is left. Idempotent. */
export async function stopOwnContainerd(
  options: OwnContainerdOptions & { readonly cluster: string; readonly podCidr: string },
  signal: AbortSignal,
): Promise<void> {
  const { directory, clock } = options;
  const pid = await runningPid(directory);
  if (pid !== undefined) {
    end(pid, "SIGTERM");
    const startMs = clock.monotonic();
    while ((await runningPid(directory)) === pid) {
      if (clock.monotonic() - startMs > STOP_MAX_MS) end(pid, "SIGKILL");
      await sleep(clock, LOOK_AGAIN_MS, signal);
    }
  }
  await rm(pidOf(directory), { force: true });
  await removeBridge(options, signal);
}

function verifyMachine(socket: string): void {
  const missing = [
    ...["containerd", "runc", "ctr", "ip", "iptables"].filter((name) => findIn(PROGRAM_FOLDERS, name) === undefined),
    ...(findIn(PLUGIN_FOLDERS, "bridge") === undefined ? ["the CNI plugins"] : []),
  ];
  if (missing.length > 0) {
    throw new RuntimeError(
      "Unavailable",
      `pods cannot run on containerd without ${missing.join(" and ")}: apt-get install containerd runc containernetworking-plugins iproute2 iptables`,
    );
  }
  if (process.getuid?.() !== 0) throw new RuntimeError("Unavailable", "starting containerd takes root");
  if (socket.length > SOCKET_PATH_MAX) {
    throw new RuntimeError(
      "Unavailable",
      `the path ${socket} is too long for a socket: choose a shorter data directory`,
    );
  }
}

const findIn = (folders: readonly string[], name: string): string | undefined =>
  folders.map((folder) => join(folder, name)).find((path) => existsSync(path));

const turnOf = (directory: string) => join(directory, "starting");

/** One of several that start it at the same time does; a turn that a crash has left is given again. */
async function takeTurn(directory: string, clock: Clock): Promise<boolean> {
  const turn = turnOf(directory);
  const since = (await stat(turn).catch(ignoreMissingFile))?.mtimeMs;
  if (since !== undefined && clock.now() - since > START_MAX_MS) await rm(turn, { recursive: true, force: true });
  return mkdir(turn).then(() => true, isTaken);
}

function isTaken(error: NodeJS.ErrnoException): false {
  if (error.code === "EEXIST") return false;
  throw error;
}

async function launch(directory: string): Promise<void> {
  await mkdir(join(directory, "cni"), { recursive: true });
  const filesystems = (await readFile("/proc/filesystems", "utf8").catch(ignoreMissingFile)) ?? "";
  await writeFile(configOf(directory), renderConfig(directory, { hasOverlay: /\boverlay\b/.test(filesystems) }));
  const output = await open(join(directory, "containerd.log"), "a", 0o600);
  try {
    const child = spawn(findIn(PROGRAM_FOLDERS, "containerd") ?? "containerd", ["--config", configOf(directory)], {
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
    });
    // That it has not come about shows in that it does not answer.
    child.on("error", () => undefined);
    child.unref();
    await writeFile(pidOf(directory), String(child.pid ?? ""));
  } finally {
    await output.close();
  }
}

async function untilAnswers({ directory, clock }: OwnContainerdOptions, signal: AbortSignal): Promise<void> {
  const startMs = clock.monotonic();
  while (!(await answers(socketOf(directory)))) {
    if (clock.monotonic() - startMs > START_MAX_MS) {
      const log = join(directory, "containerd.log");
      throw new RuntimeError("Unavailable", `containerd has not started within ${START_MAX_MS / 1000} s; see ${log}`);
    }
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.on("connect", () => {
      resolve(true);
      connection.end();
    });
    connection.on("error", () => resolve(false));
  });
}

/** Undefined where it does not run; a process id may have been given to another program since. */
async function runningPid(directory: string): Promise<number | undefined> {
  const pid = Number((await readFile(pidOf(directory), "utf8").catch(ignoreMissingFile)) ?? "");
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(ignoreEnded)) ?? "";
  return command.split("\0").includes(configOf(directory)) ? pid : undefined;
}

/** ESRCH: it has ended while its file was open. */
function ignoreEnded(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    ignoreEnded(error as NodeJS.ErrnoException);
  }
}

/** JSON's strings are also TOML's. */
export function renderConfig(directory: string, { hasOverlay }: { readonly hasOverlay: boolean }): string {
  const text = (value: string) => JSON.stringify(value);
  const socket = socketOf(directory);
  const unused = ["aufs", "btrfs", "devmapper", "zfs"].map((name) => text(`io.containerd.snapshotter.v1.${name}`));
  const runc = findIn(PROGRAM_FOLDERS, "runc") ?? "runc";
  return [
    `version = 2`,
    `root = ${text(join(directory, "root"))}`,
    `state = ${text(join(directory, "state"))}`,
    `disabled_plugins = [${unused.join(", ")}]`,
    `[debug]`,
    `  level = "warn"`,
    `[grpc]`,
    `  address = ${text(socket)}`,
    `[ttrpc]`,
    `  address = ${text(`${socket}.ttrpc`)}`,
    `[plugins."io.containerd.grpc.v1.cri"]`,
    `  sandbox_image = ${text(PAUSE_IMAGE)}`,
    // A container that may not lower its score is started without, instead of not at all.
    `  restrict_oom_score_adj = true`,
    `  [plugins."io.containerd.grpc.v1.cri".containerd]`,
    `    snapshotter = ${text(hasOverlay ? "overlayfs" : "native")}`,
    `    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]`,
    `      runtime_type = "io.containerd.runc.v2"`,
    `      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]`,
    `        BinaryName = ${text(runc)}`,
    `  [plugins."io.containerd.grpc.v1.cri".cni]`,
    `    bin_dir = ${text(PLUGIN_FOLDERS.find((folder) => existsSync(join(folder, "bridge"))) ?? "/opt/cni/bin")}`,
    `    conf_dir = ${text(join(directory, "cni"))}`,
    "",
  ].join("\n");
}
