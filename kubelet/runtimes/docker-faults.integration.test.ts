import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { sleep, systemClock } from "../../lib/clock.ts";
import { systemExec } from "../../lib/exec.ts";
import { silentLog } from "../../lib/log.ts";
import { describeWith, findProgram } from "../../testing/machine-parts.ts";
import type { DockerRuntime } from "./docker-runtime.ts";
import { createDockerRuntime } from "./docker.ts";
import { isRuntimeError } from "./runtime-error.ts";
import type { ContainerSpec, RuntimeChange, RuntimePod } from "./runtime.ts";
import { describeBusyboxImage } from "./sample-images.ts";

const clock = systemClock();
const { signal } = new AbortController();

/** A dockerd in a network namespace of its own, so that its packet filter rules touch nobody else's. */
class PrivateDocker {
  readonly directory: string;
  readonly #namespace = `gantry-${process.pid}`;
  #daemon: ChildProcess | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  get socketPath(): string {
    return join(this.directory, "docker.sock");
  }

  /** The namespace has a name, so that it stays while dockerd restarts. */
  async prepare(): Promise<void> {
    await run("ip", "netns", "add", this.#namespace);
    await run("ip", "-n", this.#namespace, "link", "set", "lo", "up");
  }

  async start(): Promise<void> {
    const folders = ["--data-root", join(this.directory, "data"), "--exec-root", join(this.directory, "exec")];
    const files = ["--host", `unix://${this.socketPath}`, "--pidfile", join(this.directory, "pid")];
    const daemon = ["dockerd", ...folders, ...files, "--bip", "10.212.0.1/24", "--live-restore"];
    this.#daemon = spawn("nsenter", [`--net=/run/netns/${this.#namespace}`, ...daemon], { stdio: "ignore" });
    await eventually(() => this.open());
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill();
    await ended;
  }

  pause(): void {
    this.#daemon?.kill("SIGSTOP");
  }

  resume(): void {
    this.#daemon?.kill("SIGCONT");
  }

  async remove(): Promise<void> {
    this.resume();
    await this.stop();
    await run("ip", "netns", "delete", this.#namespace);
    // With live restore, dockerd leaves its data mounted on themselves.
    await run("umount", join(this.directory, "data"));
    await rm(this.directory, { recursive: true });
  }

  open(): Promise<DockerRuntime> {
    const network = { name: "pods", subnet: "10.212.1.0/24" };
    const { socketPath } = this;
    return createDockerRuntime({ cluster: "faults", node: "n", network, clock, log: silentLog, socketPath }, signal);
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await systemExec().run(program, args);
  expect(code, stderr).to.equal(0);
}

/** Tries again until it succeeds; the suite's own time limit ends it. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(clock, 100);
    }
  }
}

describeWith(["docker", "root", "linux"], "faults of Docker", function () {
  const spec: ContainerSpec = {
    name: "main",
    attempt: 0,
    image: "busybox:local",
    command: ["sleep", "999"],
    env: [],
    mounts: [],
  };
  const pod = { namespace: "default", name: "web", uid: "uid-web" };
  let docker: PrivateDocker;
  let runtime: DockerRuntime;
  let sandboxId: string;
  let containerId: string;

  before(async () => {
    expect(findProgram("dockerd")).not.to.equal(undefined);
    docker = new PrivateDocker(await mkdtemp(join(tmpdir(), "gantry-dockerd-")));
    await docker.prepare();
    await docker.start();
    runtime = await docker.open();
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
    sandboxId = (await runtime.createSandbox({ pod, attempt: 0, hostname: "web" }, signal)).id;
    containerId = (await runtime.startContainer(sandboxId, spec, signal)).id;
  });
  after(async () => {
    docker.resume();
    await runtime.removeSandbox(sandboxId, signal);
    await docker.remove();
  });

  const main = (pods: readonly RuntimePod[]) => pods[0]?.containers.find(({ id }) => id === containerId);
  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => "none",
      (error: Error) => error.name,
    );

  it("let calls be aborted while it hangs, and are over when it goes on", async () => {
    docker.pause();
    const aborting = new AbortController();
    const calls = [
      runtime.list(aborting.signal),
      runtime.createSandbox({ pod, attempt: 1, hostname: "web" }, aborting.signal),
      runtime.startContainer(sandboxId, { ...spec, name: "other" }, aborting.signal),
      runtime.stopContainer(containerId, 30, aborting.signal),
      runtime.exec(containerId, ["true"], { signal: aborting.signal }),
      runtime.images.get("busybox:local", aborting.signal),
    ].map(reasonOf);
    aborting.abort();
    expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(["AbortError"]));
    docker.resume();
    const pods = await eventually(() => runtime.list(signal));
    expect(pods.map(({ pod: { uid } }) => uid)).to.deep.equal(["uid-web"]);
    const extra = pods[0]?.sandboxes.filter(({ id }) => id !== sandboxId) ?? [];
    for (const { id } of extra) await runtime.removeSandbox(id, signal);
  });

  it("are told as the runtime being unavailable while it is down, and after its restart all is found again", async () => {
    await runtime.removeContainer(containerId, signal);
    containerId = (await runtime.startContainer(sandboxId, { ...spec, attempt: 1 }, signal)).id;
    const watching = new AbortController();
    const changes: RuntimeChange[] = [];
    const following = (async () => {
      for await (const change of runtime.watch(watching.signal)) changes.push(change);
    })();
    await eventually(() => (changes.length > 0 ? Promise.resolve() : Promise.reject(new Error("not yet"))));

    await docker.stop();
    const error = await runtime.list(signal).catch((failure: unknown) => failure);
    expect(isRuntimeError(error, "Unavailable")).to.equal(true);

    const seen = changes.length;
    await docker.start();
    await eventually(() => (changes.length > seen ? Promise.resolve() : Promise.reject(new Error("not yet"))));
    expect(changes[seen]?.podUid, "everything is to be looked at again").to.equal(undefined);
    expect(main(await runtime.list(signal))).to.include({ state: "running", attempt: 1 });

    await runtime.stopContainer(containerId, 0, signal);
    await eventually(async () => {
      expect(main(await runtime.list(signal))).to.include({ state: "exited" });
      expect(changes.slice(seen).map(({ podUid }) => podUid)).to.include("uid-web");
    });
    watching.abort();
    await following;
  });
});
