// Commands of kctl that wait: lets a test act once one watches, and lets the cluster's time pass until one has ended. Commands
// load their code while they run, which takes real time, so that the fake clock alone does not tell how far they are.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { TestCluster } from "./cluster.ts";
import { Kctl, type KctlResult } from "./kctl.ts";

export class KctlProgress {
  readonly kctl: Kctl;
  readonly #cluster: TestCluster;
  #watches = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.kctl = new Kctl({
      clock: cluster.clock,
      transport: (request) => {
        if (request.query.get("watch") === "true") this.#watches += 1;
        return cluster.transport(request);
      },
    });
  }

  /** Resolves when a command has begun to watch since the last call, and the cluster is at rest. */
  async watching(): Promise<void> {
    while (this.#watches === 0) await nextTurn();
    this.#watches = 0;
    await this.#cluster.settle();
  }

  /** The result of a run, with as much time passing as it takes. */
  async finish(run: Promise<KctlResult>): Promise<KctlResult> {
    let isRunning = true;
    const stop = () => (isRunning = false);
    run.then(stop, stop);
    while (isRunning) {
      await this.#cluster.step(500);
      await nextTurn();
    }
    return run;
  }
}
