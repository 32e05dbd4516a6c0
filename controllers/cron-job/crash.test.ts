import { expect } from "chai";
import { cronJobs, type CronJob, type CronJobSpec } from "../../api/batch/cron-job.ts";
import { jobs } from "../../api/batch/job.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { laggingControllers, someControllers, startControllerCluster } from "../../testing/controller-cluster.ts";
import type { Component } from "../../testing/cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { JobScene, newJob } from "../../testing/job-builders.ts";

const MINUTE_MS = 60_000;
const controllers = someControllers("cronjob", "job", "job-orphan-pods", "garbage-collector");
const nobody: Component = () => Promise.resolve();

const cronJob = (spec: Partial<CronJobSpec> = {}): NewObject<CronJob> => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: { name: "cron", namespace: "default" },
  spec: { schedule: "0 * * * *", successfulJobsHistoryLimit: 0, jobTemplate: { spec: newJob().spec }, ...spec },
});

describe("the cron job controller, when it crashes between any two writes", () => {
  it("runs each run once, also when nothing is kept of it", async () => {
    let rounds = 0;
    for (let died = true; died; rounds++) {
      const { cluster } = await startControllerCluster({ controllers: nobody });
      const scene = new JobScene(cluster);
      const names = new Set<string>();
      await cluster.apply(cronJob());
      cluster.clock.jumpWallClock(60 * MINUTE_MS);
      const faulty = dyingAfter(cluster.transport, rounds);
      const stop = cluster.run((parts, signal) => controllers({ ...parts, transport: faulty.transport }, signal));
      const note = async () => (await cluster.list(jobs)).forEach(({ metadata }) => names.add(metadata.uid));
      await cluster.settle();
      await note();
      await scene.end("Succeeded");
      died = faulty.isDead();
      stop();
      await cluster.settle();
      cluster.run(controllers);
      await cluster.settle();
      await note();
      await scene.end("Succeeded");
      await note();
      await cluster.step(MINUTE_MS);
      await note();
      const { status } = await cluster.get(cronJobs, "cron");
      expect([names.size, status.active ?? [], await cluster.list(jobs)]).to.deep.equal([1, [], []], `round ${rounds}`);
      expect(status).to.include.keys("lastScheduleTime", "lastSuccessfulTime");
      await cluster.stop();
    }
    expect(rounds).to.be.greaterThan(6);
  }).timeout(120_000);
});

describe("the cron job controller, when its caches lag behind", () => {
  it("runs each run once", async () => {
    const lagging = laggingControllers(() => 70);
    const { cluster } = await startControllerCluster({ controllers: lagging });
    await cluster.apply(cronJob({ schedule: "* * * * *", concurrencyPolicy: "Forbid" }));
    await cluster.step(2.5 * MINUTE_MS);
    expect(await cluster.list(jobs)).to.have.length(1);
    await new JobScene(cluster).end("Succeeded");
    await cluster.step(500);
    const { status } = await cluster.get(cronJobs, "cron");
    expect(status.active).to.have.length(1);
    await cluster.stop();
  });
});
