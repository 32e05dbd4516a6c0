import { expect } from "chai";
import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { configMaps, type ConfigMap } from "../../api/core/config-map.ts";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import { pods } from "../../api/core/pod.ts";
import type { ResourceQuota } from "../../api/core/resource-quota.ts";
import { secrets, type Secret } from "../../api/core/secret.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { newDeployment } from "../../testing/builders.ts";
import { KctlProgress } from "../../testing/kctl-progress.ts";
import { RolloutProbe } from "../../testing/rollout-probe.ts";

const FOLLOW = "kctl.dev/roll-out-on-configuration-change";
const FOUND = "kctl.dev/ConfigurationFound";
const SNAPSHOT_OF = "kctl.dev/snapshot-of";

const settings = (color: string): NewObject<ConfigMap> => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "default" },
  data: { color },
});
const password = (text: string): NewObject<Secret> => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "password", namespace: "default" },
  data: { text: Buffer.from(text).toString("base64") },
});

/** Takes its environment from the ConfigMap and a file from the Secret. */
function template(image = "app:1", optional = false): PodTemplateSpec {
  const { metadata, spec } = newDeployment("web", { image }).spec.template;
  const [main] = spec?.containers ?? [];
  return {
    metadata,
    spec: {
      containers: main
        ? [{ ...main, envFrom: [{ configMapRef: { name: "settings", ...(optional && { optional }) } }] }]
        : [],
      volumes: [{ name: "files", secret: { secretName: "password" } }],
    },
  };
}

describe("a Deployment that follows its configuration", () => {
  let probe: RolloutProbe;
  beforeEach(async () => {
    probe = await RolloutProbe.start();
  });
  afterEach(async () => {
    await probe.cluster.stop();
    expect(probe.parts.errors).to.deep.equal([]);
  });

  const asking = (spec: Partial<Deployment["spec"]> = {}) =>
    probe.asking({ [FOLLOW]: "true" }, { template: template(), ...spec });
  /** What the pods run with: the color, and the name of the Secret's copy. */
  async function running(): Promise<readonly (string | undefined)[]> {
    const all = (await probe.cluster.list(pods)).filter(({ metadata }) => !metadata.deletionTimestamp);
    const maps = await probe.cluster.list(configMaps);
    const colors = all.map(({ spec }) => {
      const name = spec.containers[0]?.envFrom?.[0]?.configMapRef?.name;
      return maps.find(({ metadata }) => metadata.name === name)?.data?.color;
    });
    return [...new Set(colors)];
  }
  const copies = async () =>
    (await probe.cluster.list(configMaps)).filter(({ metadata }) => metadata.annotations?.[SNAPSHOT_OF]);
  const colorsKept = async () => (await copies()).map(({ data }) => data?.color).sort();
  const revisions = async () => (await probe.cluster.list(replicaSets)).length;

  it("runs with immutable copies, which a change of the original replaces", async () => {
    await probe.apply(settings("red"), password("secret"), asking());
    expect(await running()).to.deep.equal(["red"]);
    const [copy] = await copies();
    expect(copy).to.include({ immutable: true });
    expect(copy?.metadata.name).to.match(/^settings-\w{10}$/);
    expect((await probe.deployment()).spec.template.spec?.volumes?.[0]?.secret?.secretName).to.equal("password");
    await probe.apply(settings("blue"));
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["blue"]);
    expect(await probe.images()).to.have.length(4);
    expect(await colorsKept()).to.deep.equal(["blue", "red"]);
    const [message] = await probe.messages("ConfigurationChanged");
    expect(message).to.match(/^ConfigMap\/settings has changed: settings-\w+ is replaced by settings-\w+$/);
    await probe.apply(password("other"));
    await probe.cluster.step(5_000);
    expect(await revisions()).to.equal(3);
  });

  it("goes back to image and configuration together, and follows again once the manifest is applied again", async () => {
    const kctl = new KctlProgress(probe.cluster).kctl;
    await probe.apply(settings("red"), password("secret"), asking());
    await probe.apply(settings("blue"));
    await probe.cluster.step(5_000);
    await probe.change({ template: template("app:2") });
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["blue"]);
    await kctl.out("rollout", "undo", "deployment/web", "--to-revision=1");
    await probe.cluster.step(5_000);
    expect([await running(), await probe.images()]).to.deep.equal([["red"], ["app:1", "app:1", "app:1", "app:1"]]);
    expect((await probe.deployment()).metadata.annotations).to.include({ "deployment.kubernetes.io/revision": "4" });
    expect(await revisions()).to.equal(3);
    // What has gone back stays there, whatever becomes of the original.
    await probe.apply(settings("green"));
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["red"]);
    await probe.change({ template: template("app:2") });
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["green"]);
  });

  it("keeps the copies of the revisions that it can go back to, and no others", async () => {
    await probe.apply(settings("red"), password("secret"), asking({ revisionHistoryLimit: 1 }));
    for (const color of ["green", "blue", "white"]) {
      await probe.apply(settings(color));
      await probe.cluster.step(5_000);
    }
    expect(await colorsKept()).to.deep.equal(["blue", "white"]);
    await probe.cluster.delete(deployments, "web");
    await probe.cluster.step(5_000);
    expect(await colorsKept()).to.deep.equal([]);
    const left = (await probe.cluster.list(secrets)).map(({ metadata }) => metadata.name);
    expect(left).to.deep.equal(["password"]);
  });

  it("does nothing while nothing changes, and nothing for a change that makes no difference", async () => {
    await probe.apply(settings("red"), password("secret"), asking());
    await probe.cluster.step(5_000);
    const versions = async () => [
      (await probe.deployment()).metadata.resourceVersion,
      (await copies())[0]?.metadata.resourceVersion,
    ];
    const before = await versions();
    await probe.apply({ ...settings("red"), metadata: { ...settings("red").metadata, labels: { team: "a" } } });
    await probe.apply({ ...settings("pink"), metadata: { name: "other", namespace: "default" } });
    await probe.cluster.step(1_000_000);
    expect(await versions()).to.deep.equal(before);
  });

  it("rolls nothing out while it is paused, and keeps no copy that was never used", async () => {
    await probe.apply(settings("red"), password("secret"), asking());
    await probe.change({ paused: true });
    for (const color of ["green", "blue"]) await probe.apply(settings(color));
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["red"]);
    await probe.change({ paused: false });
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["blue"]);
    expect(await colorsKept()).to.deep.equal(["blue", "green", "red"]);
    await probe.cluster.step(60_000);
    expect(await colorsKept()).to.deep.equal(["blue", "red"]);
  });

  it("says what is missing, and waits for it", async () => {
    await probe.apply(password("secret"), asking());
    const condition = await probe.condition(FOUND);
    expect(condition).to.include({
      status: "False",
      reason: "ConfigurationMissing",
      message: 'ConfigMap "settings" is missing; pods that need it wait for it',
    });
    expect(await probe.messages("ConfigurationMissing")).to.deep.equal([condition?.message]);
    const kctl = new KctlProgress(probe.cluster).kctl;
    expect(await kctl.out("describe", "deployment/web")).to.contain(
      `ConfigMap "settings" is missing; pods that need it wait`,
    );
    await probe.apply(settings("red"));
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["red"]);
    expect(await probe.condition(FOUND)).to.equal(undefined);
    await probe.cluster.delete(configMaps, "settings");
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["red"]);
    expect((await probe.condition(FOUND))?.message).to.match(
      /is missing; pods go on with its last copy, "settings-\w+"$/,
    );
  });

  it("takes what is optional and missing for absent, until it is there", async () => {
    await probe.apply(password("secret"), asking({ template: template("app:1", true) }));
    expect(await running()).to.deep.equal([undefined]);
    expect(await probe.condition(FOUND)).to.equal(undefined);
    await probe.apply(settings("red"));
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["red"]);
    const kctl = new KctlProgress(probe.cluster).kctl;
    await kctl.out("rollout", "undo", "deployment/web");
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal([undefined]);
  });

  it("makes a copy anew that somebody has removed", async () => {
    await probe.apply(settings("red"), password("secret"), asking());
    const [copy] = await copies();
    await probe.cluster.delete(configMaps, copy?.metadata.name ?? "");
    await probe.cluster.step(5_000);
    expect((await copies()).map(({ metadata }) => metadata.name)).to.deep.equal([copy?.metadata.name]);
    expect((await copies())[0]?.metadata.ownerReferences?.map(({ kind }) => kind).sort()).to.deep.equal([
      "Deployment",
      "ReplicaSet",
    ]);
  });

  it("needs no copy of what is immutable", async () => {
    const immutable: NewObject<ConfigMap> = { ...settings("red"), immutable: true };
    await probe.apply(immutable, password("secret"), asking());
    expect(await copies()).to.deep.equal([]);
    expect(await running()).to.deep.equal(["red"]);
  });

  it("says that a copy is refused, and goes on once it no longer is", async () => {
    const quota = (configmaps: string): NewObject<ResourceQuota> => ({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "q", namespace: "default" },
      spec: { hard: { "count/configmaps": configmaps } },
    });
    await probe.apply(settings("red"), password("secret"), asking());
    await probe.apply(quota("1"));
    await probe.apply(settings("blue"));
    await probe.cluster.step(5_000);
    expect(await running()).to.deep.equal(["red"]);
    const condition = await probe.condition(FOUND);
    expect(condition).to.include({ status: "False", reason: "CopyRefused" });
    expect(condition?.message).to.match(/^a copy cannot be made, so that nothing is rolled out: .*exceeded quota: q/);
    expect(await probe.messages("CopyRefused")).to.deep.equal([condition?.message]);
    await probe.apply(quota("10"));
    await probe.cluster.step(100_000);
    expect(await running()).to.deep.equal(["blue"]);
    expect(await probe.condition(FOUND)).to.equal(undefined);
    (probe.parts.errors as string[]).splice(0).forEach((error) => expect(error).to.contain("exceeded quota"));
  });

  it("shares a copy with another Deployment that needs the same", async () => {
    const other = newDeployment("api", { spec: { template: { ...template(), metadata: { labels: { app: "api" } } } } });
    const following = { ...other, metadata: { ...other.metadata, annotations: { [FOLLOW]: "true" } } };
    await probe.apply(settings("red"), password("secret"), asking(), following);
    await probe.cluster.step(1_000);
    expect((await copies())[0]?.metadata.ownerReferences).to.have.length(4);
    await probe.cluster.delete(deployments, "web");
    await probe.cluster.step(5_000);
    expect(
      (await copies())[0]?.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name.slice(0, 3)}`),
    ).to.deep.equal(["Deployment api", "ReplicaSet api"]);
  });

  it("goes back to the live configuration where the option is taken back", async () => {
    await probe.apply(settings("red"), password("secret"), asking());
    await probe.change({}, { [FOLLOW]: null });
    await probe.cluster.step(5_000);
    const { annotations } = (await probe.deployment()).metadata;
    expect(annotations).to.not.have.property("kctl.dev/configuration");
    await probe.apply(settings("blue"));
    await probe.cluster.step(5_000);
    expect(await revisions()).to.equal(2);
    expect(await running()).to.deep.equal(["blue"]);
    expect((await copies())[0]?.metadata.ownerReferences?.map(({ kind }) => kind)).to.deep.equal(["ReplicaSet"]);
  });
});
