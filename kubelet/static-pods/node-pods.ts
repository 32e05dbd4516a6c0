// The pods that a kubelet runs: those of the API that are bound to its node, without the mirrors of static pods, and the static
// pods themselves, which need no API. Those of the API come all at once when they are known.

import type { Pod } from "../../api/core/pod.ts";
import type { Change, Informer, Unsubscribe } from "../../client/informer.ts";
import { isMirror } from "./static-pod.ts";
import type { StaticPodSource } from "./static-pod-source.ts";

export class NodePods implements Pick<Informer<Pod>, "list" | "onChange" | "synced"> {
  /** Both kinds are known. */
  readonly synced: Promise<void>;
  readonly #api: Informer<Pod>;
  readonly #source: StaticPodSource | undefined;

  constructor(api: Informer<Pod>, source: StaticPodSource | undefined) {
    this.#api = api;
    this.#source = source;
    this.synced = Promise.all([api.synced, source?.synced]).then(() => undefined);
    // Whoever waits for it sees the rejection; where nobody waits, it is no unhandled error.
    this.synced.catch(() => undefined);
  }

  list(): readonly Pod[] {
    return [...(this.#source?.list() ?? []), ...this.#api.list().filter((pod) => !isMirror(pod))];
  }

  onChange(listen: (change: Change<Pod>) => void): Unsubscribe {
    const stop = new AbortController();
    const stopStatic = this.#source?.onChange(listen);
    stop.signal.addEventListener("abort", () => stopStatic?.(), { once: true });
    const follow = () => {
      if (stop.signal.aborted) return;
      const stopApi = this.#api.onChange((change) => {
        if (!isMirror(change.object)) listen(change);
      });
      stop.signal.addEventListener("abort", () => stopApi(), { once: true });
    };
    // Where no list ever comes, everything is about to stop.
    this.#api.synced.then(follow, () => undefined);
    return () => stop.abort();
  }
}
