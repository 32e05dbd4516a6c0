// Looks every ten seconds whether pods have outgrown their limits on disk, and gives up those that have. What is to be done
// is decided in the pure files of this folder; nothing is measured where no pod asks for it.

import type { Pod } from "../../api/core/pod.ts";
import { pause, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Kubelet } from "../kubelet.ts";
import { isTerminalPhase } from "../pod-phase.ts";
import { isCritical } from "./critical-pod.ts";
import { measurePods, type DiskUsageSources } from "./pod-disk-usage.ts";
import { hasStorageLimit, judgeStorage } from "./storage-limits.ts";

export interface EvictorDeps extends DiskUsageSources {
  readonly kubelet: Pick<Kubelet, "list" | "evict">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Kubernetes' own. */
const INTERVAL_MS = 10_000;

export class Evictor {
  readonly #deps: EvictorDeps;

  constructor(deps: EvictorDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      await pause(clock, INTERVAL_MS, signal);
      try {
        if (!signal.aborted) await this.#look(signal);
      } catch (error) {
        if (!signal.aborted) log.warn("The room that pods take could not be measured; it is tried again", { error });
      }
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { kubelet } = this.#deps;
    const limited = kubelet.list().filter((pod) => isActive(pod) && hasStorageLimit(pod));
    if (limited.length === 0) return;
    const usages = await measurePods(this.#deps, limited, signal);
    for (const pod of limited) {
      const usage = usages.get(pod.metadata.uid);
      const eviction = usage && !isCritical(pod) ? judgeStorage(pod, usage) : undefined;
      if (eviction) kubelet.evict(pod.metadata.uid, eviction);
    }
  }
}

const isActive = ({ status }: Pod) => !isTerminalPhase(status.phase);
