import { expect } from "chai";
import { builtinResources } from "../../api/index.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { pods } from "../../api/core/pod.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { runControllers } from "../run-controllers.ts";
import { claimVolume, newClaim, newLocalVolume, newStorageClass, newVolume } from "../../testing/storage-builders.ts";

const NAMES: ReadonlySet<string> = new Set([
  "persistentvolume-binder",
  "persistentvolume-reclaimer",
  "pvc-protection",
  "pv-protection",
]);

const all: Component = async (parts, signal) => {
  const isEnabled = (name: string) => NAMES.has(name);
  const options = { ...parts, resources: builtinResources, gracePeriodMs: 40_000, isEnabled };
  await Promise.all([runControllers(options, signal), runScheduler(parts, signal)]);
};

type Round = (cluster: TestCluster, round: string) => Promise<void>;

/** In each round everybody fails after one write more than in the one before, and heals; until nobody fails any more. */
async function crashAnywhere(act: Round, check: Round): Promise<void> {
  const cluster = await TestCluster.start();
  await cluster.addNodes(newNode("a"), newNode("b"));
  let writes = 0;
  for (let died = true; died; writes++) {
    const round = String(writes);
    await cluster.apply(
      newStorageClass(`local-${round}`),
      newLocalVolume(`near-${round}`, "b", { storageClassName: `local-${round}` }),
      newVolume(`plain-${round}`, { storageClassName: `plain-${round}` }),
    );
    const faulty = dyingAfter(cluster.transport, writes);
    const dying = cluster.run((parts, signal) => all({ ...parts, transport: faulty.transport }, signal));
    await act(cluster, round);
    await cluster.step(1000);
    died = faulty.isDead();
    dying();
    await cluster.settle();
    const healthy = cluster.run(all);
    await cluster.step(15_000);
    await check(cluster, round);
    healthy();
    await cluster.settle();
  }
  expect(writes).to.be.greaterThan(8);
  await cluster.stop();
}

async function claimState(cluster: TestCluster, name: string): Promise<string> {
  const { spec, status } = await cluster.get(persistentVolumeClaims, name);
  return `${status.phase} ${spec.volumeName}`;
}

async function volumeState(cluster: TestCluster, name: string): Promise<string> {
  const { spec, status } = await cluster.get(persistentVolumes, name);
  return `${status.phase} ${spec.claimRef?.name}`;
}

describe("volume controllers and the scheduler, when they crash between any two writes", () => {
  it("bind each claim to one volume, and place the pod there", async () => {
    await crashAnywhere(
      (cluster, round) =>
        cluster.apply(
          newClaim(`near-${round}`, { storageClassName: `local-${round}` }),
          newClaim(`plain-${round}`, { storageClassName: `plain-${round}` }),
          newPod(`p-${round}`, { spec: { volumes: [claimVolume(`near-${round}`), claimVolume(`plain-${round}`)] } }),
        ),
      async (cluster, round) => {
        for (const name of [`near-${round}`, `plain-${round}`]) {
          expect(await claimState(cluster, name)).to.equal(`Bound ${name}`);
          expect(await volumeState(cluster, name)).to.equal(`Bound ${name}`);
        }
        expect((await cluster.get(pods, `p-${round}`)).spec.nodeName).to.equal("b");
      },
    );
  }).timeout(60_000);

  it("release a volume once its claim is gone, and give it to nobody else", async () => {
    await crashAnywhere(
      async (cluster, round) => {
        await cluster.apply(newClaim(`first-${round}`, { storageClassName: `plain-${round}` }));
        await cluster.step(500);
        await cluster.apply(newClaim(`second-${round}`, { storageClassName: `plain-${round}` }));
        await cluster.delete(persistentVolumeClaims, `first-${round}`);
      },
      async (cluster, round) => {
        const volume = await volumeState(cluster, `plain-${round}`);
        // The first may have gone before it ever got the volume.
        expect(volume).to.be.oneOf([`Released first-${round}`, `Bound second-${round}`]);
        const isFree = volume.startsWith("Bound");
        expect(await claimState(cluster, `second-${round}`)).to.equal(
          isFree ? `Bound plain-${round}` : "Pending undefined",
        );
      },
    );
  }).timeout(60_000);
});
