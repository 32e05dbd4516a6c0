import { expect } from "chai";
import { seededRandom } from "../../lib/random.ts";
import { generateTrace, HOUR, type Job } from "./trace.ts";

const DAY = { ...HOUR, lengthMs: 24 * 3_600_000 };
const trace = generateTrace(DAY, seededRandom(7));
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const work = ({ tasks, cpuMillis, runsMs }: Job) => tasks * cpuMillis * runsMs;
const of = (kind: Job["kind"]) => trace.jobs.filter((job) => job.kind === kind);
const middle = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

describe("a generated trace", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(generateTrace(DAY, seededRandom(7))).to.deep.equal(trace);
    expect(generateTrace(DAY, seededRandom(8)).jobs).not.to.deep.equal(trace.jobs);
  });

  it("is mostly of batch jobs, and most of what it asks for is for services", () => {
    expect(of("batch").length / trace.jobs.length).to.be.above(0.8);
    expect(sum(of("service").map(work)) / sum(trace.jobs.map(work))).to.be.within(0.55, 0.9);
  });

  it("has short batch jobs and long services", () => {
    expect(middle(of("batch").map(({ runsMs }) => runsMs))).to.be.within(45_000, 75_000);
    expect(middle(of("service").map(({ runsMs }) => runsMs))).to.be.above(20 * 60_000);
  });

  it("has heavy tails: a tenth of the jobs does most of the work, and pauses differ by far", () => {
    const works = of("batch")
      .map(work)
      .sort((a, b) => b - a);
    expect(sum(works.slice(0, works.length / 10)) / sum(works)).to.be.above(0.5);
    const arrivals = of("batch").map(({ submittedMs }) => submittedMs);
    const pauses = arrivals.slice(1).map((atMs, index) => atMs - (arrivals[index] ?? 0));
    expect(sum(pauses) / pauses.length).to.be.within(0.9 * DAY.batchEveryMs, 1.1 * DAY.batchEveryMs);
    expect(Math.max(...pauses)).to.be.above(8 * DAY.batchEveryMs);
    expect(middle(pauses)).to.be.below(0.7 * DAY.batchEveryMs);
  });

  it("comes in the order of its jobs, each of which fits on a node", () => {
    const arrivals = trace.jobs.map(({ submittedMs }) => submittedMs);
    expect(arrivals).to.deep.equal([...arrivals].sort((a, b) => a - b));
    const isPossible = ({ tasks, cpuMillis, memoryMi, runsMs }: Job) =>
      tasks >= 1 && cpuMillis > 0 && cpuMillis <= DAY.nodeCpuMillis && memoryMi <= DAY.nodeMemoryMi && runsMs > 0;
    expect([...trace.jobs, ...trace.residents].filter((job) => !isPossible(job))).to.deep.equal([]);
  });
});
