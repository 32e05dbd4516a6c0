import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { acquireLock, isRunning, readHolders, releaseLock, type LockHolder } from "./process-lock.ts";

describe("the lock of a component", () => {
  let directory: string;
  let other: ChildProcess;
  let otherPid: number;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "gantry-lock-"));
    other = spawn("sleep", ["60"]);
    otherPid = other.pid ?? 0;
  });
  afterEach(async () => {
    other.kill("SIGKILL");
    await rm(directory, { recursive: true });
  });

  it("is held by one process until it is released", async () => {
    expect(await acquireLock(directory, "apiserver", otherPid)).to.equal(undefined);
    expect(await acquireLock(directory, "apiserver", process.pid)).to.deep.include({
      component: "apiserver",
      pid: otherPid,
    });
    await releaseLock(directory, "apiserver");
    expect(await acquireLock(directory, "apiserver", process.pid)).to.equal(undefined);
  });

  it("is free again after its holder was killed", async () => {
    await acquireLock(directory, "apiserver", otherPid);
    other.kill("SIGKILL");
    await once(other, "exit");
    expect(await readHolders(directory)).to.deep.equal([]);
    expect(await acquireLock(directory, "apiserver", process.pid)).to.equal(undefined);
  });

  it("is not held by another process that got the same id", async () => {
    await acquireLock(directory, "apiserver", otherPid);
    await writeFile(
      join(directory, "run/apiserver.lock"),
      JSON.stringify({ component: "apiserver", pid: otherPid, startTime: "1" }),
    );
    expect(await acquireLock(directory, "apiserver", process.pid)).to.equal(undefined);
  });

  it("is not held by the process that has its id and its time since the machine was started anew", async () => {
    await acquireLock(directory, "apiserver", otherPid);
    const file = join(directory, "run/apiserver.lock");
    const holder = JSON.parse(await readFile(file, "utf8")) as LockHolder;
    const startTime = holder.startTime.replace(/^\S+/, "00000000-0000-0000-0000-000000000000");
    expect(startTime).not.to.equal(holder.startTime);
    await writeFile(file, JSON.stringify({ ...holder, startTime }));
    expect(await acquireLock(directory, "apiserver", process.pid)).to.equal(undefined);
  });

  it("tells who runs what", async () => {
    await acquireLock(directory, "apiserver", otherPid);
    await acquireLock(directory, "kubelet", process.pid);
    const holders = await readHolders(directory);
    expect(holders.map(({ component, pid }) => ({ component, pid }))).to.have.deep.members([
      { component: "apiserver", pid: otherPid },
      { component: "kubelet", pid: process.pid },
    ]);
    for (const holder of holders) expect(await isRunning(holder)).to.equal(true);
    expect(await readHolders(join(directory, "nowhere"))).to.deep.equal([]);
  });

  it("goes to one of many that start at once", async () => {
    const outcomes = await Promise.all([
      acquireLock(directory, "proxy", otherPid),
      acquireLock(directory, "proxy", process.pid),
    ]);
    expect(outcomes.filter((holder) => holder === undefined)).to.have.lengthOf(1);
  });
});
