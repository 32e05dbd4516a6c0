import { expect } from "chai";
import { configMaps, type ConfigMap } from "../../api/core/config-map.ts";
import { pods } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { newDeployment } from "../../testing/builders.ts";
import type { Component } from "../../testing/cluster.ts";
import { someControllers } from "../../testing/controller-cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { RolloutProbe } from "../../testing/rollout-probe.ts";

const needed = someControllers("deployment", "configuration-rollout", "replicaset", "garbage-collector");
const idle: Component = () => Promise.resolve();

describe("the controllers of a Deployment that crash between any two writes", () => {
  let probe: RolloutProbe;
  beforeEach(async () => {
    probe = await RolloutProbe.start({ controllers: idle });
  });
  afterEach(() => probe.cluster.stop());

  /** Does it with controllers that die after so many writes, then goes on with others. True: they did die. */
  async function survive(writes: number, act: () => Promise<unknown>): Promise<boolean> {
    const faulty = dyingAfter(probe.cluster.transport, writes);
    const dying = probe.cluster.run((parts, signal) => needed({ ...parts, transport: faulty.transport }, signal));
    await act();
    const died = faulty.isDead();
    dying();
    await probe.cluster.settle();
    const healthy = probe.cluster.run(needed);
    await probe.cluster.step(70_000);
    healthy();
    await probe.cluster.settle();
    return died;
  }

  async function begin(annotations: Readonly<Record<string, string>>, spec = {}): Promise<void> {
    const healthy = probe.cluster.run(needed);
    await probe.apply(probe.asking(annotations, { replicas: 2, revisionHistoryLimit: 2, ...spec }));
    healthy();
    await probe.cluster.settle();
  }

  it("hold a canary, and roll it out once it is promoted", async () => {
    await begin({ "kctl.dev/canary": "1" });
    let crashAfter = 0;
    for (let died = true; died; crashAfter++) {
      const image = `app:new-${crashAfter}`;
      const diedBefore = await survive(crashAfter, async () => {
        await probe.setImage(image);
        await probe.cluster.step(1_000);
      });
      const label = `after a crash at write ${crashAfter}`;
      expect(
        (await probe.images()).filter((each) => each === image),
        label,
      ).to.deep.equal([image]);
      expect(await probe.images(), label).to.have.length(2);
      expect(await probe.condition("kctl.dev/CanaryWaits"), label).to.include({ status: "True" });
      const revision = (await probe.deployment()).metadata.annotations?.["deployment.kubernetes.io/revision"] ?? "";
      const diedAfter = await survive(crashAfter, async () => {
        await probe.change({}, { "kctl.dev/promoted-revision": revision });
        await probe.cluster.step(1_000);
      });
      expect(await probe.images(), label).to.deep.equal([image, image]);
      died = diedBefore || diedAfter;
    }
    expect(crashAfter).to.be.greaterThan(8);
  }).timeout(60_000);

  it("put the template back that was complete", async () => {
    await begin({ "kctl.dev/automatic-rollback": "true" });
    let crashAfter = 0;
    for (let died = true; died; crashAfter++) {
      died = await survive(crashAfter, async () => {
        await probe.setImage(`app:broken-${crashAfter}`);
        await probe.cluster.step(70_000);
      });
      const label = `after a crash at write ${crashAfter}`;
      expect(await probe.images(), label).to.deep.equal(["app:1", "app:1"]);
      expect(await probe.image(), label).to.equal("app:1");
      expect(await probe.condition("kctl.dev/RolledBack"), label).to.include({ status: "True" });
    }
    expect(crashAfter).to.be.greaterThan(8);
  }).timeout(60_000);

  it("run with the configuration that there is, and keep copies for the revisions that there are", async () => {
    const settings = (color: string): NewObject<ConfigMap> => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "default" },
      data: { color },
    });
    await probe.apply(settings("first"));
    const { metadata, spec } = newDeployment("web", { image: "app:1" }).spec.template;
    const volumes = [{ name: "settings", configMap: { name: "settings" } }];
    const template = { metadata, spec: { containers: spec?.containers ?? [], volumes } };
    await begin({ "kctl.dev/roll-out-on-configuration-change": "true" }, { template });
    let crashAfter = 0;
    for (let died = true; died; crashAfter++) {
      const color = `color-${crashAfter}`;
      died = await survive(crashAfter, async () => {
        await probe.apply(settings(color));
        await probe.cluster.step(1_000);
      });
      const label = `after a crash at write ${crashAfter}`;
      const copies = (await probe.cluster.list(configMaps)).filter(({ immutable }) => immutable);
      const used = copies.find(({ data }) => data?.color === color)?.metadata.name;
      const mounted = (await probe.cluster.list(pods)).map((pod) => pod.spec.volumes?.[0]?.configMap?.name);
      expect(mounted, label).to.deep.equal([used, used]);
      expect(copies, label).to.have.length.of.at.most(3);
    }
    expect(crashAfter).to.be.greaterThan(10);
  }).timeout(60_000);
});
