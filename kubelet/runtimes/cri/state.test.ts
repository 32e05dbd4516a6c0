import { expect } from "chai";
import type { Received } from "./schema.ts";
import { readContainer, readSandbox } from "./state.ts";

const MS = 1_000_000;
const listed: Received<"Container"> = {
  id: "c1",
  podSandboxId: "s1",
  metadata: { name: "main", attempt: 2 },
  imageRef: "sha256:1",
  state: "CONTAINER_RUNNING",
  createdAt: 5 * MS,
  labels: { "io.kubernetes.pod.uid": "u1" },
  annotations: { hash: "abc", "gantry.image": "app:1" },
};
const status: Received<"ContainerStatus"> = {
  id: "c1",
  state: "CONTAINER_RUNNING",
  createdAt: 5 * MS,
  startedAt: 6 * MS + 999_999,
  finishedAt: 0,
  exitCode: 0,
  imageRef: "app@sha256:2",
  reason: "",
  message: "",
  labels: {},
  annotations: {},
  logPath: "",
  resources: null,
};
const read = (changes: Partial<Received<"ContainerStatus">> = {}, info: Record<string, string> = {}) =>
  readContainer(listed, { status: { ...status, ...changes }, info });

describe("what a CRI runtime reports", () => {
  it("is read into the kubelet's own terms", () => {
    expect(read()).to.deep.equal({
      id: "c1",
      sandboxId: "s1",
      name: "main",
      attempt: 2,
      createdAtMs: 5,
      image: "app:1",
      imageId: "app@sha256:2",
      labels: { hash: "abc" },
      state: "running",
      startedAtMs: 6,
    });
  });

  const ends: [Partial<Received<"ContainerStatus">>, object][] = [
    [
      { exitCode: 3, finishedAt: 9 * MS, reason: "Error" },
      { exitCode: 3, startedAtMs: 6, finishedAtMs: 9, oomKilled: false },
    ],
    [
      { exitCode: 137, finishedAt: 9 * MS, reason: "OOMKilled" },
      { exitCode: 137, oomKilled: true },
    ],
    [
      { exitCode: 128, startedAt: 0, finishedAt: 9 * MS, reason: "StartError", message: "no such file" },
      { exitCode: 128, reason: "StartError", message: "no such file", startedAtMs: 5 },
    ],
  ];
  for (const [changes, expected] of ends) {
    it(`says how a container with ${JSON.stringify(changes)} ended`, () => {
      expect(read({ state: "CONTAINER_EXITED", ...changes })).to.include({ state: "exited", ...expected });
    });
  }

  it("takes a container that the runtime lost track of as ended", () => {
    expect(read({ state: "CONTAINER_UNKNOWN", exitCode: 255 })).to.include({ state: "exited", exitCode: 255 });
  });

  const given = { cpuShares: 512, cpuMillisLimit: 250, memoryBytesLimit: 64 };

  it("tells the limits that a newer runtime tells", () => {
    const linux = { cpuPeriod: 100_000, cpuQuota: 25_000, cpuShares: 512, memoryLimitInBytes: 64, oomScoreAdj: 0 };
    expect(read({ resources: { linux } }).given).to.deep.equal(given);
  });

  it("reads the limits of an older one from the kernel's specification", () => {
    const resources = { cpu: { shares: 512, quota: 25_000, period: 100_000 }, memory: { limit: 64 } };
    const info = { info: JSON.stringify({ runtimeSpec: { linux: { resources } } }) };
    expect(read({}, info).given).to.deep.equal(given);
    const none = { cpu: { quota: -1, period: 100_000 }, memory: { limit: -1 } };
    const unlimited = { info: JSON.stringify({ runtimeSpec: { linux: { resources: none } } }) };
    expect(read({}, unlimited).given).to.deep.equal({ cpuShares: 0, cpuMillisLimit: 0, memoryBytesLimit: 0 });
  });

  it("gives a sandbox its address where it has one", () => {
    const sandbox: Received<"PodSandbox"> = {
      id: "s1",
      metadata: { name: "web", namespace: "shop", uid: "u1", attempt: 1 },
      state: "SANDBOX_NOTREADY",
      createdAt: 5 * MS,
      annotations: { colour: "blue", "gantry.sandbox": "{}" },
    };
    const expected = { id: "s1", attempt: 1, running: false, createdAtMs: 5, labels: { colour: "blue" } };
    expect(readSandbox(sandbox, "")).to.deep.equal(expected);
    expect(readSandbox({ ...sandbox, state: "SANDBOX_READY" }, "10.0.0.7")).to.include({
      ip: "10.0.0.7",
      running: true,
    });
  });
});
