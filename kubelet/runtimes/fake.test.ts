import { expect } from "chai";
import { systemClock } from "../../lib/clock.ts";
import { describeRuntime, missingProgram, testScripts, type TestScript } from "../../testing/runtime-conformance.ts";
import { FakeRuntime, type FakeProgram } from "./fake.ts";
import type { ContainerSpec, SandboxSpec } from "./runtime.ts";

const neverMs = 3_600_000;

/** What the scripts of the conformance suite do. */
const programs: Readonly<Record<TestScript, (spec: ContainerSpec) => FakeProgram>> = {
  stoppable: (spec) => ({ output: "ready\n", stopExitCode: 7, exec: (command, input) => shell(spec, command, input) }),
  stubborn: () => ({ output: "ready\n", stopsMs: neverMs }),
  failing: () => ({ output: "one\ntwo\nthree\n", runsMs: 1, exitCode: 3 }),
  environment: (spec) => ({ output: `${spec.env.at(-1)?.value}\n${spec.workingDir}\n`, runsMs: 1 }),
  noisy: () => ({ errors: "to-stderr\n", runsMs: 1 }),
  unfinished: () => ({ output: "no-newline", runsMs: 1 }),
  catting: () => ({}),
};

function shell(spec: ContainerSpec, command: readonly string[], input: string) {
  if (command[0] === missingProgram) return { code: 127 };
  if (command[0] === "cat") return { code: 0, output: input };
  if (command[2] === "echo $GREETING") return { code: 0, output: `${spec.env[0]?.value}\n` };
  return { code: 5, output: "out\n", errors: "err\n" };
}

function program(spec: ContainerSpec): FakeProgram {
  if (spec.command?.[0] === missingProgram) return { startError: `${missingProgram}: no such file or directory` };
  const script = (Object.keys(testScripts) as TestScript[]).find((name) => testScripts[name] === spec.command?.[2]);
  return script ? programs[script](spec) : {};
}

describeRuntime("fake", () => {
  const image = "busybox:local";
  const runtime = new FakeRuntime({ clock: systemClock(), program, pullable: [image] });
  return Promise.resolve({
    runtime,
    reopen: () => Promise.resolve(runtime),
    image,
    close: () => Promise.resolve(),
  });
});

describe("FakeRuntime", () => {
  const { signal } = new AbortController();
  const sandbox: SandboxSpec = { pod: { namespace: "a", name: "b", uid: "u" }, attempt: 0, hostname: "b" };
  const container: ContainerSpec = { name: "main", attempt: 0, image: "any", env: [], mounts: [] };

  it("fails the calls it is told to, without an effect", async () => {
    const fail = (call: string) => (call === "createSandbox" ? new Error("no space left") : undefined);
    const runtime = new FakeRuntime({ clock: systemClock(), fail });
    const error = await runtime.createSandbox(sandbox, signal).catch((reason: Error) => reason);
    expect(error).to.have.property("message", "no space left");
    expect(await runtime.list(signal)).to.deep.equal([]);
  });

  it("ends containers and sandboxes on demand", async () => {
    const runtime = new FakeRuntime({ clock: systemClock() });
    const { id } = await runtime.createSandbox(sandbox, signal);
    const first = await runtime.startContainer(id, container, signal);
    await runtime.startContainer(id, { ...container, name: "other" }, signal);
    runtime.exit(first.id, 42);
    runtime.killSandbox(id);
    const [pod] = await runtime.list(signal);
    expect(pod?.containers.map(({ exitCode }) => exitCode)).to.deep.equal([42, 137]);
    expect(pod?.sandboxes[0]?.running).to.equal(false);
  });

  it("gives tens of thousands of sandboxes different addresses", async () => {
    const runtime = new FakeRuntime({ clock: systemClock() });
    const addresses = new Set<string | undefined>();
    for (let attempt = 0; attempt < 20_000; attempt++) {
      addresses.add((await runtime.createSandbox({ ...sandbox, attempt }, signal)).ip);
    }
    expect(addresses.size).to.equal(20_000);
  });
});
