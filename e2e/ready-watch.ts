// Sees every revision of an application's pods, and keeps how few of them were ready at once and how many there were.

import { isPodReady } from "../api/core/pod-state.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import type { Client } from "../client/client.ts";

export interface ReadyBounds {
  readonly revisions: number;
  readonly fewestReady: number;
  /** Those that are being deleted not counted. */
  readonly mostPods: number;
}

export class ReadyWatch {
  readonly #stop = new AbortController();
  readonly #watched: Promise<ReadyBounds>;

  constructor(client: Client, labelSelector: string) {
    this.#watched = this.#watch(client, labelSelector);
    // `stop` reports it; until then it is nobody's.
    this.#watched.catch(() => undefined);
  }

  /** Rejects if some revisions may have been missed. */
  stop(): Promise<ReadyBounds> {
    this.#stop.abort();
    return this.#watched;
  }

  async #watch(client: Client, labelSelector: string): Promise<ReadyBounds> {
    const { signal } = this.#stop;
    const selection = { namespace: "default", labelSelector };
    const { items, resourceVersion } = await client.list(pods, selection);
    const known = new Map(items.map((pod) => [pod.metadata.uid, pod]));
    let bounds = widen(undefined, [...known.values()]);
    try {
      for await (const event of client.watch(pods, { ...selection, resourceVersion, signal })) {
        if (event.type === "BOOKMARK") continue;
        const { uid } = event.object.metadata;
        if (event.type === "DELETED") known.delete(uid);
        else known.set(uid, event.object);
        bounds = widen(bounds, [...known.values()]);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) throw new Error("the watch of the pods ended before it was stopped");
    return bounds;
  }
}

function widen(bounds: ReadyBounds | undefined, all: readonly Pod[]): ReadyBounds {
  const staying = all.filter(({ metadata }) => !metadata.deletionTimestamp);
  const ready = staying.filter(isPodReady).length;
  return {
    revisions: (bounds?.revisions ?? 0) + 1,
    fewestReady: Math.min(bounds?.fewestReady ?? Infinity, ready),
    mostPods: Math.max(bounds?.mostPods ?? 0, staying.length),
  };
}
