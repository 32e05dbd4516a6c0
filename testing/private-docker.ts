// A Docker Engine that belongs to one test, which may kill, stop and halt it: dockerd in a network namespace of its own, so that
// its packet filter rules touch nobody else's. What else is run in the namespace shares its network.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { promises as fs } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectToDocker } from "../kubelet/runtimes/docker.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";

export interface PrivateDockerOptions {
  /** Whether containers go on while dockerd is away. */
  readonly liveRestore: boolean;
}

const BRIDGE = "10.212.0.1/24";
const LOOK_AGAIN_MS = 100;

export class PrivateDocker {
  readonly directory: string;
  readonly #namespace: string;
  readonly #options: PrivateDockerOptions;
  #daemon: ChildProcess | undefined;

  private constructor(directory: string, options: PrivateDockerOptions) {
    this.directory = directory;
    this.#namespace = directory.slice(directory.lastIndexOf("/") + 1);
    this.#options = options;
  }

  /** Not started yet. The caller owes a `remove`. */
  static async prepare(options: PrivateDockerOptions): Promise<PrivateDocker> {
    const docker = new PrivateDocker(await fs.mkdtemp(join(tmpdir(), "gantry-dockerd-")), options);
    await docker.makeNetwork();
    return docker;
  }

  get socketPath(): string {
    return join(this.directory, "docker.sock");
  }

  /** Goes before a command that is to run in the namespace. */
  get inNetwork(): readonly string[] {
    return ["nsenter", `--net=/run/netns/${this.#namespace}`];
  }

  /** The namespace has a name, so that it stays while dockerd restarts. */
  async makeNetwork(): Promise<void> {
    await run("ip", "netns", "add", this.#namespace);
    const ip = (words: string) => run("ip", "-n", this.#namespace, ...words.split(" "));
    await ip("link set lo up");
    // A way out, as machines have one: addresses that proxies translate have to be routed somewhere first. It leads nowhere.
    await ip("link add uplink type veth peer name nowhere");
    await ip("address add 10.212.2.1/24 dev uplink");
    await ip("link set uplink up");
    await ip("link set nowhere up");
    await ip("route add default dev uplink");
  }

  /** Everything that lives in the kernel's network goes: interfaces, addresses, rules. */
  async removeNetwork(): Promise<void> {
    await run("ip", "netns", "delete", this.#namespace);
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const folders = ["--data-root", join(this.directory, "data"), "--exec-root", join(this.directory, "exec")];
    const files = ["--host", `unix://${this.socketPath}`, "--pidfile", join(this.directory, "pid")];
    const restore = this.#options.liveRestore ? ["--live-restore"] : [];
    const [program = "", ...enter] = this.inNetwork;
    const log = await fs.open(join(this.directory, "dockerd.log"), "a");
    const daemon = ["dockerd", ...folders, ...files, "--bip", BRIDGE, ...restore];
    const started = spawn(program, [...enter, ...daemon], { stdio: ["ignore", log.fd, log.fd] });
    this.#daemon = started;
    await log.close();
    while (!(await this.#answers())) {
      if (hasEnded(started)) throw new Error(`dockerd ended with ${started.exitCode}: ${await this.lastWords()}`);
      await sleep(systemClock(), LOOK_AGAIN_MS);
    }
  }

  /** The end of what it has logged. */
  async lastWords(): Promise<string> {
    return (await fs.readFile(join(this.directory, "dockerd.log"), "utf8")).slice(-2000);
  }

  async #answers(): Promise<boolean> {
    const { signal } = new AbortController();
    return connectToDocker(this.socketPath)
      .call({ method: "GET", path: "/version", signal })
      .then(
        () => true,
        () => false,
      );
  }

  /** As a supervisor does it. Without live restore it stops the containers first. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** Its containers go on until it comes back. */
  crash(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    if (!daemon || hasEnded(daemon)) return;
    const ended = once(daemon, "exit");
    daemon.kill(signal);
    await ended;
  }

  /** It takes connections, and answers nothing. */
  halt(): void {
    this.#daemon?.kill("SIGSTOP");
  }

  resume(): void {
    this.#daemon?.kill("SIGCONT");
  }

  /** Ends the containers' processes, and what dockerd started to watch them: what a loss of power does. */
  async killContainers(): Promise<void> {
    for (const pid of await processesOf(this.directory)) killQuietly(pid);
    while ((await processesOf(this.directory)).length > 0) await sleep(systemClock(), LOOK_AGAIN_MS);
  }

  /** Containers have to be removed before: nobody would end them afterwards. */
  async remove(): Promise<void> {
    this.resume();
    await this.stop();
    await this.killContainers();
    await this.unmount();
    await this.removeNetwork();
    await fs.rm(this.directory, { recursive: true });
  }

  /** With live restore, and after a crash, mounts are left. */
  async unmount(): Promise<void> {
    const table = await fs.readFile("/proc/self/mountinfo", "utf8");
    const mounts = table.split("\n").map((line) => line.split(" ")[4] ?? "");
    for (const mount of mounts.filter((path) => path.startsWith(`${this.directory}/`)).reverse()) {
      await run("umount", "--lazy", mount);
    }
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/**
 * The processes of this engine and of its containers: the shims name its directory, and the containers' processes are
 * children of theirs.
 */
async function processesOf(directory: string): Promise<number[]> {
  const all = await Promise.all(
    (await fs.readdir("/proc")).filter((name) => /^\d+$/.test(name)).map((name) => describeProcess(Number(name))),
  );
  const known = all.filter((each) => each !== undefined);
  const chosen = new Set(known.filter(({ command }) => command.includes(`${directory}/`)).map(({ pid }) => pid));
  for (let before = -1; before !== chosen.size;) {
    before = chosen.size;
    for (const { pid, parent } of known) if (chosen.has(parent)) chosen.add(pid);
  }
  chosen.delete(process.pid);
  return [...chosen];
}

/** Undefined for one that has ended meanwhile, or has nobody who asks how it ended. */
async function describeProcess(pid: number) {
  try {
    const [stat, command] = await Promise.all([
      fs.readFile(`/proc/${pid}/stat`, "utf8"),
      fs.readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : { pid, parent: Number(parent), command };
  } catch {
    return undefined;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await systemExec().run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
}
