import { expect } from "chai";
import type { Job } from "../../api/batch/job.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { laggingControllers, someControllers, startControllerCluster } from "../../testing/controller-cluster.ts";
import type { Component } from "../../testing/cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { indexed, JobScene, newJob } from "../../testing/job-builders.ts";

const controllers = someControllers("job", "job-orphan-pods");
const nobody: Component = () => Promise.resolve();

/** In each round the controllers fail after one write more than in the one before, and heal; until they fail no more. */
async function crashAnywhere(job: NewObject<Job>, act: (scene: JobScene) => Promise<void>): Promise<Job["status"][]> {
  const ends: Job["status"][] = [];
  for (let writes = 0, died = true; died; writes++) {
    const { cluster } = await startControllerCluster({ controllers: nobody });
    const scene = new JobScene(cluster);
    const faulty = dyingAfter(cluster.transport, writes);
    const stop = cluster.run((parts, signal) => controllers({ ...parts, transport: faulty.transport }, signal));
    await scene.start(job);
    await act(scene);
    died = faulty.isDead();
    stop();
    await cluster.settle();
    cluster.run(controllers);
    await cluster.settle();
    for (let turn = 0; turn < 6 && (await scene.active()).length > 0; turn++) await act(scene);
    await cluster.step(60_000);
    ends.push(await scene.status());
    await cluster.stop();
  }
  expect(ends.length).to.be.greaterThan(8);
  return ends;
}

describe("the job controller, when it crashes between any two writes", () => {
  it("counts each pod once, and makes none too many", async () => {
    const job = newJob({ parallelism: 2, completions: 2 });
    for (const status of await crashAnywhere(job, (scene) => scene.end("Succeeded", 2))) {
      expect(status).to.deep.include({ succeeded: 2, terminating: 0, ready: 0, uncountedTerminatedPods: {} });
      expect(status.conditions?.map(({ type }) => type)).to.deep.equal(["SuccessCriteriaMet", "Complete"]);
    }
  }).timeout(120_000);

  it("counts each failure once, and fails", async () => {
    const job = indexed(2, { backoffLimitPerIndex: 0 });
    for (const status of await crashAnywhere(job, (scene) => scene.end("Failed", 2))) {
      expect(status).to.deep.include({ failed: 2, failedIndexes: "0,1", uncountedTerminatedPods: {} });
      expect(status.conditions?.map(({ type }) => type)).to.deep.equal(["FailureTarget", "Failed"]);
    }
  }).timeout(120_000);
});

describe("the job controller, when its caches lag behind", () => {
  it("still counts each pod once, and makes none too many", async () => {
    let turn = 0;
    const lagging = laggingControllers(() => [5, 40, 15, 80][turn++ % 4] ?? 5);
    const { cluster } = await startControllerCluster({ controllers: lagging });
    const scene = new JobScene(cluster);
    await scene.start(newJob({ parallelism: 3, completions: 9 }));
    for (let round = 0; round < 9 && (await scene.active()).length > 0; round++) await scene.end("Succeeded", 3);
    expect(await scene.pods()).to.have.length(9);
    expect(await scene.status()).to.include({ succeeded: 9 });
    expect(await scene.conditions()).to.include("Complete CompletionsReached");
    await cluster.stop();
  });
});
