// The volumes of the pods on this node: makes them, brings them up to date, and removes them, below one directory per pod.

import { join } from "node:path";
import type { Pod } from "../../api/core/pod.ts";
import type { Volume } from "../../api/core/volume.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Exec } from "../../lib/exec.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { NodeFiles } from "../node-files.ts";
import { StepError } from "../step-error.ts";
import type { ClaimedVolumes } from "./claimed-volumes.ts";
import type { VolumeContext, VolumePlugin } from "./volume-plugin.ts";

/** What volumes are made of. */
export type VolumeSources = Pick<VolumeContext, "facts" | "configMap" | "secret" | "token" | "signal">;

export interface PodVolumesDeps {
  readonly plugins: readonly VolumePlugin[];
  readonly claims: ClaimedVolumes;
  readonly rootDirectory: string;
  readonly files: NodeFiles;
  readonly events: EventRecorder;
  readonly exec: Pick<Exec, "run">;
}

export class PodVolumes {
  readonly #deps: PodVolumesDeps;

  constructor(deps: PodVolumesDeps) {
    this.#deps = deps;
  }

  /** Makes the pod's volumes, or brings them up to date. Throws StepError FailedMount, and records an event for each volume that failed. */
  async setUp(pod: Pod, sources: VolumeSources): Promise<void> {
    const { claims, events, exec } = this.#deps;
    const attempts = (pod.spec.volumes ?? []).map(async (volume) => {
      try {
        const found = await claims.find(pod, volume, sources.signal);
        const directory = this.#directoryOf(pod, found);
        await this.#pluginOf(found).setUp(found, { ...sources, pod, directory, exec });
        return undefined;
      } catch (error) {
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${errorMessage(error)}`;
        if (!sources.signal.aborted) events.record({ object: pod }, "Warning", "FailedMount", message);
        return new StepError("FailedMount", message, { cause: error });
      }
    });
    const failed = (await Promise.all(attempts)).find((failure) => failure !== undefined);
    if (failed) throw failed;
  }

  /** Where the volume lies on the node. Throws an Error for a name that the pod does not have. */
  pathOf(pod: Pod, name: string): string {
    const found = this.#deps.claims.known(pod, this.#volumeOf(pod, name));
    return this.#pluginOf(found).path(found, this.#directoryOf(pod, found));
  }

  /** Whether containers may only read the volume, whatever their mounts say. */
  isReadOnly(pod: Pod, name: string): boolean {
    return this.#volumeOf(pod, name).persistentVolumeClaim?.readOnly ?? false;
  }

  /** Removes everything that was made on the node for the pod. Idempotent. */
  async tearDown(podUid: string, signal: AbortSignal): Promise<void> {
    const { rootDirectory, files, claims } = this.#deps;
    const directory = join(rootDirectory, "pods", podUid);
    for (const mount of await files.mountsBelow(directory)) await this.#unmount(mount, signal);
    await files.remove(directory);
    claims.forget(podUid);
  }

  async #unmount(path: string, signal: AbortSignal): Promise<void> {
    const { code, stderr } = await this.#deps.exec.run("umount", [path], { signal });
    // Removing the directory would empty what is mounted there, so this stops everything.
    if (code !== 0) throw new Error(`${path} could not be unmounted: ${stderr.trim()}`);
  }

  #volumeOf(pod: Pod, name: string): Volume {
    const volume = pod.spec.volumes?.find((each) => each.name === name);
    if (!volume) throw new Error(`the pod has no volume named "${name}"`);
    return volume;
  }

  #pluginOf(volume: Volume): VolumePlugin {
    const plugin = this.#deps.plugins.find(({ source }) => volume[source] !== undefined);
    if (plugin) return plugin;
    const type = Object.keys(volume).find((field) => field !== "name") ?? "unknown";
    throw new Error(`volumes of the type ${type} are not supported by this kubelet`);
  }

  #directoryOf({ metadata }: Pod, volume: Volume): string {
    const type = this.#pluginOf(volume).source.replace(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);
    return join(this.#deps.rootDirectory, "pods", metadata.uid, "volumes", `kubernetes.io~${type}`, volume.name);
  }
}
