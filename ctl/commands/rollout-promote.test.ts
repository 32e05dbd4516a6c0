import { expect } from "chai";
import type { AnyObject } from "../any-object.ts";
import type { ResourceType } from "../resource-type.ts";
import { planRolloutChange } from "../rollout/rollout-changes.ts";
import { KctlProgress } from "../../testing/kctl-progress.ts";
import type { Kctl } from "../../testing/kctl.ts";
import { RolloutProbe } from "../../testing/rollout-probe.ts";

const deploymentType: ResourceType = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  singular: "deployment",
  namespaced: true,
  verbs: [],
  shortNames: [],
  categories: [],
  subresources: [],
};

describe("kctl rollout of a Deployment with a canary", () => {
  let probe: RolloutProbe;
  let progress: KctlProgress;
  let kctl: Kctl;
  beforeEach(async () => {
    probe = await RolloutProbe.start();
    progress = new KctlProgress(probe.cluster);
    kctl = progress.kctl;
    await probe.apply(probe.asking({ "kctl.dev/canary": "1" }));
  });
  afterEach(() => probe.cluster.stop());

  const errorOf = async (...words: string[]) => (await kctl.run("rollout", ...words)).stderr;

  it("promote refuses where there is nothing to promote", async () => {
    expect(await errorOf("promote", "deployment/web")).to.equal(
      'error: deployments.apps "web" has no canary that could be promoted; one is asked for by the annotation kctl.dev/canary\n',
    );
    expect(await errorOf("promote", "replicaset/nothing")).to.contain("not found");
    const [set] = (await kctl.out("get", "rs", "-o", "name")).trim().split("\n");
    expect(await errorOf("promote", set ?? "")).to.contain("promoting is not supported");
  });

  it("promote gives it all pods, and status follows it to its end", async () => {
    await probe.setImage("app:2");
    await probe.cluster.step(1_000);
    const waiting = await kctl.out("rollout", "status", "deployment/web", "--watch=false");
    expect(waiting).to.match(
      /^Waiting for deployment "web" rollout to finish: 1 out of 4 new replicas have been updated\.\.\.\nA canary of revision 2 on 1 of 4 pods waits\. /,
    );
    expect(await kctl.out("describe", "deployment/web")).to.match(
      /\nRollout: +A canary of revision 2 on 1 of 4 pods waits\. /,
    );
    expect(await kctl.out("rollout", "promote", "deployment/web")).to.equal("deployment.apps/web promoted\n");
    const { stdout } = await progress.finish(kctl.run("rollout", "status", "deployment/web"));
    expect(stdout).to.match(/deployment "web" successfully rolled out\n$/);
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
  });

  it("promote does not promote a change that nobody has seen yet", async () => {
    await probe.setImage("app:2");
    await probe.cluster.step(1_000);
    const { metadata, ...rest } = JSON.parse(await kctl.out("get", "deployment/web", "-o", "json")) as AnyObject;
    const object = { ...rest, metadata: { ...metadata, generation: 99 } };
    const selected = { type: deploymentType, namespace: "default", name: "web", object };
    expect(() => planRolloutChange("promote", selected, 0)).to.throw(
      'deployments.apps "web" has changes that are not being rolled out yet; try again in a moment',
    );
  });

  it("undo ends it, and what was noted of the Deployment stays", async () => {
    await probe.setImage("app:2");
    await probe.cluster.step(1_000);
    await kctl.out("rollout", "promote", "deployment/web");
    await probe.cluster.step(1_000);
    await probe.setImage("app:3");
    await probe.cluster.step(1_000);
    expect(await probe.sizes()).to.deep.include({ "app:2": 3, "app:3": 1 });
    expect(await kctl.out("rollout", "undo", "deployment/web")).to.equal("deployment.apps/web rolled back\n");
    await probe.cluster.step(1_000);
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
    const { annotations } = (await probe.deployment()).metadata;
    expect(annotations).to.include({ "kctl.dev/canary": "1", "kctl.dev/promoted-revision": "2" });
  });
});
