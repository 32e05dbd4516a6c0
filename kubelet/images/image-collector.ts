// Removes images that this kubelet has pulled and nothing uses any more: every five minutes as plan-collection.ts says, and
// all of them when the node has no room left. Names are removed, never ids: an image that somebody has given another name
// stays under that one.

import type { Pod } from "../../api/core/pod.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { pause, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { nodeSubject } from "../node-subject.ts";
import { isTerminalPhase } from "../pod-phase.ts";
import type { RuntimeSnapshot } from "../runtime-snapshot.ts";
import type { ImageStore, RuntimeImage } from "../runtimes/image-store.ts";
import { isRuntimeError } from "../runtimes/runtime-error.ts";
import {
  DEFAULT_IMAGES,
  planCollection,
  planRemoval,
  type CollectionState,
  type ImageSettings,
  type OwnImage,
} from "./plan-collection.ts";
import type { PulledImages } from "./pulled-images.ts";

export interface ImageCollection {
  readonly settings: ImageSettings;
  /** Of the disk that images are on; undefined where nobody knows. */
  room(): Promise<CollectionState["disk"]>;
}

export interface ImageCollectorDeps {
  readonly images: Pick<ImageStore, "list" | "remove">;
  readonly pulled: Pick<PulledImages, "names" | "forget">;
  readonly snapshot: Pick<RuntimeSnapshot, "pods">;
  pods(): readonly Pod[];
  /** Nothing is removed by itself unless given. */
  readonly collection?: ImageCollection;
  readonly events: EventRecorder;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Kubernetes' own. */
const INTERVAL_MS = 300_000;

interface Sighting {
  readonly firstSeenMs: number;
  readonly lastUsedMs: number | undefined;
}

export class ImageCollector {
  readonly #deps: ImageCollectorDeps;
  readonly #sinceMs: number;
  /** By name; bound by what the kubelet has pulled. */
  #sightings: ReadonlyMap<string, Sighting> = new Map();

  constructor(deps: ImageCollectorDeps) {
    this.#deps = deps;
    this.#sinceMs = deps.clock.monotonic();
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { collection, clock, log } = this.#deps;
    while (collection && !signal.aborted) {
      try {
        await this.#collect(collection, signal);
      } catch (error) {
        if (!signal.aborted) log.warn("Unused images could not be removed; it is tried again", { error });
      }
      await pause(clock, INTERVAL_MS, signal);
    }
  }

  /** Removes all that nothing uses. */
  async removeUnused(signal: AbortSignal): Promise<void> {
    const { collection, clock } = this.#deps;
    const images = await this.#find(signal);
    const unused = planRemoval(collection?.settings ?? DEFAULT_IMAGES, { images, nowMs: clock.monotonic() });
    await this.#removeAll(unused, Infinity, signal);
  }

  async #collect({ settings, room }: ImageCollection, signal: AbortSignal): Promise<void> {
    const { clock, events, nodeName } = this.#deps;
    const [images, disk] = await Promise.all([this.#find(signal), room()]);
    const state = { images, disk, nowMs: clock.monotonic(), sinceMs: this.#sinceMs };
    const { old, spare, bytesToFree } = planCollection(settings, state);
    const ofOld = await this.#removeAll(old, Infinity, signal);
    const freed = ofOld + (await this.#removeAll(spare, bytesToFree - ofOld, signal));
    if (freed >= bytesToFree) return;
    const message =
      `Failed to garbage collect required amount of images. Attempted to free ${bytesToFree} bytes, ` +
      `but only found ${freed} bytes eligible to free.`;
    events.record(nodeSubject(nodeName), "Warning", "FreeDiskSpaceFailed", message);
  }

  /** The images that are this kubelet's to remove, with what is known of their use. */
  async #find(signal: AbortSignal): Promise<readonly OwnImage[]> {
    const { images, pulled, clock } = this.#deps;
    const names = await pulled.names();
    if (names.size === 0) return [];
    const present = await images.list(signal);
    const nowMs = clock.monotonic();
    const used = this.#used();
    const found = [...names].flatMap(([name, id]): OwnImage[] => {
      const image = present.find((each) => each.id === id && isNamed(each, name));
      if (!image) return [];
      const inUse = used.has(id) || used.has(name);
      const before = this.#sightings.get(name);
      const firstSeenMs = before?.firstSeenMs ?? nowMs;
      return [{ name, inUse, sizeBytes: image.sizeBytes, firstSeenMs, lastUsedMs: inUse ? nowMs : before?.lastUsedMs }];
    });
    this.#sightings = new Map(found.map(({ name, ...sighting }) => [name, sighting]));
    // Gone, or the name stands for an image of somebody else's now.
    await pulled.forget([...names.keys()].filter((name) => !this.#sightings.has(name)));
    return found;
  }

  /** Ids of what containers were made from, and names that pods are going to use. */
  #used(): ReadonlySet<string> {
    const { snapshot, pods } = this.#deps;
    const made = [...snapshot.pods].flatMap(({ containers }) => containers.map(({ imageId }) => imageId));
    const wanted = pods()
      .filter(({ status }) => !isTerminalPhase(status.phase))
      .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])])
      .flatMap(({ image = "" }) => [image]);
    return new Set([...made, ...wanted]);
  }

  /** Resolves with how many bytes that gave. */
  async #removeAll(images: readonly OwnImage[], bytes: number, signal: AbortSignal): Promise<number> {
    const { pulled, log } = this.#deps;
    let freed = 0;
    for (const { name, sizeBytes } of images) {
      if (freed >= bytes) break;
      if (!(await this.#remove(name, signal))) continue;
      log.info("An image that nothing uses was removed", { image: name, sizeBytes });
      await pulled.forget([name]);
      freed += sizeBytes;
    }
    return freed;
  }

  /** False: a container of somebody else's uses it. */
  async #remove(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#deps.images.remove(name, signal);
      return true;
    } catch (error) {
      if (isRuntimeError(error, "InUse")) return false;
      throw error;
    }
  }
}

/** A runtime may write a name in full that was asked for in short. */
function isNamed({ names }: RuntimeImage, name: string): boolean {
  const complete = /[:@][^/]*$/.test(name) ? name : `${name}:latest`;
  return names.some((each) => each === complete || each === name || each.endsWith(`/${complete}`)) || isDigest(name);
}

/** A digest stands for one image only, whatever a runtime calls it. */
const isDigest = (name: string) => name.includes("@sha256:");
