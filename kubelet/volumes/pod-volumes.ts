// The volumes of the pods on this node: makes them, brings them up to date, and removes them, below one directory per pod.

import { dirname, join } from "node:path";
import { claimNameOf } from "../../api/core/pod-claims.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Volume } from "../../api/core/volume.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Exec } from "../../lib/exec.ts";
import type { NodeFiles } from "../node-files.ts";
import type { Mount } from "../runtimes/runtime.ts";
import { StepError } from "../step-error.ts";
import { hasStarted, NodeAffinityError, type ClaimedVolumes } from "./claimed-volumes.ts";
import { unmount } from "./mount-program.ts";
import { makeNestedPlaces } from "./nested-mounts.ts";
import { isPropagated, shareMounts } from "./propagation.ts";
import { prepareMount, type MountRequest } from "./volume-mount.ts";
import type { NodeVolume, VolumeContext, VolumePlugin } from "./volume-plugin.ts";

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
  /** The names of the volumes that this kubelet has made, by the pod's uid. Bound: the volumes of the pods on this node. */
  readonly #made = new Map<string, Set<string>>();

  constructor(deps: PodVolumesDeps) {
    this.#deps = deps;
  }

  /** Makes the pod's volumes, or brings them up to date. Throws StepError FailedMount, and records an event for each volume that failed. */
  async setUp(pod: Pod, sources: VolumeSources): Promise<void> {
    const attempts = (pod.spec.volumes ?? []).map((volume) => this.#attempt(pod, volume, sources));
    const failed = (await Promise.all(attempts)).find((failure) => failure !== undefined);
    if (failed) throw failed;
  }

  async #attempt(pod: Pod, volume: Volume, sources: VolumeSources): Promise<StepError | undefined> {
    const { claims, events } = this.#deps;
    let found: NodeVolume | undefined;
    try {
      found = await claims.find(pod, volume, { signal: sources.signal, nodeName: sources.facts.nodeName });
      await this.#make(pod, found, sources);
      return undefined;
    } catch (error) {
      const message = describeFailure(error, { pod, volume, found });
      if (!sources.signal.aborted) events.record({ object: pod }, "Warning", "FailedMount", message);
      return new StepError("FailedMount", message, { cause: error });
    }
  }

  async #make(pod: Pod, volume: NodeVolume, sources: VolumeSources): Promise<void> {
    const { exec, files } = this.#deps;
    const directory = this.#directoryOf(pod, volume);
    const plugin = this.#pluginOf(volume);
    const made = this.#made.get(pod.metadata.uid) ?? new Set();
    // A kubelet before this one has made those of a pod that runs.
    const isKnown = made.has(volume.name) || hasStarted(pod);
    const isMounted = async () => (await files.mountsBelow(dirname(directory))).includes(directory);
    await plugin.setUp(volume, { ...sources, pod, directory, isKnown, exec, isMounted });
    const isOwn = plugin.path(volume, directory) === directory;
    if (isOwn && plugin.isReadOnly?.(volume)) await makeNestedPlaces(pod.spec, { name: volume.name, directory });
    if (isOwn && isPropagated(pod.spec, volume.name)) {
      await shareMounts(directory, { exec, files, signal: sources.signal });
    }
    this.#made.set(pod.metadata.uid, made.add(volume.name));
  }

  /** Where the volume lies on the node. Throws an Error for a name that the pod does not have. */
  pathOf(pod: Pod, name: string): string {
    const found = this.#find(pod, name);
    return this.#pluginOf(found).path(found, this.#directoryOf(pod, found));
  }

  /** What the runtime is told for one of a container's mounts. Throws an Error that says why it cannot be. */
  mount(request: MountRequest): Promise<Mount> {
    const { pod, mount } = request;
    const found = this.#find(pod, mount.name);
    const isReadOnly = found.persistent?.readOnly || this.#pluginOf(found).isReadOnly?.(found) || false;
    const volume = { root: this.pathOf(pod, mount.name), isReadOnly, podDirectory: this.#podDirectory(pod) };
    return prepareMount(request, volume, this.#deps);
  }

  /** Removes the volumes of a pod of which nothing runs any more, and leaves what else of it is on the node. Idempotent. */
  async removeVolumes(podUid: string, signal: AbortSignal): Promise<void> {
    const { rootDirectory, files, exec } = this.#deps;
    const directory = join(rootDirectory, "pods", podUid);
    for (const path of await files.mountsBelow(directory)) await unmount(path, { exec, signal });
    await files.remove(join(directory, "volumes"));
    this.#made.delete(podUid);
  }

  /** Removes everything that was made on the node for the pod. Idempotent. */
  async tearDown(podUid: string, signal: AbortSignal): Promise<void> {
    const { rootDirectory, files, claims } = this.#deps;
    await this.removeVolumes(podUid, signal);
    await files.remove(join(rootDirectory, "pods", podUid));
    claims.forget(podUid);
  }

  #find(pod: Pod, name: string): NodeVolume {
    const volume = pod.spec.volumes?.find((each) => each.name === name);
    if (!volume) throw new Error(`the pod has no volume named "${name}"`);
    return this.#deps.claims.known(pod, volume);
  }

  #pluginOf(volume: NodeVolume): VolumePlugin {
    const plugin = this.#deps.plugins.find(({ source }) => volume[source] !== undefined);
    if (plugin) return plugin;
    const type = Object.keys(volume).find((field) => field !== "name") ?? "unknown";
    throw new Error(`volumes of the type ${type} are not supported by this kubelet`);
  }

  #podDirectory({ metadata }: Pod): string {
    return join(this.#deps.rootDirectory, "pods", metadata.uid);
  }

  #directoryOf(pod: Pod, volume: NodeVolume): string {
    const type = this.#pluginOf(volume).source.replace(/[A-Z]+/g, (letters) => `-${letters.toLowerCase()}`);
    return join(this.#podDirectory(pod), "volumes", `kubernetes.io~${type}`, volume.name);
  }
}

interface Failed {
  readonly pod: Pod;
  readonly volume: Volume;
  /** What the claim stands for, where it was found. */
  readonly found: NodeVolume | undefined;
}

/** In Kubernetes' words, which name the persistent volume where there is one. */
function describeFailure(error: unknown, { pod, volume, found }: Failed): string {
  const { name } = volume;
  const claim = claimNameOf(pod.metadata.name, volume);
  if (error instanceof NodeAffinityError) {
    return `MountVolume.NodeAffinity check failed for volume "${error.volumeName}" : ${error.message}`;
  }
  if (!found && claim !== undefined) {
    return (
      `Unable to attach or mount volumes: unmounted volumes=[${name}], unattached volumes=[], failed to process volumes=[${name}]: ` +
      `error processing PVC ${pod.metadata.namespace}/${claim}: ${errorMessage(error)}`
    );
  }
  return `MountVolume.SetUp failed for volume "${found?.persistent?.name ?? name}" : ${errorMessage(error)}`;
}
