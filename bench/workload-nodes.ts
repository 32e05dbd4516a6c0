// A hundred nodes for a benchmark of controllers, in the benchmark's own process: their pods are Ready as soon as they are bound,
// and gone as soon as they are deleted. Talks to the API server as kubelets do, over HTTPS.

import { nodes } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import type { Client } from "../client/client.ts";
import { runController } from "../client/controller-loop.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import type { Informer } from "../client/informer.ts";
import { systemClock } from "../lib/clock.ts";
import { createLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { FakeKubelet } from "../testing/fake-kubelet.ts";
import { loadNode } from "./load-pod.ts";

const NODE_COUNT = 100;
/** Requests that are under way at a time: as many as connections are kept. */
const AT_ONCE = 64;

export class WorkloadNodes {
  readonly #pods: Informer<Pod>;
  readonly #stop: AbortController;
  readonly #running: Promise<unknown>;

  private constructor(parts: { pods: Informer<Pod>; stop: AbortController; running: Promise<unknown> }) {
    this.#pods = parts.pods;
    this.#stop = parts.stop;
    this.#running = parts.running;
  }

  /** Makes the nodes, and keeps them alive until `stop`. */
  static async start(client: Client): Promise<WorkloadNodes> {
    for (let index = 0; index < NODE_COUNT; index++) await makeNode(client, index);
    const stop = new AbortController();
    const { signal } = stop;
    const common = { client, clock: systemClock(), random: systemRandom(), log: createLog("error") };
    const metrics = createMetrics();
    const informers = new InformerSet(common, signal);
    const deps = {
      ...common,
      metrics,
      events: createEventRecorder({ ...common, component: "kubelet", metrics }, signal),
      informer: ((resource, indexers) => informers.informer(resource, indexers)) as InformerSet["informer"],
    };
    const kubelet = new FakeKubelet();
    kubelet.binds = false;
    kubelet.readyAfterMs = 0;
    const running = Promise.all([
      runController({ ...kubelet.controller, concurrency: AT_ONCE }, deps, signal),
      kubelet.heartbeats(common, signal),
    ]);
    const found = informers.informer(pods);
    await found.synced;
    return new WorkloadNodes({ pods: found, stop, running });
  }

  /** Resolves when there is no pod any more. */
  async untilEmpty(): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.#pods.list().length > 0) return;
        stop();
        resolve();
      };
      const stop = this.#pods.onChange(look);
      look();
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

async function makeNode(client: Client, index: number): Promise<void> {
  const { status, ...node } = loadNode(index);
  const { name } = node.metadata;
  await client.create(nodes, node);
  await client.patch(nodes, { name }, { type: "merge", patch: { status } }, { subresource: "status" });
  // Nobody may be there yet to take away the taint that new nodes have.
  await client.patch(nodes, { name }, { type: "merge", patch: { spec: { taints: null } } });
}
