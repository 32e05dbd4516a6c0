// Runs the allocator of offers and reservations. Until there is a framework or a reservation it does nothing but watch for one,
// and nothing at all where the API server has no such kinds.

import { namespaces } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { frameworkRoles } from "../../api/kctl-scheduling/framework-role.ts";
import { frameworks } from "../../api/kctl-scheduling/framework.ts";
import { offers } from "../../api/kctl-scheduling/offer.ts";
import { reservations } from "../../api/kctl-scheduling/reservation.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Client } from "../../client/client.ts";
import type { Informer } from "../../client/informer.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { servesGangs } from "../queues/served-kinds.ts";
import { OfferAllocator } from "./offer-allocator.ts";
import { OfferBooks } from "./offer-books.ts";
import { OfferMetrics } from "./offer-metrics.ts";
import { OwnWrites } from "./own-writes.ts";

export interface RunOfferAllocatorOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Shared with the rest of the scheduler: one watch for each kind. */
  informer<T extends KubeObject>(resource: ResourceDefinition<T>): Informer<T>;
}

/** Resolves when, after the abort of `signal`, everything has stopped. */
export async function runOfferAllocator(options: RunOfferAllocatorOptions, signal: AbortSignal): Promise<void> {
  if (!(await servesGangs(options.client, options.clock, signal))) return;
  const wanted = [options.informer(frameworks), options.informer(reservations)];
  await untilAny(wanted, signal);
  if (!signal.aborted) await runAllocator(options, signal);
}

/** Resolves when any of the informers has an object, or at the abort of `signal`. */
function untilAny(informers: readonly Pick<Informer<KubeObject>, "onChange">[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const done = () => {
      signal.removeEventListener("abort", done);
      // A listener may be called before it is known how to stop it.
      queueMicrotask(() => stops.forEach((stop) => stop()));
      resolve();
    };
    signal.addEventListener("abort", done, { once: true });
    for (const informer of informers) stops.push(informer.onChange(done));
  });
}

/** Every change of these counts. */
const OTHERS = ["namespaces", "frameworks", "roles", "reservations"] as const;

async function runAllocator(options: RunOfferAllocatorOptions, signal: AbortSignal): Promise<void> {
  const { informer } = options;
  const sources = {
    nodes: informer(nodes),
    namespaces: informer(namespaces),
    frameworks: informer(frameworks),
    roles: informer(frameworkRoles),
    reservations: informer(reservations),
  };
  const [offerCache, podCache] = [informer(offers), informer(pods)];
  const ownWrites = new OwnWrites();
  const books = new OfferBooks(sources);
  const metrics = new OfferMetrics(options.metrics);
  const allocator = new OfferAllocator({
    ...options,
    metrics,
    books,
    ownWrites,
    offers: offerCache,
    reservations: sources.reservations,
  });
  const changed = () => allocator.changed();
  const stops = [
    ...OTHERS.map((name) => (sources[name] as Pick<Informer<KubeObject>, "onChange">).onChange(changed)),
    sources.nodes.onChange((change) => {
      if (books.nodeChanged(change)) changed();
    }),
    offerCache.onChange((change) => {
      ownWrites.seen(change);
      changed();
    }),
    podCache.onChange((change) => {
      if (books.podChanged(change)) changed();
    }),
  ];
  try {
    await Promise.all([...Object.values(sources), offerCache, podCache].map(({ synced }) => synced));
    await allocator.run(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stops.forEach((stop) => stop());
  }
}
