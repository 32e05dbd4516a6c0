import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { pods } from "../../api/core/pod.ts";
import { deploymentController } from "../../controllers/deployment/controller.ts";
import { replicaSetController } from "../../controllers/replicaset/controller.ts";
import { newDeployment, newService } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { KctlProgress } from "../../testing/kctl-progress.ts";
import type { Kctl } from "../../testing/kctl.ts";

describe("kctl rollout", () => {
  let cluster: TestCluster;
  let progress: KctlProgress;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start({ controllers: [deploymentController, replicaSetController] });
    progress = new KctlProgress(cluster);
    kctl = progress.kctl;
    await cluster.apply(newDeployment("web", { image: "web:1", replicas: 2 }), newService("web"));
    await cluster.settle();
  });
  afterEach(() => cluster.stop());

  async function setImage(image: string): Promise<void> {
    await kctl.out("set", "image", "deployment/web", `main=${image}`);
    await cluster.settle();
  }

  /** Makes all pods ready, as their kubelets would, until no new ones come. */
  async function makePodsReady(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const { metadata, status } of await cluster.list(pods)) {
        if (status.phase === "Running") continue;
        const conditions = [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }];
        await cluster.setStatus(pods, metadata.name, { phase: "Running", conditions });
      }
      await cluster.settle();
    }
  }

  const imageOf = async () => (await cluster.get(deployments, "web")).spec.template.spec?.containers[0]?.image;

  it("status looks once, or follows until all pods are available", async () => {
    const waiting = 'Waiting for deployment "web" rollout to finish: 0 of 2 updated replicas are available...\n';
    expect(await kctl.out("rollout", "status", "deploy/web", "--watch=false")).to.equal(waiting);
    const following = kctl.run("rollout", "status", "deployment/web");
    await progress.watching();
    await makePodsReady();
    const lines = (await following).stdout.split("\n");
    expect(`${lines[0]}\n`).to.equal(waiting);
    expect(lines.at(-2)).to.equal('deployment "web" successfully rolled out');
  });

  it("status gives up after its time", async () => {
    const following = kctl.run("rollout", "status", "deployment/web", "--timeout=5s");
    expect(await progress.finish(following)).to.deep.include({
      code: 1,
      stderr: "error: timed out waiting for the condition\n",
    });
  });

  it("status tells of a missing revision and of kinds without rollouts", async () => {
    expect(await kctl.run("rollout", "status", "deployment/web", "--revision=9")).to.deep.include({
      stderr: "error: desired revision (9) is different from the running revision (1)\n",
    });
    expect((await kctl.run("rollout", "status", "svc/web")).stderr).to.contain("no status viewer has been implemented");
    expect((await kctl.run("rollout", "status")).stderr).to.equal("error: required resource not specified\n");
  });

  it("history lists revisions with their causes, and shows one", async () => {
    await setImage("web:2");
    await kctl.out("annotate", "deployment/web", "kubernetes.io/change-cause=second image");
    await cluster.settle();
    expect(await kctl.out("rollout", "history", "deployment/web")).to.equal(
      "deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         second image\n\n",
    );
    const shown = await kctl.out("rollout", "history", "deployment/web", "--revision=1");
    expect(shown).to.match(/^deployment\.apps\/web with revision #1\nPod Template:\n {2}Labels:\tapp=web\n/);
    expect(shown).to.contain("\n    Image:\tweb:1\n");
    expect(await kctl.run("rollout", "history", "deployment/web", "--revision=9")).to.deep.include({
      code: 1,
      stderr: "error: unable to find the specified revision\n",
    });
  });

  it("undo goes back to the revision before, or to one by number", async () => {
    await setImage("web:2");
    await setImage("web:3");
    expect(await kctl.out("rollout", "undo", "deployment/web")).to.equal("deployment.apps/web rolled back\n");
    expect(await imageOf()).to.equal("web:2");
    await cluster.settle();
    await kctl.out("rollout", "undo", "deployment/web", "--to-revision=1");
    expect(await imageOf()).to.equal("web:1");
    expect((await cluster.get(deployments, "web")).spec.template.metadata?.labels).to.deep.equal({ app: "web" });
    await cluster.settle();
    const again = await kctl.out("rollout", "undo", "deployment/web", "--to-revision=5");
    expect(again).to.equal("deployment.apps/web skipped rollback (current template already matches revision 5)\n");
  });

  it("undo refuses what is not there, or not meant", async () => {
    const undo = async (...flags: string[]) => (await kctl.run("rollout", "undo", ...flags, "deployment/web")).stderr;
    expect(await undo()).to.equal('error: no rollout history found for deployment "web"\n');
    expect(await undo("--to-revision=9")).to.equal("error: unable to find specified revision 9 in history\n");
    await kctl.out("rollout", "pause", "deployment/web");
    expect(await undo()).to.contain("you cannot rollback a paused deployment");
  });

  it("pause, resume and restart say what they did, and refuse what makes no sense", async () => {
    const run = async (verb: string, target: string) => {
      const { stdout, stderr } = await kctl.run("rollout", verb, target);
      return stdout + stderr;
    };
    expect(await run("pause", "deployment/web")).to.equal("deployment.apps/web paused\n");
    expect(await run("pause", "deployment/web")).to.equal('error: deployments.apps "web" is already paused\n');
    expect(await run("restart", "deployment/web")).to.contain("can't restart paused deployment");
    expect(await run("resume", "deployment/web")).to.equal("deployment.apps/web resumed\n");
    expect(await run("resume", "deployment/web")).to.equal('error: deployments.apps "web" is not paused\n');
    expect(await run("restart", "deployment/web")).to.equal("deployment.apps/web restarted\n");
    expect(await run("restart", "deployment/web")).to.contain(
      "if restart has already been triggered within the past second",
    );
    expect(await run("pause", "svc/web")).to.equal('error: services "web" pausing is not supported\n');
    expect((await cluster.get(deployments, "web")).spec).to.not.have.property("paused");
  });
});
