import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { parseBusyTicks, parseMemoryBytes } from "../machine-usage.ts";
import { readCgroupUsage } from "./cgroup-usage.ts";
import { parseStats } from "./docker-usage.ts";
import { familyOf, parseProcessStat, type ProcessReading } from "./process-usage.ts";

describe("usage from control groups", () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "gantry-cgroup-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const version2 = (place: string) => ({
    [`${place}/cpu.stat`]: "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n",
    [`${place}/memory.current`]: "5000\n",
    [`${place}/memory.stat`]: "anon 3000\ninactive_file 1200\nactive_file 10\n",
  });
  const version1 = (place: string) => ({
    [`cpuacct/${place}/cpuacct.usage`]: "1500000000\n",
    [`memory/${place}/memory.usage_in_bytes`]: "5000\n",
    [`memory/${place}/memory.stat`]: "inactive_file 7\ntotal_inactive_file 1200\n",
  });

  for (const [title, files] of [
    ["version 2, made by systemd", version2("system.slice/docker-abc.scope")],
    ["version 2, made by Docker", version2("docker/abc")],
    ["version 1, made by systemd", version1("system.slice/docker-abc.scope")],
    ["version 1, made by Docker", version1("docker/abc")],
  ] as const) {
    it(`reads ${title}`, async () => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      expect(await readCgroupUsage(root, "abc")).to.deep.equal({ cpuNanoseconds: 1.5e9, memoryBytes: 3800 });
      expect(await readCgroupUsage(root, "other")).to.equal(undefined);
    });
  }
});

describe("usage as Docker tells it", () => {
  for (const [title, answer, expected] of [
    [
      "takes off what is cached",
      { cpu_stats: { cpu_usage: { total_usage: 7 } }, memory_stats: { usage: 100, stats: { inactive_file: 30 } } },
      { cpuNanoseconds: 7, memoryBytes: 70 },
    ],
    [
      "is nothing for a container that has ended",
      { cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} },
      undefined,
    ],
    ["is nothing for a container that is gone", undefined, undefined],
  ] as const) {
    it(title, () => {
      expect(parseStats(answer)).to.deep.equal(expected);
    });
  }
});

describe("usage from /proc", () => {
  it("counts fields after the program's name, whatever that is", () => {
    const text = "42 (a) 9 (b c) S 7 42 42 0 -1 4194304 1 2 3 4 10 20 30 40 20 0 1 0 5555 1000 77 0";
    expect(parseProcessStat(text)).to.deep.equal({ pid: 42, parent: 7, group: 42, startTicks: "5555", cpuTicks: 100 });
    expect(parseProcessStat("")).to.equal(undefined);
  });

  it("puts a program together with its group and with what that has started", () => {
    const process = (pid: number, parent: number, group: number): ProcessReading => ({
      pid,
      parent,
      group,
      startTicks: "1",
      cpuTicks: 1,
    });
    const all = [process(13, 12, 12), process(1, 0, 1), process(10, 1, 10), process(11, 1, 10), process(12, 11, 12)];
    const family = familyOf({ pid: 10, startTicks: "1" }, all);
    expect(family.map(({ pid }) => pid).sort()).to.deep.equal([10, 11, 12, 13]);
    expect(familyOf({ pid: 10, startTicks: "2" }, all)).to.deep.equal([]);
  });

  it("counts the work of the machine without its idling", () => {
    expect(parseBusyTicks("cpu  1 2 4 800 1600 8 16 32 64 128\ncpu0 9 9 9 9\n")).to.equal(1 + 2 + 4 + 8 + 16 + 32);
    expect(parseMemoryBytes("MemTotal:  100 kB\nMemFree:  1 kB\nMemAvailable:   40 kB\n")).to.equal(60 * 1024);
  });
});
