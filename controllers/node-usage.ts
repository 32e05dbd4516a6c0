// What nodes use, and their pods that run on reclaimed resources, as metrics.k8s.io tells it: read by all who ask within a while
// at once, and kept for as long as it says anything. Where it cannot be read, nothing is known.

import type { Pod } from "../api/core/pod.ts";
import { BAND_LABEL } from "../api/kctl-scheduling/bands.ts";
import { REPORT_VALID_MS, usageReport, type UsageReport } from "../api/kctl-scheduling/reclaim.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { nodeMetricsList, type NodeMetrics } from "../api/metrics/node-metrics.ts";
import { podMetricsList, type PodMetrics } from "../api/metrics/pod-metrics.ts";
import type { ControllerDeps } from "../client/controller.ts";

/** How often kubelets are asked on behalf of metrics.k8s.io. */
export const USAGE_INTERVAL_MS = 15_000;

type Parts = Pick<ControllerDeps, "client" | "clock" | "log">;

/** Bound: an entry for each node, and for each pod on reclaimed resources. */
export class NodeUsage {
  readonly #parts: Parts;
  #nodes: ReadonlyMap<string, NodeMetrics> = new Map();
  #pods: ReadonlyMap<string, PodMetrics> = new Map();
  #reading: { readonly sinceMs: number; readonly done: Promise<void> } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What the node uses, but for these pods of it. */
  async reportOf(node: string, borrowers: readonly Pod[]): Promise<UsageReport | undefined> {
    await this.#readLately();
    const metrics = this.#nodes.get(node);
    return (
      metrics &&
      usageReport(
        metrics,
        borrowers.flatMap((pod) => this.#pods.get(formatKey(keyOf(pod))) ?? []),
      )
    );
  }

  #readLately(): Promise<void> {
    const nowMs = this.#parts.clock.monotonic();
    if (!this.#reading || nowMs - this.#reading.sinceMs >= USAGE_INTERVAL_MS) {
      this.#reading = { sinceMs: nowMs, done: this.#read() };
    }
    return this.#reading.done;
  }

  async #read(): Promise<void> {
    const { client, clock, log } = this.#parts;
    try {
      const [ofNodes, ofPods] = await Promise.all([
        client.list(nodeMetricsList),
        client.list(podMetricsList, { labelSelector: `${BAND_LABEL}=best-effort` }),
      ]);
      this.#nodes = renew(this.#nodes, ofNodes.items, clock.now());
      this.#pods = renew(this.#pods, ofPods.items, clock.now());
    } catch (error) {
      // What was lent is taken back when the last report is too old.
      log.warn("What nodes use cannot be read, and is needed to lend what pods do not use", { error });
    }
  }
}

/** The newer ones, and of others what still says anything: a kubelet may have missed one question. */
function renew<T extends NodeMetrics | PodMetrics>(
  known: ReadonlyMap<string, T>,
  items: readonly T[],
  nowMs: number,
): ReadonlyMap<string, T> {
  const recent = [...known].filter(([, { timestamp }]) => nowMs - Date.parse(timestamp) < REPORT_VALID_MS);
  return new Map([...recent, ...items.map((each) => [formatKey(keyOf(each)), each] as const)]);
}
