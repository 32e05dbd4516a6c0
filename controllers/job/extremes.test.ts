import { expect } from "chai";
import type { JobSpec } from "../../api/batch/job.ts";
import { events } from "../../api/core/event.ts";
import { newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { indexed, JobScene, newJob } from "../../testing/job-builders.ts";

const MAX = 2 ** 31 - 1;
const neverRestarted = { spec: { ...newPod("x").spec, restartPolicy: "Never" as const } };

type Extreme = readonly [title: string, spec: Partial<JobSpec>, condition: string | undefined, pods: number];
const extremes: readonly Extreme[] = [
  ["no completions", { completions: 0 }, "Complete CompletionsReached", 0],
  ["no parallelism", { parallelism: 0, completions: 3 }, undefined, 0],
  ["no completions while suspended", { completions: 0, suspend: true }, "Complete CompletionsReached", 0],
  ["no indexes", { completions: 0, parallelism: 5, completionMode: "Indexed" }, "Complete CompletionsReached", 0],
  ["more parallelism than completions", { parallelism: MAX, completions: 2 }, undefined, 2],
  [
    "the highest limits",
    { backoffLimit: MAX, activeDeadlineSeconds: Number.MAX_SAFE_INTEGER, ttlSecondsAfterFinished: MAX },
    undefined,
    1,
  ],
  [
    "no time at all",
    { activeDeadlineSeconds: 1, backoffLimit: 0, ttlSecondsAfterFinished: MAX },
    "Failed DeadlineExceeded",
    0,
  ],
  ["many indexes", { completionMode: "Indexed", completions: MAX, parallelism: 1 }, undefined, 1],
];

describe("a Job at the limits", () => {
  let parts: ControllerCluster;
  let scene: JobScene;
  beforeEach(async () => {
    parts = await startControllerCluster();
    scene = new JobScene(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  for (const [title, spec, condition, count] of extremes) {
    it(`does what it can with ${title}`, async () => {
      await scene.start(newJob({ template: neverRestarted, ...spec }));
      await parts.cluster.step(2000);
      expect((await scene.conditions()).at(-1)).to.equal(condition);
      expect(await scene.pods()).to.have.length(count);
      expect(parts.errors).to.deep.equal([]);
    });
  }

  it("tells by an event why its pods cannot be made, tries less and less often, and stops nobody else", async () => {
    const broken = { spec: { ...neverRestarted.spec, priorityClassName: "missing" } };
    await scene.start({ ...indexed(3, { template: broken }) });
    await scene.start(newJob({}, "other"));
    await parts.cluster.step(10_000);
    expect(await scene.status("other")).to.include({ active: 1 });
    expect(await scene.status())
      .to.include({ ready: 0 })
      .and.not.have.property("active");
    const told = (await parts.cluster.list(events)).filter(({ reason }) => reason === "FailedCreate");
    expect(told[0]?.message).to.match(/^Error creating: pods "work-0-\w*" is forbidden: no PriorityClass/);
    expect(parts.errors.length).to.be.within(1, 12);
  });
});
