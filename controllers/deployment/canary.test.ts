import { expect } from "chai";
import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { seededRandom } from "../../lib/random.ts";
import { laggingControllers } from "../../testing/controller-cluster.ts";
import { RolloutProbe } from "../../testing/rollout-probe.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { readCanary } from "./canary.ts";
import { planCanary } from "./rollout.ts";

const REVISION = "deployment.kubernetes.io/revision";
const CANARY = "kctl.dev/canary";
const PROMOTED = "kctl.dev/promoted-revision";
const WAITS = "kctl.dev/CanaryWaits";

interface Shape {
  readonly canary?: string;
  readonly replicas?: number;
  readonly maxSurge?: number | string;
  readonly maxUnavailable?: number | string;
  readonly paused?: boolean;
  readonly promoted?: string;
}

function deployment({ canary = "2", replicas = 4, maxSurge = 1, maxUnavailable = 0, paused, promoted }: Shape) {
  const annotations = { [CANARY]: canary, ...(promoted && { [PROMOTED]: promoted }) };
  const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
  return storedObject<Deployment>(deployments, {
    metadata: { name: "web", annotations },
    spec: { replicas, strategy, paused },
  });
}

interface Sizes {
  readonly replicas: number;
  readonly available?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** All its pods are available unless said otherwise. */
const set = (name: string, revision: number, { replicas, available = replicas, labels }: Sizes) =>
  storedObject<ReplicaSet>(replicaSets, {
    metadata: { name, annotations: { [REVISION]: String(revision) }, labels },
    spec: { replicas },
    status: { replicas, availableReplicas: available },
  });

const complete = { "kctl.dev/complete": "true" };
const stable = (replicas: number, available = replicas) => set("stable", 1, { replicas, available, labels: complete });
const fresh = (replicas: number, available = replicas) => set("new", 2, { replicas, available });

describe("the plan of a canary", () => {
  interface Case {
    readonly title: string;
    readonly shape?: Shape;
    readonly current?: ReplicaSet;
    readonly old: readonly ReplicaSet[];
    readonly sizes?: Readonly<Record<string, number>>;
    readonly create?: number;
  }
  const cases: readonly Case[] = [
    { title: "begins as large as surge allows", old: [stable(4)], create: 1 },
    {
      title: "begins with nothing where there is no surge",
      shape: { maxSurge: 0, maxUnavailable: 1 },
      old: [stable(4)],
      create: 0,
    },
    {
      title: "then makes room by what may be missing",
      shape: { maxSurge: 0, maxUnavailable: 1 },
      current: fresh(0),
      old: [stable(4)],
      sizes: { stable: 3 },
    },
    { title: "waits for the first canary before an old pod goes", current: fresh(1, 0), old: [stable(4)], sizes: {} },
    {
      title: "takes an old pod off for each available canary",
      current: fresh(1),
      old: [stable(4)],
      sizes: { stable: 3 },
    },
    { title: "grows where there is room", current: fresh(1), old: [stable(3)], sizes: { new: 2 } },
    { title: "comes to rest with its shares", current: fresh(2), old: [stable(2)], sizes: {} },
    {
      title: "grows with a percentage when scaled",
      shape: { canary: "50%", replicas: 8, maxSurge: 4 },
      current: fresh(2),
      old: [stable(2)],
      sizes: { new: 4, stable: 4 },
    },
    {
      title: "leaves a number of canaries alone when scaled up",
      shape: { replicas: 8, maxSurge: 1 },
      current: fresh(2),
      old: [stable(2)],
      sizes: { stable: 6 },
    },
    {
      title: "shrinks both shares when scaled down",
      shape: { canary: "50%", replicas: 2 },
      current: fresh(2),
      old: [stable(2)],
      sizes: { stable: 1, new: 1 },
    },
    {
      title: "ends a canary that another one has overtaken",
      current: fresh(2),
      old: [stable(2), set("other", 2, { replicas: 1 })],
      sizes: { other: 0 },
    },
    {
      title: "keeps one old pod whatever is asked for",
      shape: { canary: "100%" },
      current: fresh(4),
      old: [stable(2)],
      sizes: { stable: 1 },
    },
    {
      title: "has no room for one of one pod without surge",
      shape: { replicas: 1, maxSurge: 0, maxUnavailable: 1 },
      old: [stable(1)],
      create: 0,
    },
    {
      title: "lets the old pods come back where more than its share were made",
      current: fresh(4, 0),
      old: [stable(1)],
      sizes: { new: 2 },
    },
    {
      title: "starts nothing new while paused",
      shape: { paused: true },
      current: fresh(1),
      old: [stable(3)],
      sizes: {},
    },
    {
      title: "goes with all other pods when scaled to nothing",
      shape: { replicas: 0 },
      current: fresh(2),
      old: [stable(2)],
      sizes: { new: 0, stable: 0 },
    },
  ];
  for (const { title, shape = {}, current, old, sizes = {}, create } of cases) {
    it(title, () => {
      const wanted = deployment(shape);
      const canary = readCanary(wanted, { current, old });
      expect(canary).to.not.equal(undefined);
      const step = canary && planCanary(wanted, { current, old }, canary);
      expect(step?.create).to.equal(create);
      expect(Object.fromEntries(step?.sizes ?? [])).to.deep.equal(sizes);
    });
  }

  const open: readonly (readonly [
    title: string,
    wanted: Deployment,
    current: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
  ])[] = [
    ["its revision is promoted", deployment({ promoted: "2" }), fresh(2), [stable(2)]],
    ["the template ran before", deployment({}), set("old", 2, { replicas: 0, labels: complete }), [stable(4)]],
    ["nothing was ever complete", deployment({}), fresh(4), [set("old", 1, { replicas: 4, available: 2 })]],
  ];
  for (const [title, wanted, current, old] of open) {
    it(`is none where ${title}`, () => expect(readCanary(wanted, { current, old })).to.equal(undefined));
  }

  it("is one still where another revision was promoted", () => {
    expect(readCanary(deployment({ promoted: "1" }), { current: fresh(2), old: [stable(2)] })).to.not.equal(undefined);
  });
});

describe("a Deployment with a canary", () => {
  let probe: RolloutProbe;
  beforeEach(async () => {
    probe = await RolloutProbe.start();
    await probe.apply(probe.asking({ [CANARY]: "1" }));
  });
  afterEach(async () => {
    await probe.cluster.stop();
    expect(probe.parts.errors).to.deep.equal([]);
  });
  const promote = async () => {
    const revision = (await probe.deployment()).metadata.annotations?.[REVISION] ?? "";
    await probe.change({}, { [PROMOTED]: revision });
  };

  it("waits for as long as it takes, and rolls out once it is promoted", async () => {
    expect(await probe.sizes()).to.deep.equal({ "app:1": 4 });
    await probe.setImage("app:2");
    await probe.cluster.step(1_000_000);
    expect(await probe.sizes()).to.deep.equal({ "app:1": 3, "app:2": 1 });
    expect(await probe.condition("Progressing")).to.include({ status: "Unknown", reason: "CanaryWaits" });
    const condition = await probe.condition(WAITS);
    expect(condition).to.include({ status: "True", reason: "WaitsForPromotion" });
    expect(condition?.message).to.contain(
      'A canary of revision 2 on 1 of 4 pods waits. "kctl rollout promote deployment/web"',
    );
    expect(await probe.messages("CanaryWaits")).to.deep.equal([condition?.message]);
    await promote();
    await probe.cluster.step(5_000);
    expect(await probe.images()).to.deep.equal(["app:2", "app:2", "app:2", "app:2"]);
    expect(await probe.condition("Progressing")).to.include({ status: "True", reason: "NewReplicaSetAvailable" });
    expect(await probe.condition(WAITS)).to.equal(undefined);
  });

  it("writes nothing while it waits", async () => {
    await probe.setImage("app:2");
    await probe.cluster.step(5_000);
    const { resourceVersion } = (await probe.deployment()).metadata;
    await probe.cluster.step(1_000_000);
    expect((await probe.deployment()).metadata.resourceVersion).to.equal(resourceVersion);
  });

  it("is ended by the template before", async () => {
    await probe.setImage("app:2");
    await probe.cluster.step(5_000);
    await probe.setImage("app:1");
    await probe.cluster.step(5_000);
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:1", "app:1"]);
    expect(await probe.condition(WAITS)).to.equal(undefined);
  });

  it("is overtaken by a newer template, which is not promoted with it", async () => {
    await probe.setImage("app:2");
    await probe.cluster.step(5_000);
    await probe.setImage("app:3", { [PROMOTED]: "2" });
    await probe.cluster.step(5_000);
    expect(await probe.sizes()).to.deep.equal({ "app:1": 3, "app:2": 0, "app:3": 1 });
    await promote();
    await probe.cluster.step(5_000);
    expect(await probe.images()).to.deep.equal(["app:3", "app:3", "app:3", "app:3"]);
  });

  it("keeps its size while the Deployment is scaled up, down, to nothing and back", async () => {
    await probe.setImage("app:2");
    for (const [replicas, old, canaries] of [
      [10, 9, 1],
      [2, 1, 1],
      [1, 1, 1],
      [0, 0, 0],
      [6, 5, 1],
    ]) {
      await probe.change({ replicas });
      await probe.cluster.step(10_000);
      expect(await probe.sizes(), `of ${replicas}`).to.deep.equal({ "app:1": old, "app:2": canaries });
    }
  });

  it("is told of when it fails, and goes back where that is asked for", async () => {
    await probe.setImage("app:broken");
    await probe.cluster.step(70_000);
    expect(await probe.condition("Progressing")).to.include({ reason: "ProgressDeadlineExceeded" });
    expect((await probe.images()).filter((image) => image === "app:1")).to.have.length.of.at.least(3);
    await probe.change({}, { "kctl.dev/automatic-rollback": "true" });
    await probe.cluster.step(5_000);
    expect(await probe.images()).to.deep.equal(["app:1", "app:1", "app:1", "app:1"]);
    expect(await probe.condition("kctl.dev/RolledBack")).to.include({ status: "True" });
  });

  it("is refused where its size cannot be read", async () => {
    const refused = await probe.setImage("app:2", { [CANARY]: "one" }).catch((error: unknown) => String(error));
    expect(refused).to.contain('metadata.annotations[kctl.dev/canary]: Invalid value: "one": must be a number of pods');
  });
});

describe("a canary while caches lag", () => {
  it("never has more pods than it may, however the Deployment is scaled and changed", async () => {
    const delays = seededRandom(3);
    const probe = await RolloutProbe.start({ controllers: laggingControllers(() => Math.floor(delays.float() * 80)) });
    await probe.apply(probe.asking({ [CANARY]: "1" }));
    await probe.cluster.step(3_000);
    for (const [index, replicas] of [4, 9, 2, 6].entries()) {
      await probe.change({ replicas });
      await probe.setImage(`app:new-${index}`);
      for (let time = 0; time < 2_000; time += 40) {
        await probe.cluster.step(40);
        for (const [image, size] of Object.entries(await probe.sizes()))
          if (image !== "app:1") expect(size, image).to.be.at.most(1);
      }
      expect(await probe.sizes()).to.deep.include({ "app:1": replicas - 1, [`app:new-${index}`]: 1 });
    }
    await probe.cluster.stop();
  }).timeout(30_000);
});
