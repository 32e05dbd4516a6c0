// Gives the claims of a pod their volumes before the pod is bound to its node: reserves volumes that are there, asks for those
// that have to be made, and waits until the volume controller has bound all of them.

import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes, type PersistentVolume } from "../../api/core/persistent-volume.ts";
import { bindVolume, SELECTED_NODE } from "../../api/core/volume-binding.ts";
import { isConflict } from "../../api/meta/status.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Reserved, Stage, StageParts } from "../stage.ts";
import { areBound, type Awaited } from "./await-binding.ts";
import { findVolumes } from "./find-volumes.ts";
import { followStorage } from "./follow-storage.ts";
import { sortClaims } from "./pod-claims.ts";
import type { StorageView } from "./storage-view.ts";

/** As kube-scheduler, where its configuration says nothing else. */
const BIND_TIMEOUT_SECONDS = 600;

export const volumeStage = (parts: StageParts): Stage => new VolumeStage(parts);

/** What is assumed of volumes and claims until the cache shows it. */
interface Assumption {
  readonly pod: PodInfo;
  readonly node: NodeInfo["node"];
  readonly volumes: readonly PersistentVolume[];
  readonly claims: readonly PersistentVolumeClaim[];
}

interface Waiter {
  /** Looks again; nothing happens where it waits no more. */
  look(): void;
  fail(error: Error): void;
}

class VolumeStage implements Stage {
  readonly name = "VolumeBinding";
  readonly synced: Promise<void>;
  readonly #parts: StageParts;
  readonly #storage: StorageView;
  /** By the pod's uid. Bound: the pods that are being bound and have claims without a volume. */
  readonly #waiters = new Map<string, Waiter>();

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.#storage = parts.snapshot.storage;
    this.synced = followStorage(parts, () => this.#waiters.forEach((waiter) => waiter.look()));
  }

  reserve(pod: PodInfo, { node }: NodeInfo): Reserved | undefined {
    if (pod.claims.length === 0) return undefined;
    const claims = sortClaims(pod, this.#storage);
    // The rule may be switched off; pods then go where they like, and their kubelets wait for the claims.
    if ("refusal" in claims || claims.delayed.length === 0) return undefined;
    const found = findVolumes(claims.delayed, node, this.#storage);
    if (typeof found === "string") return { ready: Promise.reject(new Error(found)), release: () => undefined };
    const assumption: Assumption = {
      pod,
      node,
      volumes: found.matches.map(({ volume, claim }) => bindVolume(volume, claim)),
      claims: found.provisions.map((claim) => selectNode(claim, node.metadata.name)),
    };
    assumption.volumes.forEach((volume) => this.#storage.assumeVolume(volume));
    assumption.claims.forEach((claim) => this.#storage.assumeClaim(claim));
    return { ready: this.#bind(assumption), release: () => this.#release(assumption) };
  }

  freed(uid: string): void {
    this.#waiters.get(uid)?.fail(new Error("the pod is gone"));
  }

  stop(): void {
    this.#waiters.forEach((waiter) => waiter.fail(new Error("the scheduler ends")));
  }

  async #bind(assumption: Assumption): Promise<void> {
    const { pod, node, volumes, claims } = assumption;
    const { client, events } = this.#parts;
    const nodeName = node.metadata.name;
    try {
      const awaited: Awaited = {
        nodeName,
        nodeLabels: node.metadata.labels,
        volumes: await Promise.all(
          volumes.map(async (volume) => {
            const isStored = volume === this.#storage.storedVolume(volume.metadata.name);
            return isStored ? volume : client.update(persistentVolumes, volume);
          }),
        ),
        provisions: await Promise.all(claims.map((claim) => client.update(persistentVolumeClaims, claim))),
      };
      await this.#bound(pod, awaited);
    } catch (error) {
      this.#release(assumption);
      // Somebody else was first: the next attempt sees what they wrote.
      if (!isConflict(error)) {
        const message = `running PreBind plugin "${this.name}": ${errorMessage(error)}`;
        events.record({ object: pod.pod }, "Warning", "FailedScheduling", message);
      }
      throw error;
    }
  }

  /** Resolves when all is bound. */
  #bound(pod: PodInfo, awaited: Awaited): Promise<void> {
    const { clock } = this.#parts;
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        this.#waiters.delete(pod.uid);
      };
      const fail = (error: Error) => {
        end();
        reject(new Error(`binding volumes: ${error.message}`));
      };
      const look = () => {
        try {
          if (!areBound(awaited, this.#storage)) return;
          end();
          resolve();
        } catch (error) {
          fail(error as Error);
        }
      };
      const cancel = clock.setTimer(this.#timeoutMs(pod), () => fail(new Error("context deadline exceeded")));
      this.#waiters.set(pod.uid, { look, fail });
      look();
    });
  }

  #timeoutMs(pod: PodInfo): number {
    const { bindTimeoutSeconds = BIND_TIMEOUT_SECONDS } = this.#parts.profileOf(pod)?.args.VolumeBinding ?? {};
    return bindTimeoutSeconds * 1000;
  }

  #release({ volumes, claims }: Assumption): void {
    volumes.forEach((volume) => this.#storage.restoreVolume(volume));
    claims.forEach((claim) => this.#storage.restoreClaim(claim));
    // What was kept for this pod may be what another one waits for.
    this.#parts.wake(["Volume"]);
  }
}

function selectNode(claim: PersistentVolumeClaim, nodeName: string): PersistentVolumeClaim {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}
