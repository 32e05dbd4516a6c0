import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { JobScene, newJob } from "../../testing/job-builders.ts";

describe("a Job whose pod is being deleted", () => {
  let parts: ControllerCluster;
  let scene: JobScene;
  beforeEach(async () => {
    parts = await startControllerCluster();
    scene = new JobScene(parts.cluster);
  });
  afterEach(() => parts.cluster.stop());

  /** Deletes the job's pod, which takes its time to end; resolves with its name. */
  const deletePod = async () => {
    parts.kubelet.silent.add("n1");
    const [pod] = await scene.active();
    const name = pod?.metadata.name ?? "";
    await parts.cluster.delete(pods, name);
    await parts.cluster.settle();
    return name;
  };

  it("counts it as failed and replaces it at once, unless told otherwise", async () => {
    await scene.start(newJob());
    await deletePod();
    expect(await scene.status()).to.include({ failed: 1, terminating: 1 });
    await parts.cluster.step(10_000);
    expect(await scene.active()).to.have.length(1);
  });

  it("waits until it has ended where it replaces only failed pods", async () => {
    await scene.start(newJob({ podReplacementPolicy: "Failed" }));
    const name = await deletePod();
    await parts.cluster.step(20_000);
    expect(await scene.status())
      .to.include({ terminating: 1, ready: 0 })
      .and.not.have.property("failed");
    expect(await scene.pods()).to.have.length(1);
    await parts.cluster.setStatus(pods, name, { phase: "Failed" });
    await parts.cluster.step(10_000);
    expect(await scene.status()).to.include({ failed: 1, terminating: 0, active: 1 });
  });

  it("says that it has failed only when no pod is left", async () => {
    await scene.start(newJob({ activeDeadlineSeconds: 5 }));
    parts.kubelet.silent.add("n1");
    await parts.cluster.step(5000);
    expect(await scene.conditions()).to.deep.equal(["FailureTarget DeadlineExceeded"]);
    expect(await scene.status()).to.include({ terminating: 1, failed: 1 });
    const [pod] = await scene.pods();
    const key = { namespace: "default", name: pod?.metadata.name ?? "" };
    await parts.cluster.client.delete(pods, key, { gracePeriodSeconds: 0 });
    await parts.cluster.settle();
    expect(await scene.conditions()).to.deep.equal(["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"]);
    expect(await scene.status()).to.include({ terminating: 0, failed: 1 });
  });
});
