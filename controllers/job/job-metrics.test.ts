import { expect } from "chai";
import type { NewObject } from "../../api/meta/object.ts";
import type { Job } from "../../api/batch/job.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { exited, indexed, JobScene, newJob } from "../../testing/job-builders.ts";

describe("the metrics of jobs", () => {
  let parts: ControllerCluster;
  let scene: JobScene;
  beforeEach(async () => {
    parts = await startControllerCluster();
    scene = new JobScene(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  /** The series of a metric, `labels value`, in the order of their labels. */
  async function series(name: string): Promise<readonly string[]> {
    const { text } = await parts.cluster.metrics.render();
    const lines = text.split("\n").filter((line) => line.startsWith(`job_controller_${name}{`));
    return lines
      .map((line) =>
        line
          .slice(line.indexOf("{") + 1)
          .replace(/"/g, "")
          .replace("}", ""),
      )
      .sort();
  }
  const run = async (job: NewObject<Job>, ...ends: readonly ("Succeeded" | "Failed")[]) => {
    await scene.start(job);
    for (const end of ends) {
      await scene.end(end);
      await parts.cluster.step(60_000);
    }
  };

  it("count pods and jobs that have ended, by how", async () => {
    await run(newJob({ completions: 2, backoffLimit: 2 }), "Succeeded", "Failed", "Succeeded");
    await run(newJob({ backoffLimit: 0 }, "broken"), "Failed");
    expect(await series("job_pods_finished_total")).to.deep.equal([
      "completion_mode=NonIndexed,result=failed 2",
      "completion_mode=NonIndexed,result=succeeded 2",
    ]);
    expect(await series("jobs_finished_total")).to.deep.equal([
      "completion_mode=NonIndexed,result=failed,reason=BackoffLimitExceeded 1",
      "completion_mode=NonIndexed,result=succeeded,reason=CompletionsReached 1",
    ]);
    expect(await series("job_pods_creation_total")).to.deep.equal([
      "reason=new,status=succeeded 3",
      "reason=recreate_terminating_or_failed,status=succeeded 1",
    ]);
    expect(await series("terminated_pods_tracking_finalizer_total")).to.deep.equal(["event=add 4", "event=delete 4"]);
  });

  it("count indexes, and by which limit they are given up", async () => {
    await run(indexed(3, { backoffLimitPerIndex: 0, maxFailedIndexes: 3 }), "Succeeded", "Failed", "Succeeded");
    expect(await series("job_finished_indexes_total")).to.deep.equal([
      "status=failed,backoffLimit=perIndex 1",
      "status=succeeded,backoffLimit=perIndex 2",
    ]);
    expect(await series("job_pods_finished_total")).to.deep.equal([
      "completion_mode=Indexed,result=failed 1",
      "completion_mode=Indexed,result=succeeded 2",
    ]);
    expect(await series("jobs_finished_total")).to.deep.equal([
      "completion_mode=Indexed,result=failed,reason=FailedIndexes 1",
    ]);
  });

  it("count the failures that a policy has judged, and none that it has not", async () => {
    const rule = (action: "Ignore" | "FailJob", ...values: number[]) => ({
      action,
      onExitCodes: { operator: "In" as const, values },
    });
    const podFailurePolicy = { rules: [rule("Ignore", 7), rule("FailJob", 8)] };
    await scene.start(newJob({ podFailurePolicy }));
    for (const exitCode of [7, 1, 7, 8]) {
      await scene.end("Failed", 1, exited(exitCode));
      await parts.cluster.step(120_000);
    }
    expect(await series("pod_failures_handled_by_failure_policy_total")).to.deep.equal([
      "action=FailJob 1",
      "action=Ignore 2",
    ]);
    expect(await scene.conditions()).to.include("Failed PodFailurePolicy");
  });

  it("count looks at jobs by what came of them, with the time that they took", async () => {
    await run(newJob({ parallelism: 2, completions: 2 }));
    await scene.patch({ suspend: true });
    const syncs = await series("job_syncs_total");
    const actions = syncs.map((line) => /action=(\w+)/.exec(line)?.[1]);
    expect(actions).to.include.members(["pods_created", "pods_deleted", "tracking"]);
    const counts = await series("job_sync_duration_seconds_count");
    expect(counts).to.deep.equal(syncs);
  });

  it("count jobs that others look after", async () => {
    await scene.start(newJob({ managedBy: "example.com/queue" }));
    expect(await series("jobs_by_external_controller_total")).to.deep.equal(["controller_name=example.com/queue 1"]);
    expect(await series("job_syncs_total")).to.deep.equal([]);
  });
});
