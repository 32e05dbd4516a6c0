import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "../../lib/clock.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { describeRuntime } from "../../testing/runtime-conformance.ts";
import { createProcessRuntime, type ProcessRuntime } from "./process.ts";
import type { ContainerSpec, RuntimeContainer } from "./runtime.ts";

async function openIn(directory: string): Promise<ProcessRuntime> {
  return createProcessRuntime({
    stateDirectory: join(directory, "node"),
    imagesDirectory: join(directory, "images"),
    clock: systemClock(),
  });
}

describeWith(["linux"], "pods as processes", () =>
  describeRuntime("processes", async () => {
    const directory = await mkdtemp(join(tmpdir(), "gantry-process-"));
    const open = () => openIn(directory);
    return { runtime: await open(), reopen: open, image: "host", close: () => rm(directory, { recursive: true }) };
  }),
);

describeWith(["linux"], "ProcessRuntime", () => {
  const { signal } = new AbortController();
  let directory: string;
  let runtime: ProcessRuntime;
  let sandboxId: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "gantry-process-"));
    runtime = await openIn(directory);
    const pod = { namespace: "default", name: "web-1", uid: "uid-1" };
    sandboxId = (await runtime.createSandbox({ pod, attempt: 0, hostname: "web-1" }, signal)).id;
  });
  afterEach(async () => {
    await runtime.removeSandbox(sandboxId, signal);
    await rm(directory, { recursive: true });
  });

  const start = async (script: string, changes: Partial<ContainerSpec> = {}): Promise<string> => {
    const spec = { name: "main", attempt: 0, image: "host", command: ["sh", "-c", script], env: [], mounts: [] };
    return (await runtime.startContainer(sandboxId, { ...spec, ...changes }, signal)).id;
  };
  const main = async (): Promise<RuntimeContainer> => {
    const [pod] = await runtime.list(signal);
    return pod?.containers[0] ?? expect.fail("there is no container");
  };
  const waitForExit = async (): Promise<RuntimeContainer> => {
    for await (const { podUid = "uid-1" } of runtime.watch(signal)) {
      if (podUid !== "uid-1") continue;
      const container = await main();
      if (container.state === "exited") return container;
    }
    return expect.fail("the watch ended");
  };
  const read = async (id: string, follow = false): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of runtime.logs(id, { signal, follow })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  /** The ids that the program has written to its log, one per line, once there are so many. */
  const readPids = async (id: string, count: number): Promise<number[]> => {
    let text = "";
    for await (const chunk of runtime.logs(id, { signal, follow: true })) {
      text += Buffer.from(chunk).toString();
      const lines = text.split("\n").slice(0, -1);
      if (lines.length >= count) return lines.map(Number);
    }
    return expect.fail("the log ended");
  };
  const isAlive = (pid: number): Promise<boolean> =>
    readFile(`/proc/${pid}/stat`, "latin1").then(
      (text) => !text.includes(") Z "),
      () => false,
    );

  it("reports a program killed by a signal with 128 and the signal's number", async () => {
    await start("kill -9 $$");
    expect(await waitForExit()).to.include({ exitCode: 137 });
  });

  it("leaves no process of a container behind when its program ends", async () => {
    const id = await start("sleep 1000 & echo $!; exit 0");
    await waitForExit();
    const [child = 0] = await readPids(id, 1);
    expect(await isAlive(child)).to.equal(false);
  });

  it("keeps the newest of a flood of output within its bounds, and misses no line of it while following", async () => {
    const lines = 400_000;
    const id = await start(`seq ${lines}`);
    const followed = await read(id, true);
    const kept = (await read(id)).trimEnd().split("\n").map(Number);
    expect(kept.at(-1)).to.equal(lines);
    expect(kept).to.deep.equal(Array.from({ length: kept.length }, (_, index) => lines - kept.length + 1 + index));
    expect(followed.endsWith(`\n${lines}\n`)).to.equal(true);
    const folder = join(directory, "node", "containers", id);
    for (const name of ["log", "log.1"]) expect((await stat(join(folder, name))).size).to.be.at.most(11 * 1024 * 1024);
  });

  it("gives long lines and prompts without an end as they are", async () => {
    const id = await start("head -c 50000 /dev/zero | tr '\\0' x; echo; printf 'name? '");
    await waitForExit();
    expect(await read(id)).to.equal(`${"x".repeat(50_000)}\nname? `);
  });

  it("reports a container as ended whose supervisor and program were killed", async () => {
    const id = await start("echo $$; echo $PPID; exec sleep 1000");
    const pids = await readPids(id, 2);
    for (const pid of pids.reverse()) process.kill(pid, "SIGKILL");
    for (const pid of pids) while (await isAlive(pid)) await new Promise(process.nextTick);
    expect(await main()).to.include({ state: "exited", exitCode: 137 });
  });

  it("kills a command in a container, with its children, when it is aborted", async () => {
    await start("exec sleep 1000");
    const aborted = new AbortController();
    let output = "";
    const running = runtime.exec(await main().then(({ id }) => id), ["sh", "-c", "sleep 1000 & echo $!; wait"], {
      signal: aborted.signal,
      stdout: (chunk) => {
        output += Buffer.from(chunk).toString();
        aborted.abort();
        return Promise.resolve();
      },
    });
    expect(await running.catch((error: Error) => error.name)).to.equal("AbortError");
    const child = Number(output);
    while (await isAlive(child)) await new Promise(process.nextTick);
  });

  it("gives a command a terminal where it asks for one", async () => {
    const id = await start("exec sleep 1000");
    const terminal = { signal, tty: true, stdout: () => Promise.resolve() };
    expect(await runtime.exec(id, ["sh", "-c", "test -t 0 && exit 6"], terminal)).to.equal(6);
    expect(await runtime.exec(id, ["sh", "-c", "test -t 0 || exit 6"], { signal })).to.equal(6);
  });

  it("gives the address of a removed pod to another", async () => {
    const spec = (uid: string) => ({ pod: { namespace: "default", name: uid, uid }, attempt: 0, hostname: uid });
    const first = await runtime.createSandbox(spec("a"), signal);
    const second = await runtime.createSandbox(spec("b"), signal);
    await runtime.removeSandbox(first.id, signal);
    const third = await (await openIn(directory)).createSandbox(spec("c"), signal);
    expect(third.ip).to.equal(first.ip);
    expect(second.ip).not.to.equal(third.ip);
    for (const { id } of [second, third]) await runtime.removeSandbox(id, signal);
  });

  it("warns at a container's first attempt only", async () => {
    const spec = { name: "main", image: "host", command: ["true"], env: [], mounts: [], tty: true };
    const first = await runtime.startContainer(sandboxId, { ...spec, attempt: 0 }, signal);
    const second = await runtime.startContainer(sandboxId, { ...spec, attempt: 1 }, signal);
    expect([first.warnings.length, second.warnings.length]).to.deep.equal([1, 0]);
  });

  it("explains what an image is where there is none", async () => {
    const error = await runtime.images.pull("nginx:1.27", { signal }).catch((failure: Error) => failure);
    expect((error as Error).message)
      .to.include("nginx%3A1.27.json")
      .and.to.include('the image "host"');
  });

  it("makes images that build on one another, and lists and removes them", async () => {
    const source = "/bin/sh";
    const base = { name: "base:1", files: [{ path: "/opt/shell", source }], entrypoint: ["/opt/shell", "-c"] };
    await runtime.images.make(base, signal);
    await runtime.images.make({ name: "team/app:1", base: "base:1", files: [], env: { WHO: "world" } }, signal);
    const id = await start("", { image: "team/app:1", command: [], args: ["echo hello $WHO"] });
    await waitForExit();
    expect(await read(id)).to.equal("hello world\n");
    expect((await runtime.images.list(signal)).flatMap(({ names }) => names)).to.have.members([
      "host",
      "base:1",
      "team/app:1",
    ]);
    await runtime.images.remove("team/app:1", signal);
    expect(await runtime.images.get("team/app:1", signal)).to.equal(undefined);
  });
});
