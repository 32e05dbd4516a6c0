// Shows static pods in the API: keeps one mirror there for each, makes it anew when somebody has deleted it or the manifest has
// changed, and removes mirrors of what does not run here. The pods themselves do not depend on it.

import { nodes } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { formatKey, keyOf } from "../../api/meta/object.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import { WorkQueue } from "../../client/workqueue.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { StaticPodSource } from "./static-pod-source.ts";
import { buildMirror, isMirror, isMirrorOf } from "./static-pod.ts";

export interface MirrorPodsDeps {
  readonly client: Client;
  readonly nodeName: string;
  /** The pods of this node in the API, mirrors among them. */
  readonly api: Informer<Pod>;
  /** Absent where the node has no static pods: then mirrors of earlier ones go. */
  readonly source: StaticPodSource | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What is to be done about the mirror of one pod; nothing where it is as it should be. Pure. */
export function planMirror(pod: Pod | undefined, mirror: Pod | undefined): "create" | "delete" | undefined {
  if (!mirror) return pod && "create";
  return pod && !mirror.metadata.deletionTimestamp && isMirrorOf(mirror, pod) ? undefined : "delete";
}

export class MirrorPods {
  readonly #deps: MirrorPodsDeps;
  readonly #queue: WorkQueue;

  constructor(deps: MirrorPodsDeps) {
    this.#deps = deps;
    const { clock, metrics } = deps;
    this.#queue = new WorkQueue({ name: "mirror-pods", clock, metrics, backoff: { initialMs: 500, maxMs: 30_000 } });
  }

  /** Until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, source } = this.#deps;
    const known = await Promise.all([api.synced, source?.synced]).then(
      () => true,
      () => false,
    );
    if (!known || signal.aborted) return;
    const stops = [
      source?.onChange(({ object }) => this.#queue.add(formatKey(keyOf(object)))),
      api.onChange(({ object }) => {
        if (isMirror(object)) this.#queue.add(formatKey(keyOf(object)));
      }),
    ];
    for (let key = await this.#queue.take(signal); key !== undefined; key = await this.#queue.take(signal)) {
      try {
        await this.#sync(key, signal);
        this.#queue.forget(key);
      } catch (error) {
        if (!signal.aborted) {
          const failures = this.#queue.retry(key);
          this.#deps.log.warn("A static pod could not be shown in the API; it is tried again", {
            pod: key,
            failures,
            error,
          });
        }
      }
      this.#queue.done(key);
    }
    for (const stop of stops) stop?.();
    this.#queue.clear();
  }

  async #sync(key: string, signal: AbortSignal): Promise<void> {
    const { client, api, source, nodeName } = this.#deps;
    const pod = source?.get(key);
    const mirror = api.list().find((each) => isMirror(each) && formatKey(keyOf(each)) === key);
    switch (planMirror(pod, mirror)) {
      case "delete": {
        if (!mirror) return;
        const preconditions = { uid: mirror.metadata.uid };
        await client
          .delete(pods, keyOf(mirror), { gracePeriodSeconds: 0, preconditions, signal })
          .catch(ignoreNotFound);
        return;
      }
      case "create": {
        if (!pod) return;
        const { metadata } = await client.get(nodes, { name: nodeName }, { signal });
        await client.create(pods, buildMirror(pod, { name: nodeName, uid: metadata.uid }), { signal });
        return;
      }
      case undefined:
        return;
    }
  }
}
