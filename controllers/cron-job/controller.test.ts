import { expect } from "chai";
import { cronJobs, type CronJob, type CronJobSpec } from "../../api/batch/cron-job.ts";
import { jobs, type Job } from "../../api/batch/job.ts";
import { events } from "../../api/core/event.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { allControllers, startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { JobScene, newJob } from "../../testing/job-builders.ts";

const MINUTE_MS = 60_000;

function newCronJob(spec: Partial<CronJobSpec> = {}): NewObject<CronJob> {
  const metadata = { name: "cron", namespace: "default" };
  const jobTemplate = { metadata: { labels: { made: "by-cron" } }, spec: newJob().spec };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata,
    spec: { schedule: "* * * * *", jobTemplate, ...spec },
  };
}

describe("a CronJob", () => {
  let parts: ControllerCluster;
  let scene: JobScene;
  beforeEach(async () => {
    parts = await startControllerCluster();
    scene = new JobScene(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  const start = async (spec: Partial<CronJobSpec> = {}) => {
    await parts.cluster.apply(newCronJob(spec));
    await parts.cluster.settle();
  };
  const cronJob = () => parts.cluster.get(cronJobs, "cron");
  const made = async () =>
    (await parts.cluster.list(jobs)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const minutes = (count: number) => parts.cluster.step(count * MINUTE_MS);
  const reasons = async () => {
    const told = (await parts.cluster.list(events)).filter(({ involvedObject }) => involvedObject.kind === "CronJob");
    return told.map(({ reason }) => reason);
  };
  const activeNames = async () => ((await cronJob()).status.active ?? []).map(({ name }) => name);

  it("makes a job at each run, named after the run's minute", async () => {
    await start();
    expect(await made()).to.deep.equal([]);
    await parts.cluster.step(MINUTE_MS + 200);
    const [job] = await made();
    const minute = Date.parse((await cronJob()).status.lastScheduleTime ?? "") / MINUTE_MS;
    expect(job?.metadata.name).to.equal(`cron-${minute}`);
    expect(job?.metadata.labels).to.include({ made: "by-cron" });
    expect(job?.metadata.ownerReferences?.[0]).to.include({ kind: "CronJob", name: "cron", controller: true });
    const time = new Date(minute * MINUTE_MS).toISOString().replace(".000", "");
    expect(job?.metadata.annotations).to.include({ "batch.kubernetes.io/cronjob-scheduled-timestamp": time });
    expect(await activeNames()).to.deep.equal([job?.metadata.name]);
    await scene.end("Succeeded");
    expect(await activeNames()).to.deep.equal([]);
    expect((await cronJob()).status.lastSuccessfulTime).to.be.a("string");
    expect(await reasons()).to.have.members(["SuccessfulCreate", "SawCompletedJob"]);
  });

  const policies: [policy: "Allow" | "Forbid" | "Replace", jobs: number, event: string][] = [
    ["Allow", 3, "SuccessfulCreate"],
    ["Forbid", 1, "JobAlreadyActive"],
    ["Replace", 1, "SuccessfulDelete"],
  ];
  for (const [concurrencyPolicy, count, event] of policies) {
    it(`with the policy ${concurrencyPolicy} has ${count} of three long jobs running`, async () => {
      await start({ concurrencyPolicy });
      await minutes(1.1);
      const [first] = await made();
      await minutes(1);
      await minutes(1);
      expect(await made()).to.have.length(count);
      expect(await activeNames()).to.have.length(count);
      expect(await reasons()).to.include(event);
      const isReplaced = !(await activeNames()).includes(first?.metadata.name);
      expect(isReplaced).to.equal(concurrencyPolicy === "Replace");
    });
  }

  it("starts the run that waited as soon as the job before it has ended", async () => {
    await start({ concurrencyPolicy: "Forbid" });
    await minutes(2.1);
    const [first] = await activeNames();
    await scene.end("Succeeded");
    const [second, ...more] = await activeNames();
    expect(more).to.deep.equal([]);
    expect(second).to.be.a("string").and.not.equal(first);
  });

  it("makes no jobs while it is suspended", async () => {
    await start({ suspend: true });
    await minutes(3);
    expect(await made()).to.deep.equal([]);
  });

  it("keeps as many ended jobs as it is told", async () => {
    await start({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 });
    for (let run = 0; run < 3; run++) {
      await minutes(run === 0 ? 1.1 : 1);
      await scene.end("Succeeded");
    }
    const newest = `cron-${Date.parse((await cronJob()).status.lastScheduleTime ?? "") / MINUTE_MS}`;
    expect((await made()).map(({ metadata }) => metadata.name)).to.deep.equal([newest]);
  });

  /** Controllers that were away for so many minutes. */
  const startAfter = async (missed: number, cron: NewObject<CronJob>) => {
    await parts.cluster.stop();
    parts = await startControllerCluster({ controllers: () => Promise.resolve() });
    await parts.cluster.apply(cron);
    parts.cluster.clock.jumpWallClock(missed * MINUTE_MS);
    parts.cluster.run(allControllers);
    await parts.cluster.settle();
  };

  it("runs once for many missed runs, and says so", async () => {
    await startAfter(200, newCronJob());
    expect(await made()).to.have.length(1);
    expect(await reasons()).to.include("TooManyMissedTimes");
  });

  it("forgets runs that are later than their deadline", async () => {
    await startAfter(118, newCronJob({ schedule: "0 * * * *", startingDeadlineSeconds: 60 }));
    expect(await made()).to.deep.equal([]);
    await minutes(2.1);
    expect(await made()).to.have.length(1);
  });

  it("says that an active job has gone", async () => {
    await start({ concurrencyPolicy: "Forbid" });
    await minutes(1.1);
    const [name = ""] = await activeNames();
    await parts.cluster.client.delete(jobs, { namespace: "default", name }, { propagationPolicy: "Background" });
    await parts.cluster.settle();
    expect(await activeNames()).to.deep.equal([]);
    expect(await reasons()).to.include("MissingJob");
    await minutes(1);
    expect(await activeNames()).to.have.length(1);
  });

  it("takes its jobs with it, and their pods", async () => {
    await start();
    await minutes(1.1);
    await parts.cluster.delete(cronJobs, "cron");
    await parts.cluster.settle();
    expect([await made(), await scene.pods()]).to.deep.equal([[], []]);
  });

  it("tells what is wrong with a schedule that never comes", async () => {
    await start({ schedule: "0 0 31 2 *" });
    expect(await reasons()).to.deep.equal(["InvalidSchedule"]);
    expect(parts.errors).to.deep.equal([]);
  });

  it("runs each minute once, though the clock is set forward and back", async () => {
    await start({ successfulJobsHistoryLimit: 100 });
    await minutes(1.1);
    const names = new Set((await made()).map(({ metadata }: Job) => metadata.name));
    for (const jumpMs of [60 * MINUTE_MS, -60 * MINUTE_MS]) {
      parts.cluster.clock.jumpWallClock(jumpMs);
      await minutes(1);
      await minutes(1);
      for (const { metadata } of await made()) names.add(metadata.name);
      const all = await made();
      expect(new Set(all.map(({ metadata }) => metadata.name)).size).to.equal(all.length);
    }
    // One before, one or two after the jump; none for the hour that comes again.
    expect(names.size).to.be.within(2, 3);
  });
});
