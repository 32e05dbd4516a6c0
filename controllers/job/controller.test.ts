import { expect } from "chai";
import { jobs } from "../../api/batch/job.ts";
import { events } from "../../api/core/event.ts";
import { pods } from "../../api/core/pod.ts";
import { newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { indexed, indexOfPod, JobScene, newJob } from "../../testing/job-builders.ts";
import { TRACKING_FINALIZER } from "./pod-facts.ts";

const SECOND_MS = 1000;

describe("a Job", () => {
  let parts: ControllerCluster;
  let scene: JobScene;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2"] });
    scene = new JobScene(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  const reasons = async () => {
    const told = (await parts.cluster.list(events)).filter(({ involvedObject }) => involvedObject.kind === "Job");
    return told.map(({ reason, message = "" }) => `${reason}: ${message.replace(/work-\w+$/, "work-…")}`);
  };

  it("runs one pod to its end, and says when it started and ended", async () => {
    await scene.start(newJob());
    const [pod] = await scene.pods();
    expect(pod?.metadata.generateName).to.equal("work-");
    expect(pod?.metadata.finalizers).to.deep.equal([TRACKING_FINALIZER]);
    expect(await scene.status()).to.deep.include({ active: 1, ready: 1, terminating: 0, uncountedTerminatedPods: {} });
    await scene.end("Succeeded");
    const status = await scene.status();
    expect(status).to.deep.include({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(status).to.include.keys("startTime", "completionTime").and.not.have.property("active");
    expect(await scene.conditions()).to.deep.equal([
      "SuccessCriteriaMet CompletionsReached",
      "Complete CompletionsReached",
    ]);
    expect((await scene.pods()).flatMap(({ metadata }) => metadata.finalizers ?? [])).to.deep.equal([]);
    expect(await reasons()).to.have.members(["SuccessfulCreate: Created pod: work-…", "Completed: Job completed"]);
  });

  it("keeps as many pods running as it may, and makes no more than it needs", async () => {
    await scene.start(newJob({ parallelism: 2, completions: 5 }));
    expect(await scene.active()).to.have.length(2);
    await scene.end("Succeeded", 2);
    await scene.end("Succeeded", 2);
    expect(await scene.active()).to.have.length(1);
    await scene.end("Succeeded");
    expect(await scene.status()).to.include({ succeeded: 5 });
    expect(await scene.pods()).to.have.length(5);
  });

  it("without a number of completions ends by one success, once the other pods have ended", async () => {
    await scene.start(newJob({ parallelism: 3 }));
    await scene.end("Succeeded");
    expect(await scene.active()).to.have.length(2);
    expect(await scene.conditions()).to.deep.equal([]);
    await scene.end("Succeeded", 2);
    expect(await scene.status()).to.include({ succeeded: 3 });
    expect(await scene.conditions()).to.include("Complete CompletionsReached");
  });

  it("waits ten seconds after a failure, and twice as long after the next", async () => {
    await scene.start(newJob());
    for (const waitMs of [10 * SECOND_MS, 20 * SECOND_MS]) {
      await scene.end("Failed");
      await parts.cluster.step(waitMs - 2 * SECOND_MS);
      expect(await scene.active()).to.have.length(0);
      await parts.cluster.step(2 * SECOND_MS);
      expect(await scene.active()).to.have.length(1);
    }
    expect(await scene.status()).to.include({ failed: 2 });
  });

  it("fails when more pods have failed than it may, and takes the others with it", async () => {
    await scene.start(newJob({ backoffLimit: 0, parallelism: 2, completions: 4 }));
    await scene.end("Failed");
    expect(await scene.conditions()).to.deep.equal([
      "FailureTarget BackoffLimitExceeded",
      "Failed BackoffLimitExceeded",
    ]);
    expect(await scene.status())
      .to.include({ failed: 2 })
      .and.not.have.property("completionTime");
    expect(await scene.pods()).to.have.length(1);
    expect(await reasons()).to.include("BackoffLimitExceeded: Job has reached the specified backoff limit");
  });

  it("counts the restarts of containers where pods restart them", async () => {
    const job = newJob({ backoffLimit: 2 });
    const template = { spec: { ...newPod("x").spec, restartPolicy: "OnFailure" as const } };
    await scene.start({ ...job, spec: { ...job.spec, template } });
    const [pod] = await scene.active();
    const main = { name: "main", image: "a", imageID: "", ready: false, state: { running: {} }, lastState: {} };
    await parts.cluster.setStatus(pods, pod?.metadata.name ?? "", {
      containerStatuses: [{ ...main, restartCount: 2 }],
    });
    await parts.cluster.settle();
    expect(await scene.conditions()).to.include("Failed BackoffLimitExceeded");
  });

  it("fails at its deadline", async () => {
    await scene.start(newJob({ activeDeadlineSeconds: 30 }));
    await parts.cluster.step(29 * SECOND_MS);
    expect(await scene.conditions()).to.deep.equal([]);
    await parts.cluster.step(SECOND_MS);
    expect(await scene.conditions()).to.include("Failed DeadlineExceeded");
    expect(await scene.pods()).to.deep.equal([]);
  });

  it("makes no pods while it is suspended, and starts anew when it goes on", async () => {
    await scene.start(newJob({ suspend: true, activeDeadlineSeconds: 60 }));
    expect(await scene.pods()).to.deep.equal([]);
    expect(await scene.conditions()).to.deep.equal(["Suspended JobSuspended"]);
    expect(await scene.status()).to.not.have.property("startTime");
    await scene.patch({ suspend: false });
    expect(await scene.active()).to.have.length(1);
    const { startTime } = await scene.status();
    await parts.cluster.step(40 * SECOND_MS);
    await scene.patch({ suspend: true });
    expect(await scene.pods()).to.deep.equal([]);
    expect(await scene.status()).to.not.have.any.keys("active", "failed");
    await parts.cluster.step(40 * SECOND_MS);
    await scene.patch({ suspend: false });
    expect((await scene.status()).startTime).to.not.equal(startTime);
    expect(await scene.active()).to.have.length(1);
    expect(await reasons()).to.include.members(["Suspended: Job suspended", "Resumed: Job resumed"]);
  });

  it("takes pods away when fewer may run, and counts none of them", async () => {
    await scene.start(newJob({ parallelism: 4, completions: 8 }));
    await scene.patch({ parallelism: 1 });
    expect(await scene.pods()).to.have.length(1);
    expect(await scene.status())
      .to.include({ active: 1, terminating: 0 })
      .and.not.have.property("failed");
  });

  it("leaves alone what another controller looks after", async () => {
    await scene.start(newJob({ managedBy: "example.com/other" }));
    expect(await scene.pods()).to.deep.equal([]);
    expect(await scene.status()).to.deep.equal({});
  });

  it("adopts pods that match, with its finalizer, and sets free those that no longer do", async () => {
    await scene.start(newJob({ parallelism: 1 }));
    const [pod] = await scene.active();
    const key = { namespace: "default", name: pod?.metadata.name ?? "" };
    const own = pod?.metadata.labels ?? {};
    const relabel = async (labels: object) => {
      await parts.cluster.client.patch(pods, key, { type: "merge", patch: { metadata: { labels } } });
      await parts.cluster.settle();
      return parts.cluster.get(pods, key.name);
    };
    const free = await relabel(Object.fromEntries(Object.keys(own).map((name) => [name, null])));
    expect([...(free.metadata.ownerReferences ?? []), ...(free.metadata.finalizers ?? [])]).to.deep.equal([]);
    expect(await scene.active()).to.have.length(2);
    const adopted = await relabel(own);
    expect(adopted.metadata.ownerReferences?.[0]).to.include({ kind: "Job", name: "work", controller: true });
    expect(adopted.metadata.finalizers).to.deep.equal([TRACKING_FINALIZER]);
    expect(await scene.active()).to.have.length(1);
  });

  it("lets its pods go when it is deleted", async () => {
    for (const propagationPolicy of ["Background", "Foreground"] as const) {
      await scene.start(newJob({ parallelism: 2 }));
      const key = { namespace: "default", name: "work" };
      await parts.cluster.client.delete(jobs, key, { propagationPolicy });
      await parts.cluster.settle();
      expect([await scene.pods(), await parts.cluster.list(jobs)]).to.deep.equal([[], []]);
    }
    await scene.start(newJob({ parallelism: 2 }));
    await parts.cluster.client.delete(jobs, { namespace: "default", name: "work" }, { propagationPolicy: "Orphan" });
    await parts.cluster.settle();
    const left = await scene.pods();
    expect(left).to.have.length(2);
    expect(left.flatMap(({ metadata }) => metadata.finalizers ?? [])).to.deep.equal([]);
  });

  it("is deleted some time after its end, if it says so", async () => {
    await scene.start(newJob({ ttlSecondsAfterFinished: 30 }));
    await scene.end("Succeeded");
    await parts.cluster.step(29 * SECOND_MS);
    expect(await parts.cluster.list(jobs)).to.have.length(1);
    await parts.cluster.step(2 * SECOND_MS);
    expect([await parts.cluster.list(jobs), await scene.pods()]).to.deep.equal([[], []]);
  });

  it("writes nothing when nothing changes", async () => {
    await scene.start(indexed(3, { activeDeadlineSeconds: 1_000_000, backoffLimitPerIndex: 1 }));
    await scene.endIndex(1, "Succeeded");
    const before = await scene.job();
    await parts.cluster.step(60 * SECOND_MS);
    expect((await scene.job()).metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
    expect(parts.errors).to.deep.equal([]);
  });

  it("tells by an event that its pods are refused", async () => {
    const job = newJob();
    const template = { spec: { ...job.spec.template.spec, hostname: "x", priorityClassName: "missing" } };
    await scene.start({ ...job, spec: { ...job.spec, template } });
    expect((await reasons()).join()).to.include("FailedCreate: Error creating: ");
    expect(await scene.status()).to.include({ ready: 0 });
  });

  it("gives pods of indexed jobs their index", async () => {
    await scene.start(indexed(2));
    const [pod] = (await scene.active()).filter((each) => indexOfPod(each) === "1");
    expect(pod?.metadata.name).to.match(/^work-1-\w{5}$/);
    expect(pod?.metadata.labels?.["batch.kubernetes.io/job-completion-index"]).to.equal("1");
    expect(pod?.spec.hostname).to.equal("work-1");
    const fieldPath = "metadata.labels['batch.kubernetes.io/job-completion-index']";
    expect(pod?.spec.containers[0]?.env).to.deep.equal([
      { name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } } },
    ]);
  });
});
