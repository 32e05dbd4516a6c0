import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import type { Pod } from "../../api/core/pod.ts";
import { bindClaim, bindVolume, volumeFinder } from "../../api/core/volume-binding.ts";
import type { StorageClass } from "../../api/storage/storage-class.ts";
import { seededRandom } from "../../lib/random.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { claimVolume, newClaim, newLocalVolume, newStorageClass, newVolume } from "../../testing/storage-builders.ts";
import { volumeBinding } from "../plugins/volume-binding.ts";
import { PodInfo } from "../pod-info.ts";
import { PodScheduler } from "../schedule.ts";
import { Snapshot } from "../snapshot.ts";

const NODES = ["n0", "n1", "n2", "n3"];
const CLASSES = ["x", "y"];
const CLAIMS = ["c0", "c1", "c2", "c3"];
const STEPS = 400;

/** Volumes and claims that change at random, and what a plain reading of all of them says about a claim and a node. */
class RandomStorage {
  readonly snapshot = new Snapshot();
  readonly #random: () => number;
  readonly #volumes = new Map<string, PersistentVolume>();
  readonly #claims = new Map<string, PersistentVolumeClaim>();
  #assumed: PersistentVolume | undefined;
  #version = 1;

  constructor(seed: number) {
    const random = seededRandom(seed);
    this.#random = () => random.float();
    for (const name of NODES) this.snapshot.setNode(asStored<Node>(newNode(name)));
    for (const name of CLASSES) this.snapshot.storage.setClass(asStored<StorageClass>(newStorageClass(name)));
    for (const name of CLAIMS) this.#setClaim(this.#newClaim(name));
  }

  pick<T>(among: readonly T[]): T {
    const picked = among[Math.floor(this.#random() * among.length)];
    return picked ?? expect.fail("there is something to pick from");
  }

  change(): void {
    this.pick([
      () => this.#setVolume(this.#newVolume()),
      () => this.#setVolume(this.#newVolume()),
      () => this.#removeVolume(),
      () => this.#setClaim(this.#newClaim(this.pick(CLAIMS))),
      () => this.#bind(),
      () => this.#assume(),
      () => this.#restore(),
    ])();
  }

  /** Whether a pod with the claim may go to the node. */
  allows(claimName: string, nodeName: string): boolean {
    const claim = this.#claims.get(claimName) ?? expect.fail("the claim is there");
    const labels = this.snapshot.node(nodeName)?.node.metadata.labels;
    const seen = [...this.#volumes.values()].map((each) =>
      each.metadata.name === this.#assumed?.metadata.name ? this.#assumed : each,
    );
    if (!claim.spec.volumeName) {
      const ofClass = seen.filter(({ spec }) => spec.storageClassName === claim.spec.storageClassName);
      return volumeFinder(claim)(ofClass, { labels, taken: new Set() }) !== undefined;
    }
    const volume = seen.find(({ metadata }) => metadata.name === claim.spec.volumeName);
    const hosts = volume?.spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values;
    return volume !== undefined && (hosts === undefined || hosts.includes(nodeName));
  }

  #stamp() {
    return { resourceVersion: String(++this.#version) };
  }

  #newVolume(): PersistentVolume {
    const name = `v${Math.floor(this.#random() * 8)}`;
    const options = { storageClassName: this.pick(CLASSES), size: this.pick(["1Gi", "2Gi", "3Gi"]) };
    const made = this.pick([newVolume(name, options), newLocalVolume(name, this.pick(NODES), options)]);
    return asStored({ ...made, status: { phase: this.pick(["Available", "Available", "Released"]) } }, this.#stamp());
  }

  #newClaim(name: string): PersistentVolumeClaim {
    const options = { storageClassName: this.pick(CLASSES), size: this.pick(["1Gi", "2Gi", "3Gi"]) };
    return asStored({ ...newClaim(name, options), status: { phase: "Pending" } }, this.#stamp());
  }

  #setVolume(volume: PersistentVolume): void {
    if (this.#assumed?.metadata.name === volume.metadata.name) this.#assumed = undefined;
    this.#volumes.set(volume.metadata.name, volume);
    this.snapshot.storage.setVolume(volume);
  }

  #setClaim(claim: PersistentVolumeClaim): void {
    this.#claims.set(claim.metadata.name, claim);
    this.snapshot.storage.setClaim(claim);
  }

  #removeVolume(): void {
    const [volume] = this.#volumes.values();
    if (!volume) return;
    if (this.#assumed?.metadata.name === volume.metadata.name) this.#assumed = undefined;
    this.#volumes.delete(volume.metadata.name);
    this.snapshot.storage.removeVolume(volume);
  }

  #bind(): void {
    const claim = this.pick([...this.#claims.values()]);
    const volume = [...this.#volumes.values()].find(({ spec }) => !spec.claimRef);
    if (!volume || claim.spec.volumeName) return;
    this.#setVolume(asStored(bindVolume(volume, claim), this.#stamp()));
    this.#setClaim(asStored(bindClaim(claim, volume), this.#stamp()));
  }

  #assume(): void {
    const volume = [...this.#volumes.values()].find(({ spec }) => !spec.claimRef);
    if (!volume || this.#assumed) return;
    this.#assumed = bindVolume(volume, this.pick([...this.#claims.values()]));
    this.snapshot.storage.assumeVolume(this.#assumed);
  }

  #restore(): void {
    if (this.#assumed) this.snapshot.storage.restoreVolume(this.#assumed);
    this.#assumed = undefined;
  }
}

describe("the view of the storage, with what is kept of it", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`says what a plain reading of all volumes says, in random order ${seed}`, () => {
      const storage = new RandomStorage(seed);
      const scheduler = new PodScheduler(storage.snapshot, [volumeBinding], seededRandom(seed));
      const pods = CLAIMS.map((name) => {
        const pod = newPod(`p-${name}`, { spec: { volumes: [claimVolume(name)] } });
        return [name, new PodInfo(asStored<Pod>(pod))] as const;
      });
      const seen = new Set<boolean>();
      for (let step = 0; step < STEPS; step++) {
        storage.change();
        const [claim, pod] = storage.pick(pods);
        const podClass = scheduler.classOf(pod);
        for (const node of storage.snapshot.nodes) {
          const isAllowed = !podClass.refusal && podClass.rejectionOn(node) === undefined;
          expect(isAllowed, `${claim} on ${node.name} in step ${step}`).to.equal(storage.allows(claim, node.name));
          seen.add(isAllowed);
        }
      }
      expect(seen.size).to.equal(2);
    });
  }
});
