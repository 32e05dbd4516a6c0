import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { describeWith } from "../../testing/machine-parts.ts";
import { projectRoot } from "../../testing/source-tree.ts";
import { put, Recorder } from "../../testing/store-fixture.ts";
import { EmbeddedStore } from "./embedded-store.ts";
import { Unavailable, type Revision } from "./store.ts";

const WRITER = join(projectRoot, "testing/embedded-writer.ts");

describe("EmbeddedStore and other processes", function () {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "gantry-embedded-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Runs the writer, calls `act` after so many acknowledgements, and kills it with SIGKILL. Returns all that it acknowledged. */
  async function runWriter(count: number, act: () => void = () => undefined): Promise<Map<string, Revision>> {
    const child = spawn(process.execPath, ["--import=tsx", WRITER, directory], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const acknowledged = new Map<string, Revision>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [name = "", revision] = line.split(" ");
      acknowledged.set(name, Number(revision));
      if (acknowledged.size !== count) continue;
      act();
      child.kill("SIGKILL");
    }
    expect(await exited).to.deep.equal([null, "SIGKILL"]);
    return acknowledged;
  }

  it("loses nothing that was acknowledged when its process is killed, again and again", async () => {
    let newest = 1;
    const acknowledged = new Map<string, Revision>();
    for (const count of [1, 500, 1333, 700]) {
      const round = await runWriter(count);
      expect(Math.min(...round.values())).to.be.greaterThan(newest);
      newest = Math.max(newest, ...round.values());
      for (const [name, revision] of round) acknowledged.set(name, revision);
    }
    const store = EmbeddedStore.open(directory);
    const current = await store.revision();
    expect(current).to.be.at.least(newest);
    for (const [name, revision] of acknowledged) {
      for (const key of [`/first/${name}`, `/second/${name}`]) {
        expect(await store.get(key)).to.include({ revision, createRevision: revision });
      }
    }
    const recorder = new Recorder(store, "/", 1);
    await recorder.until((current - 1) * 2);
    const wholeTransactions = Array.from({ length: current - 1 }, (_, index) => [index + 2, index + 2]).flat();
    expect(recorder.revisions).to.deep.equal(wholeTransactions);
    await recorder.stop();
    await store.close();
  });

  it("refuses a directory that another process holds, and takes it when that process is gone", async () => {
    let refusal: unknown;
    await runWriter(10, () => {
      try {
        EmbeddedStore.open(directory);
      } catch (error) {
        refusal = error;
      }
    });
    expect(refusal).to.be.instanceOf(Unavailable);
    expect((refusal as Error).message).to.match(/^cannot open the store in \/.*: process \d+ is using it$/);
    const store = EmbeddedStore.open(directory);
    expect(await store.revision()).to.be.greaterThan(10);
    await store.close();
  });
});

describeWith(["root", "linux"], "EmbeddedStore on a full disk", function () {
  let disk: string;
  let store: EmbeddedStore;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), "gantry-full-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "gantry-full-disk", disk]);
    mkdirSync(join(disk, "store"));
    store = EmbeddedStore.open(join(disk, "store"));
  });
  afterEach(async () => {
    await store.close();
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  it("refuses writes with the reason, loses nothing, and goes on when there is space again", async () => {
    const write = (name: string) => store.commit({ checks: [], writes: [put(`/${name}`, name.padEnd(2000))] });
    writeFileSync(join(disk, "ballast"), Buffer.alloc(3 * 2 ** 20));
    const recorder = new Recorder(store, "/", 1);
    const acknowledged: string[] = [];
    let refusal: unknown;
    for (let round = 0; refusal === undefined; round += 1) {
      const names = Array.from({ length: 20 }, (_, index) => `${round}-${index}`);
      const outcomes = await Promise.allSettled(names.map(write));
      outcomes.forEach((outcome, index) => {
        if (outcome.status === "fulfilled") acknowledged.push(names[index] ?? "");
        else refusal = outcome.reason;
      });
    }
    expect(refusal).to.be.instanceOf(Unavailable).with.property("message", "the store cannot write: the disk is full");
    expect((await store.list("/")).items).to.have.length(acknowledged.length);

    rmSync(join(disk, "ballast"));
    await write("more");
    await recorder.until(acknowledged.length + 1);
    await recorder.stop();
    await store.close();
    store = EmbeddedStore.open(join(disk, "store"));
    const keys = (await store.list("/")).items.map((item) => item.key.slice(1));
    expect(keys).to.have.members([...acknowledged, "more"]);
  });
});
