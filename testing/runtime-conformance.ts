// The contract of ContainerRuntime as tests, run over every implementation, the fake included. Programs are small shell
// scripts; the fake runtime is given descriptions of what they do under the same names.

import { expect } from "chai";
import type {
  ContainerRuntime,
  ContainerSpec,
  LogOptions,
  ProcessStreams,
  RuntimeContainer,
  RuntimePod,
  Sandbox,
  SandboxSpec,
} from "../kubelet/runtimes/runtime.ts";

export interface RuntimeUnderTest {
  readonly runtime: ContainerRuntime;
  /** Another runtime over the same state, as a restarted kubelet makes one. */
  reopen(): Promise<ContainerRuntime>;
  /** An image with a shell. */
  readonly image: string;
  close(): Promise<void>;
}

/** What the containers of the suite run, with /bin/sh. */
export const testScripts = {
  stoppable: "trap 'exit 7' TERM; echo ready; sleep 1000 & wait",
  stubborn: "trap '' TERM; echo ready; while :; do sleep 1; done",
  failing: "echo one; echo two; echo three; exit 3",
  environment: 'echo "$GREETING"; pwd',
  noisy: "echo to-stderr >&2",
  unfinished: "printf no-newline",
  catting: "cat",
} as const;

export type TestScript = keyof typeof testScripts;

export const missingProgram = "/does/not/exist";

export function describeRuntime(title: string, open: () => Promise<RuntimeUnderTest>): void {
  describe(`the container runtime contract: ${title}`, function () {
    this.timeout(60_000);
    let under: RuntimeUnderTest;
    let runtime: ContainerRuntime;
    let abort: AbortController;
    let signal: AbortSignal;
    let podsMade = 0;

    before(async () => {
      under = await open();
      runtime = under.runtime;
    });
    beforeEach(() => {
      abort = new AbortController();
      signal = abort.signal;
    });
    afterEach(async () => {
      for (const pod of await runtime.list(signal)) {
        await Promise.all(pod.sandboxes.map(({ id }) => runtime.removeSandbox(id, signal)));
      }
      abort.abort();
    });
    after(() => under?.close());

    const sandboxSpec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => {
      const name = `pod-${podsMade++}`;
      return { pod: { namespace: "default", name, uid: `uid-${name}` }, attempt: 0, hostname: name, ...changes };
    };
    const containerSpec = (script: TestScript, changes: Partial<ContainerSpec> = {}): ContainerSpec => ({
      name: "main",
      attempt: 0,
      image: under.image,
      command: ["/bin/sh", "-c", testScripts[script]],
      env: [],
      mounts: [],
      ...changes,
    });
    const findPod = async (uid: string, from = runtime): Promise<RuntimePod | undefined> =>
      (await from.list(signal)).find(({ pod }) => pod.uid === uid);
    const uidOf = (spec: SandboxSpec) => spec.pod.uid;

    /** Waits with the runtime's own changes until the pod is as wanted: no sleeping, no polling. */
    const waitFor = async (uid: string, wanted: (pod: RuntimePod) => boolean): Promise<RuntimePod> => {
      const watching = new AbortController();
      for await (const change of runtime.watch(watching.signal)) {
        if (change.podUid !== undefined && change.podUid !== uid) continue;
        const pod = await findPod(uid);
        if (!pod || !wanted(pod)) continue;
        watching.abort();
        return pod;
      }
      throw new Error("the watch ended by itself");
    };
    const waitForExit = async (uid: string, name = "main"): Promise<RuntimeContainer> => {
      const exited = (container: RuntimeContainer) => container.name === name && container.state === "exited";
      const pod = await waitFor(uid, ({ containers }) => containers.some(exited));
      return pod.containers.find(exited) as RuntimeContainer;
    };
    const start = async (
      script: TestScript,
      changes: Partial<ContainerSpec> = {},
    ): Promise<{ id: string; uid: string; sandbox: Sandbox }> => {
      const spec = sandboxSpec();
      const sandbox = await runtime.createSandbox(spec, signal);
      const { id } = await runtime.startContainer(sandbox.id, containerSpec(script, changes), signal);
      return { id, uid: uidOf(spec), sandbox };
    };
    const readLog = async (id: string, options: Partial<LogOptions> = {}): Promise<string> => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of runtime.logs(id, { signal, ...options })) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };
    /** Waits until the program has said that it is ready, so that its signal handlers are in place. */
    const waitUntilReady = async (id: string): Promise<void> => {
      for await (const chunk of runtime.logs(id, { signal, follow: true })) {
        if (Buffer.from(chunk).includes("ready")) return;
      }
    };
    const run = async (id: string, command: string[], streams: Partial<ProcessStreams> = {}) => {
      const out: Uint8Array[] = [];
      const err: Uint8Array[] = [];
      const keep = (to: Uint8Array[]) => (chunk: Uint8Array) => {
        to.push(chunk);
        return Promise.resolve();
      };
      const code = await runtime.exec(id, command, { signal, stdout: keep(out), stderr: keep(err), ...streams });
      return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
    };
    async function* input(...lines: string[]): AsyncGenerator<Uint8Array> {
      for (const line of lines) yield await Promise.resolve(Buffer.from(line));
    }
    const failure = async (call: Promise<unknown>): Promise<{ name: string; reason?: string; message: string }> =>
      call.then(
        () => expect.fail("the call succeeded"),
        (error: unknown) => error as { name: string; reason?: string; message: string },
      );

    it("names itself and its version", () => {
      expect(runtime.name).to.match(/^[a-z]+$/);
      expect(runtime.version).to.match(/^\d+\.\d+/);
    });

    it("creates a sandbox once and gives each pod an address of its own", async () => {
      const specs = [sandboxSpec({ labels: { colour: "blue" } }), sandboxSpec()];
      const sandboxes = await Promise.all(specs.map((spec) => runtime.createSandbox(spec, signal)));
      const again = await runtime.createSandbox(specs[0] as SandboxSpec, signal);
      expect(again).to.include({ id: sandboxes[0]?.id, ip: sandboxes[0]?.ip });
      expect(sandboxes[0]?.ip).to.match(/^\d+\.\d+\.\d+\.\d+$/);
      expect(sandboxes[0]?.ip).not.to.equal(sandboxes[1]?.ip);
      const pod = await findPod(uidOf(specs[0] as SandboxSpec));
      expect(pod?.pod).to.deep.equal(specs[0]?.pod);
      expect(pod?.sandboxes).to.have.length(1);
      expect(pod?.sandboxes[0]).to.include({ id: again.id, ip: again.ip, attempt: 0, running: true });
      expect(pod?.sandboxes[0]?.labels).to.deep.equal({ colour: "blue" });
    });

    it("gives a pod in the node's network no address of its own", async () => {
      expect((await runtime.createSandbox(sandboxSpec({ hostNetwork: true }), signal)).ip).to.equal(undefined);
    });

    it("starts a container once and reports it running", async () => {
      const spec = sandboxSpec();
      const sandbox = await runtime.createSandbox(spec, signal);
      const container = containerSpec("stoppable", { labels: { hash: "abc" } });
      const { id } = await runtime.startContainer(sandbox.id, container, signal);
      expect((await runtime.startContainer(sandbox.id, container, signal)).id).to.equal(id);
      const pod = await findPod(uidOf(spec));
      expect(pod?.containers).to.have.length(1);
      const state = { id, sandboxId: sandbox.id, name: "main", attempt: 0, state: "running", image: under.image };
      expect(pod?.containers[0]).to.include(state);
      expect(pod?.containers[0]?.labels).to.deep.equal({ hash: "abc" });
      expect(pod?.containers[0]?.startedAtMs).to.be.greaterThan(0);
      expect(pod?.containers[0]?.imageId).not.to.equal("");
    });

    it("reports the end of a container with its exit code and keeps it", async () => {
      const { id, uid } = await start("failing");
      const exited = await waitForExit(uid);
      expect(exited).to.include({ id, exitCode: 3 });
      expect(exited.finishedAtMs).to.be.at.least(exited.startedAtMs ?? Infinity);
      const spec = containerSpec("failing");
      expect((await runtime.startContainer(exited.sandboxId, spec, signal)).id, "not started again").to.equal(id);
      expect((await findPod(uid))?.containers[0]?.state).to.equal("exited");
    });

    it("stops a container gracefully, and again without effect", async () => {
      const { id, uid } = await start("stoppable");
      await waitUntilReady(id);
      await runtime.stopContainer(id, 30, signal);
      expect((await findPod(uid))?.containers[0]).to.include({ state: "exited", exitCode: 7 });
      await runtime.stopContainer(id, 30, signal);
      await runtime.stopContainer("no-such-container", 30, signal);
    });

    it("kills a container that does not stop in time", async () => {
      const { id, uid } = await start("stubborn");
      await waitUntilReady(id);
      await runtime.stopContainer(id, 1, signal);
      expect((await findPod(uid))?.containers[0]).to.include({ state: "exited", exitCode: 137 });
    });

    it("removes a container, running or not, and again without effect", async () => {
      const { id, uid } = await start("stubborn");
      await runtime.removeContainer(id, signal);
      expect((await findPod(uid))?.containers).to.deep.equal([]);
      await runtime.removeContainer(id, signal);
    });

    it("removes a sandbox with what runs in it, and again without effect", async () => {
      const { uid, sandbox } = await start("stubborn");
      await runtime.removeSandbox(sandbox.id, signal);
      expect(await findPod(uid)).to.equal(undefined);
      await runtime.removeSandbox(sandbox.id, signal);
    });

    it("fails to start a missing program, and keeps the attempt as exited", async () => {
      const spec = sandboxSpec();
      const { id } = await runtime.createSandbox(spec, signal);
      const broken = containerSpec("failing", { command: [missingProgram] });
      const error = await failure(runtime.startContainer(id, broken, signal));
      expect(error).to.include({ name: "RuntimeError", reason: "StartError" });
      const container = (await findPod(uidOf(spec)))?.containers[0];
      expect(container).to.include({ state: "exited", exitCode: 128, reason: "StartError" });
      expect(container?.message).to.include(missingProgram);
    });

    it("knows which images are there, and says why one cannot be pulled", async () => {
      const absent = "localhost:1/no-such-image:v1";
      expect((await runtime.images.get(under.image, signal))?.id).to.be.a("string");
      expect(await runtime.images.get(absent, signal)).to.equal(undefined);
      const error = await failure(runtime.images.pull(absent, { signal }));
      expect(error.name).to.equal("RuntimeError");
      expect(error.reason).to.be.oneOf(["ErrImagePull", "RegistryUnavailable"]);
      const sandbox = await runtime.createSandbox(sandboxSpec(), signal);
      const spec = containerSpec("stoppable", { image: absent });
      expect(await failure(runtime.startContainer(sandbox.id, spec, signal))).to.include({
        reason: "CreateContainerError",
      });
    });

    it("keeps earlier attempts beside the newest, each with its own log", async () => {
      const first = await start("failing");
      await waitForExit(first.uid);
      const spec = containerSpec("stoppable", { attempt: 1 });
      const second = await runtime.startContainer(first.sandbox.id, spec, signal);
      await waitUntilReady(second.id);
      const pod = await findPod(first.uid);
      expect(pod?.containers.map(({ attempt }) => attempt)).to.deep.equal([1, 0]);
      expect(await readLog(first.id)).to.equal("one\ntwo\nthree\n");
      expect(await readLog(second.id)).to.equal("ready\n");
    });

    it("passes the environment and the working directory", async () => {
      const env = [
        { name: "GREETING", value: "replaced" },
        { name: "GREETING", value: "hello = world" },
      ];
      const { id, uid } = await start("environment", { env, workingDir: "/tmp" });
      await waitForExit(uid);
      expect(await readLog(id)).to.equal("hello = world\n/tmp\n");
    });

    describe("logs", () => {
      it("are read whole, by last lines, by time, and with times", async () => {
        const { id, uid } = await start("failing");
        const { startedAtMs = 0, finishedAtMs = 0 } = await waitForExit(uid);
        expect(await readLog(id)).to.equal("one\ntwo\nthree\n");
        expect(await readLog(id, { tailLines: 2 })).to.equal("two\nthree\n");
        expect(await readLog(id, { tailLines: 0 })).to.equal("");
        expect(await readLog(id, { sinceMs: startedAtMs - 2000 })).to.equal("one\ntwo\nthree\n");
        expect(await readLog(id, { sinceMs: finishedAtMs + 2000 })).to.equal("");
        const timed = await readLog(id, { timestamps: true, tailLines: 1 });
        expect(timed).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z three\n$/);
      });

      it("hold standard error, and a last line without an end", async () => {
        const noisy = await start("noisy");
        const unfinished = await start("unfinished");
        await waitForExit(noisy.uid);
        await waitForExit(unfinished.uid);
        expect(await readLog(noisy.id)).to.equal("to-stderr\n");
        expect(await readLog(unfinished.id)).to.equal("no-newline");
      });

      it("are followed until the container ends", async () => {
        const { id } = await start("stoppable");
        const following = readLog(id, { follow: true });
        await waitUntilReady(id);
        await runtime.stopContainer(id, 30, signal);
        expect(await following).to.equal("ready\n");
      });

      it("stop being followed when aborted", async () => {
        const { id } = await start("stoppable");
        const following = new AbortController();
        const reading = failure(readLog(id, { follow: true, signal: following.signal }));
        await waitUntilReady(id);
        following.abort();
        expect((await reading).name).to.equal("AbortError");
      });

      it("of a container that is not there are an error", async () => {
        expect(await failure(readLog("no-such-container"))).to.include({ reason: "NotFound" });
      });
    });

    describe("commands in a container", () => {
      it("give their output and exit code", async () => {
        const { id } = await start("stoppable");
        const result = await run(id, ["/bin/sh", "-c", "echo out; echo err >&2; exit 5"]);
        expect(result).to.deep.equal({ code: 5, stdout: "out\n", stderr: "err\n" });
      });

      it("read standard input to its end", async () => {
        const { id } = await start("stoppable");
        const result = await run(id, ["cat"], { stdin: input("a\n", "b\n") });
        expect(result).to.include({ code: 0, stdout: "a\nb\n" });
      });

      it("that do not exist end with 126 or 127", async () => {
        const { id } = await start("stoppable");
        expect((await run(id, [missingProgram])).code).to.be.oneOf([126, 127]);
      });

      it("see the container's environment", async () => {
        const { id } = await start("stoppable", { env: [{ name: "GREETING", value: "hello" }] });
        expect((await run(id, ["/bin/sh", "-c", "echo $GREETING"])).stdout).to.equal("hello\n");
      });

      it("are refused where the container has ended", async () => {
        const { id, uid } = await start("failing");
        await waitForExit(uid);
        expect(await failure(run(id, ["true"]))).to.include({ reason: "NotFound" });
      });
    });

    it("attaches to a program's input and output", async () => {
      const { id } = await start("catting", { stdin: true, stdinOnce: true });
      const output: Uint8Array[] = [];
      await runtime.attach(id, {
        signal,
        stdin: input("hello\n"),
        stdout: (chunk) => {
          output.push(chunk);
          return Promise.resolve();
        },
      });
      expect(Buffer.concat(output).toString()).to.equal("hello\n");
    });

    it("is adopted with everything in it after a restart of the kubelet", async () => {
      const running = await start("stoppable");
      await waitUntilReady(running.id);
      const ended = await start("failing");
      await waitForExit(ended.uid);
      const before = await runtime.list(signal);
      const adopted = await under.reopen();
      expect(await adopted.list(signal)).to.have.deep.members(before);
      await adopted.stopContainer(running.id, 30, signal);
      expect((await findPod(running.uid, adopted))?.containers[0]).to.include({ state: "exited", exitCode: 7 });
    });

    it("runs many pods at once", async () => {
      const started = await Promise.all(Array.from({ length: 8 }, () => start("stoppable")));
      const pods = await runtime.list(signal);
      expect(pods).to.have.length(8);
      expect(new Set(pods.map(({ sandboxes }) => sandboxes[0]?.ip)).size).to.equal(8);
      expect(new Set(started.map(({ id }) => id)).size).to.equal(8);
    });

    it("measures what runs, never less than before, and nothing else", async () => {
      const [running, ended] = [await start("stoppable"), await start("failing")];
      await waitForExit(ended.uid);
      const ids = [running.id, ended.id, "no-such-container"];
      const first = await runtime.usage.measure(ids, signal);
      const second = await runtime.usage.measure(ids, signal);
      expect([...first.keys()]).to.deep.equal([running.id]);
      const [before, now] = [first, second].map((each) => each.get(running.id));
      expect(now?.cpuNanoseconds).to.be.at.least(before?.cpuNanoseconds ?? Infinity);
      expect(now?.measuredAtMs).to.be.at.least(before?.measuredAtMs ?? Infinity);
      expect(now?.memoryBytes).to.be.at.least(0);
      expect((await runtime.usage.measureDisk([running.id], signal)).get(running.id)).to.be.at.least(0);
      expect((await failure(runtime.usage.measure(ids, AbortSignal.abort()))).name).to.equal("AbortError");
    });

    it("refuses calls whose signal is aborted, and ends watches quietly", async () => {
      const aborted = AbortSignal.abort();
      expect((await failure(runtime.list(aborted))).name).to.equal("AbortError");
      expect((await failure(runtime.createSandbox(sandboxSpec(), aborted))).name).to.equal("AbortError");
      const watching = new AbortController();
      for await (const change of runtime.watch(watching.signal)) {
        expect(change.podUid).to.equal(undefined);
        watching.abort();
      }
    });
  });
}
