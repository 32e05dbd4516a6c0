import { expect } from "chai";
import type { JobSpec } from "../../api/batch/job.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { exited, indexed, indexOfPod, JobScene } from "../../testing/job-builders.ts";

const SECOND_MS = 1000;

describe("an indexed Job", () => {
  let parts: ControllerCluster;
  let scene: JobScene;
  beforeEach(async () => {
    parts = await startControllerCluster();
    scene = new JobScene(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  it("has each index succeed once, and makes a pod for one that failed", async () => {
    await scene.start(indexed(4, { parallelism: 2 }));
    expect(await scene.activeIndexes()).to.equal("0 1");
    await scene.endIndex(0, "Failed");
    await scene.endIndex(1, "Succeeded");
    await parts.cluster.step(10 * SECOND_MS);
    expect(await scene.activeIndexes()).to.equal("0 2");
    for (const index of [0, 2, 3]) await scene.endIndex(index, "Succeeded");
    expect(await scene.status()).to.include({ succeeded: 4, failed: 1, completedIndexes: "0-3" });
    expect(await scene.conditions()).to.include("Complete CompletionsReached");
  });

  it("gives up indexes one by one, and fails when the others have succeeded", async () => {
    await scene.start(indexed(3, { backoffLimitPerIndex: 1 }));
    await scene.endIndex(1, "Failed");
    expect(await scene.activeIndexes()).to.equal("0 2");
    await parts.cluster.step(10 * SECOND_MS);
    expect(await scene.activeIndexes()).to.equal("0 1 2");
    const again = (await scene.active()).find((pod) => indexOfPod(pod) === "1");
    expect(again?.metadata.annotations).to.include({ "batch.kubernetes.io/job-index-failure-count": "1" });
    await scene.endIndex(1, "Failed");
    await parts.cluster.step(60 * SECOND_MS);
    expect(await scene.activeIndexes()).to.equal("0 2");
    expect(await scene.status()).to.include({ failedIndexes: "1", failed: 2 });
    for (const index of [0, 2]) await scene.endIndex(index, "Succeeded");
    expect(await scene.conditions()).to.deep.equal(["FailureTarget FailedIndexes", "Failed FailedIndexes"]);
    expect(await scene.status()).to.include({ completedIndexes: "0,2", failedIndexes: "1", succeeded: 2 });
  });

  it("fails at once when too many indexes have been given up", async () => {
    await scene.start(indexed(4, { backoffLimitPerIndex: 0, maxFailedIndexes: 1 }));
    await scene.endIndex(0, "Failed");
    expect(await scene.conditions()).to.deep.equal([]);
    await scene.endIndex(3, "Failed");
    expect(await scene.conditions()).to.include("Failed MaxFailedIndexesExceeded");
    expect(await scene.active()).to.deep.equal([]);
    expect(await scene.status()).to.include({ failedIndexes: "0,3", failed: 4 });
  });

  const successes: [title: string, spec: Partial<JobSpec>, ending: readonly number[]][] = [
    ["all of some indexes", { successPolicy: { rules: [{ succeededIndexes: "1-2" }] } }, [1, 2]],
    ["a number of indexes", { successPolicy: { rules: [{ succeededCount: 2 }] } }, [0, 3]],
    [
      "a number out of some indexes",
      { successPolicy: { rules: [{ succeededIndexes: "0-2", succeededCount: 1 }] } },
      [3, 2],
    ],
  ];
  for (const [title, spec, ending] of successes) {
    it(`has succeeded with ${title}, and lets the other pods go without counting them`, async () => {
      await scene.start(indexed(4, spec));
      for (const [done, index] of ending.entries()) {
        expect(await scene.conditions(), `after ${done}`).to.deep.equal([]);
        await scene.endIndex(index, "Succeeded");
      }
      expect(await scene.conditions()).to.deep.equal(["SuccessCriteriaMet SuccessPolicy", "Complete SuccessPolicy"]);
      expect(await scene.status())
        .to.include({ succeeded: 2, ready: 0 })
        .and.not.have.any.keys("active", "failed");
      expect(await scene.active()).to.deep.equal([]);
    });
  }

  it("grows and shrinks", async () => {
    await scene.start(indexed(2));
    await scene.endIndex(0, "Succeeded");
    await scene.patch({ completions: 4, parallelism: 4 });
    expect(await scene.activeIndexes()).to.equal("1 2 3");
    await scene.endIndex(3, "Succeeded");
    expect(await scene.status()).to.include({ completedIndexes: "0,3" });
    await scene.patch({ completions: 2, parallelism: 2 });
    expect(await scene.activeIndexes()).to.equal("1");
    expect(await scene.status()).to.include({ completedIndexes: "0", succeeded: 1 });
    await scene.endIndex(1, "Succeeded");
    expect(await scene.conditions()).to.include("Complete CompletionsReached");
  });

  const rule = (action: "FailJob" | "FailIndex" | "Ignore" | "Count") => ({
    podFailurePolicy: { rules: [{ action, onExitCodes: { operator: "In" as const, values: [42] } }] },
  });

  it("fails as a whole when a rule says so", async () => {
    await scene.start(indexed(2, rule("FailJob")));
    const [pod] = (await scene.active()).filter((each) => indexOfPod(each) === "0");
    await scene.endIndex(0, "Failed", exited(42));
    const message = `Container main for pod default/${pod?.metadata.name} failed with exit code 42 matching FailJob rule at index 0`;
    const { conditions = [] } = await scene.status();
    expect(conditions.map(({ type, reason, message: text }) => [type, reason, text])).to.deep.equal([
      ["FailureTarget", "PodFailurePolicy", message],
      ["Failed", "PodFailurePolicy", message],
    ]);
  });

  it("gives up an index at once when a rule says so", async () => {
    await scene.start(indexed(2, { backoffLimitPerIndex: 3, ...rule("FailIndex") }));
    await scene.endIndex(0, "Failed", exited(42));
    expect(await scene.status()).to.include({ failedIndexes: "0" });
    await scene.endIndex(1, "Failed", exited(1));
    expect(await scene.status()).to.include({ failedIndexes: "0" });
    await parts.cluster.step(10 * SECOND_MS);
    expect(await scene.activeIndexes()).to.equal("1");
  });

  it("does not count failures that a rule ignores, but waits longer after each", async () => {
    await scene.start(indexed(1, { backoffLimit: 0, ...rule("Ignore") }));
    await scene.endIndex(0, "Failed", exited(42));
    await parts.cluster.step(10 * SECOND_MS);
    await scene.endIndex(0, "Failed", exited(42));
    await parts.cluster.step(10 * SECOND_MS);
    expect(await scene.active()).to.deep.equal([]);
    await parts.cluster.step(10 * SECOND_MS);
    await scene.endIndex(0, "Failed", exited(7));
    expect(await scene.conditions()).to.include("Failed BackoffLimitExceeded");
    expect(await scene.status()).to.include({ failed: 1 });
  });

  it("finds a rule by the condition of a pod", async () => {
    const onPodConditions = [{ type: "DisruptionTarget", status: "True" as const }];
    await scene.start(
      indexed(1, { backoffLimit: 0, podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions }] } }),
    );
    await scene.endIndex(0, "Failed", { conditions: [{ type: "DisruptionTarget", status: "True" }] });
    expect(await scene.conditions()).to.deep.equal([]);
    expect(await scene.status()).to.not.have.property("failed");
  });
});
