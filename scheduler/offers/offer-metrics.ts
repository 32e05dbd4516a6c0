// What offers show of themselves to Prometheus.

import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Standing } from "./plan-offers.ts";

export class OfferMetrics {
  readonly #ended: ReturnType<Metrics["counter"]>;
  readonly #outstanding: ReturnType<Metrics["gauge"]>;
  readonly #share: ReturnType<Metrics["gauge"]>;
  #shown = new Set<string>();

  constructor(metrics: Metrics) {
    const labels = ["framework"];
    this.#ended = metrics.counter({
      name: "kctl_offers_ended_total",
      help: "Offers that are over, by framework and by how they have ended.",
      labels: [...labels, "phase"],
    });
    this.#outstanding = metrics.gauge({
      name: "kctl_offers_outstanding",
      help: "Offers that a framework has not answered yet.",
      labels,
    });
    this.#share = metrics.gauge({
      name: "kctl_framework_dominant_share",
      help: "The part of the cluster that a framework holds, of the resource where it is largest.",
      labels,
    });
  }

  ended({ spec: { framework }, status: { phase = "Outstanding" } }: Offer): void {
    this.#ended.add({ framework, phase });
  }

  standing(standings: readonly Standing[]): void {
    const names = new Set(standings.map(({ framework }) => framework.metadata.name));
    for (const framework of this.#shown) {
      if (names.has(framework)) continue;
      this.#outstanding.remove({ framework });
      this.#share.remove({ framework });
    }
    this.#shown = names;
    for (const { framework, outstanding, dominantShare } of standings) {
      this.#outstanding.set(outstanding, { framework: framework.metadata.name });
      this.#share.set(dominantShare, { framework: framework.metadata.name });
    }
  }
}
