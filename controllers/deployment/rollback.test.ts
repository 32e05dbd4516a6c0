import { expect } from "chai";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { newDeployment } from "../../testing/builders.ts";
import { RolloutProbe } from "../../testing/rollout-probe.ts";

const ON = { "kctl.dev/automatic-rollback": "true" };
const CAUSE = "kubernetes.io/change-cause";
const NOTE = "kctl.dev/last-rollback";
const brokenTemplate = newDeployment("web", { image: "app:broken" }).spec.template;
const RESTORED = "kctl.dev/RolledBack";

describe("a Deployment with automatic rollback", () => {
  let probe: RolloutProbe;
  beforeEach(async () => {
    probe = await RolloutProbe.start();
  });
  afterEach(async () => {
    await probe.cluster.stop();
    expect(probe.parts.errors).to.deep.equal([]);
  });

  /** Long enough for two deadlines. */
  const passDeadlines = () => probe.cluster.step(70_000);

  it("goes back to the template that was complete, under a new revision, and says what failed and why", async () => {
    await probe.apply(probe.asking({ ...ON, [CAUSE]: "first" }));
    await probe.setImage("app:broken", { [CAUSE]: "second" });
    await passDeadlines();
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:1", "app:1"]);
    const { metadata, status } = await probe.deployment();
    expect(await probe.image()).to.equal("app:1");
    expect(metadata.annotations).to.include({ "deployment.kubernetes.io/revision": "3", [CAUSE]: "first", ...ON });
    expect(status).to.include({ updatedReplicas: 4, availableReplicas: 4 });
    const condition = await probe.condition(RESTORED);
    expect(condition).to.include({ status: "True", reason: "RolloutFailed" });
    expect(condition?.message).to.match(
      /^Revision 2 \(ReplicaSet "web-\w+"\) failed: pod web-[\w-]+: it runs, but is not ready\. The template of revision 1 /,
    );
    expect(await probe.messages("RolloutFailed")).to.deep.equal([condition?.message]);
    expect((await probe.condition("Progressing"))?.reason).to.equal("NewReplicaSetAvailable");
  });

  it("does so where it is asked for together with the template that fails", async () => {
    await probe.apply(probe.asking({}));
    await probe.setImage("app:broken", ON);
    await passDeadlines();
    expect(await probe.image()).to.equal("app:1");
  });

  it("does not roll the failed template out again, unless it is changed or the note is removed", async () => {
    await probe.apply(probe.asking(ON));
    await probe.setImage("app:broken");
    await passDeadlines();
    await probe.setImage("app:broken");
    expect(await probe.image()).to.equal("app:1");
    expect(await probe.sizes()).to.deep.equal({ "app:broken": 0, "app:1": 4 });
    expect((await probe.condition(RESTORED))?.message).to.contain(
      "failed: its template has failed before. The template",
    );
    await probe.setImage("app:2");
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
    expect(await probe.condition(RESTORED)).to.equal(undefined);
    await probe.setImage("app:broken");
    expect(await probe.image()).to.equal("app:2");
    await probe.setImage("app:broken", { [NOTE]: null });
    expect((await probe.sizes())["app:broken"]).to.be.greaterThan(0);
    await passDeadlines();
    expect(await probe.image()).to.equal("app:2");
  });

  it("says that there is nothing to go back to", async () => {
    await probe.apply(probe.asking(ON, { template: brokenTemplate }));
    await passDeadlines();
    expect(await probe.image()).to.equal("app:broken");
    const condition = await probe.condition(RESTORED);
    expect(condition).to.include({ status: "False", reason: "NothingToGoBackTo" });
    expect(await probe.messages("NothingToGoBackTo")).to.deep.equal([condition?.message]);
    await probe.setImage("app:2");
    expect(await probe.condition(RESTORED)).to.equal(undefined);
  });

  it("waits while the Deployment is paused", async () => {
    await probe.apply(probe.asking(ON));
    await probe.setImage("app:broken");
    await probe.cluster.step(25_000);
    await probe.change({ paused: true });
    await passDeadlines();
    expect(await probe.image()).to.equal("app:broken");
    await probe.change({ paused: false });
    await passDeadlines();
    expect(await probe.image()).to.equal("app:1");
  });

  it("stops where what it went back to fails too", async () => {
    await probe.apply(probe.asking(ON));
    await probe.setImage("app:2");
    await probe.setImage("app:broken");
    await probe.cluster.step(29_000);
    // From now on nothing becomes ready any more.
    probe.parts.kubelet.isHealthy = () => false;
    await probe.change({ replicas: 8 });
    await passDeadlines();
    await passDeadlines();
    expect(await probe.image()).to.equal("app:2");
    const condition = await probe.condition(RESTORED);
    expect(condition).to.include({ status: "False", reason: "PreviousRevisionFailed" });
    const { resourceVersion } = (await probe.deployment()).metadata;
    await passDeadlines();
    expect((await probe.deployment()).metadata.resourceVersion).to.equal(resourceVersion);
  });

  it("goes back from what it had once gone back to, when that is asked for anew and fails", async () => {
    await probe.apply(probe.asking(ON));
    await probe.setImage("app:broken");
    await passDeadlines();
    await probe.setImage("app:2");
    probe.parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image === "app:2";
    await probe.setImage("app:1");
    await passDeadlines();
    expect(await probe.image()).to.equal("app:2");
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
  });

  it("does with a note that cannot be read what it does without one", async () => {
    await probe.apply(probe.asking(ON));
    for (const note of [
      "{",
      "null",
      "[]",
      '{"failed":7}',
      '{"failed":[1],"restored":"x","revision":2,"message":null}',
    ]) {
      await probe.change({}, { [NOTE]: note });
    }
    await probe.setImage("app:broken");
    await passDeadlines();
    expect(await probe.image()).to.equal("app:1");
  });

  it("is left alone where it does not ask", async () => {
    await probe.apply(probe.asking({}));
    await probe.setImage("app:broken");
    await passDeadlines();
    expect(await probe.image()).to.equal("app:broken");
    const { metadata, status } = await probe.deployment();
    expect(Object.keys(metadata.annotations ?? {})).to.deep.equal(["deployment.kubernetes.io/revision"]);
    expect(status.conditions?.map(({ type }) => type).sort()).to.deep.equal(["Available", "Progressing"]);
    const labels = (await probe.cluster.list(replicaSets)).flatMap((each) => Object.keys(each.metadata.labels ?? {}));
    expect(labels).to.not.include("kctl.dev/complete");
  });
});
