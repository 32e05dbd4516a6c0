// The loop around planOffers and planReservations: what has changed is gathered for a moment, then everything is decided anew and
// written. Nothing is remembered that matters: the offers, with when they were answered, are all in the store, so that another
// allocator can take over at any time.

import { frameworks, type Framework } from "../../api/kctl-scheduling/framework.ts";
import { offers, type Offer } from "../../api/kctl-scheduling/offer.ts";
import { reservations, type Reservation } from "../../api/kctl-scheduling/reservation.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { isConflict, isNotFound } from "../../api/meta/status.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { Client } from "../../client/client.ts";
import type { Lister } from "../../client/informer.ts";
import { formatMicroTime, pause, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { renderAmounts } from "../queues/amounts.ts";
import { frameworkStatusOf } from "./framework-status.ts";
import type { OfferBooks } from "./offer-books.ts";
import type { OfferMetrics } from "./offer-metrics.ts";
import type { OwnWrites } from "./own-writes.ts";
import { planOffers, type EndedOffer, type NewOffer, type OfferPlan, type Standing } from "./plan-offers.ts";
import { planReservations, type ReservationUpdate } from "./plan-reservations.ts";

export interface OfferAllocatorParts {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: OfferMetrics;
  readonly books: OfferBooks;
  readonly offers: Lister<Offer>;
  readonly reservations: Lister<Reservation>;
  readonly ownWrites: OwnWrites;
}

/** Changes that come together are decided together. */
const GATHER_MS = 50;
/** After a write that failed although nobody else had changed the object. */
const RETRY_MS = 1000;
const WRITES_AT_ONCE = 16;

export class OfferAllocator {
  readonly #parts: OfferAllocatorParts;
  #isDirty = true;
  #wake: () => void = () => undefined;

  constructor(parts: OfferAllocatorParts) {
    this.#parts = parts;
  }

  /** Something has changed. */
  changed(): void {
    this.#isDirty = true;
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    while (!signal.aborted) {
      await pause(clock, GATHER_MS, signal);
      if (signal.aborted) return;
      this.#isDirty = false;
      let dueMs: number | undefined;
      try {
        dueMs = await this.#pass();
      } catch (error) {
        log.warn("Sharing out the nodes failed; it is tried again", { error });
        dueMs = RETRY_MS;
      }
      await this.#rest(dueMs, signal);
    }
  }

  /** Until something has changed, or the time is over. */
  async #rest(dueMs: number | undefined, signal: AbortSignal): Promise<void> {
    if (this.#isDirty || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const cancel = dueMs === undefined ? undefined : this.#parts.clock.setTimer(dueMs, () => this.#wake());
      const done = () => {
        cancel?.();
        signal.removeEventListener("abort", done);
        this.#wake = () => undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Resolves with how long until something is due by itself. */
  async #pass(): Promise<number | undefined> {
    const { books, clock, ownWrites, offers: cached } = this.#parts;
    const nowMs = clock.now();
    await this.#holdReservations(nowMs);
    const plan = planOffers(books.state(ownWrites.over(cached.list(), nowMs), nowMs));
    const lagging = await this.#end(plan.end);
    await this.#settle(plan, lagging, nowMs);
    await eachOf(plan.make, (offer) => this.#make(offer));
    this.#parts.metrics.standing(plan.standings);
    return plan.nextMs === undefined ? undefined : Math.max(plan.nextMs - clock.now(), 1);
  }

  async #holdReservations(nowMs: number): Promise<void> {
    const { books, reservations: cached } = this.#parts;
    const wanted = cached.list();
    if (wanted.length === 0) return;
    const updates = planReservations({ nodes: books.nodes(), reservations: wanted, nowMs });
    for (const update of updates) await this.#hold(update);
  }

  async #hold({ reservation, status }: ReservationUpdate): Promise<void> {
    const write = () => this.#parts.client.update(reservations, { ...reservation, status }, { subresource: "status" });
    // A node that has less room than it seemed is seen so in a moment; the next pass finds another.
    if (await this.#try(write)) return;
    this.#parts.clock.setTimer(RETRY_MS, () => this.changed());
  }

  /** The frameworks with offers that could not be ended: somebody else was faster. */
  async #end(ended: readonly EndedOffer[]): Promise<ReadonlySet<string>> {
    const lagging = new Set<string>();
    await eachOf(ended, async ({ offer, phase, message }) => {
      const next: Offer = { ...offer, status: { ...offer.status, phase, message } };
      const isDone = await this.#try(async () => {
        this.#parts.ownWrites.written(await this.#parts.client.update(offers, next, { subresource: "status" }));
      });
      if (!isDone) lagging.add(offer.spec.framework);
    });
    return lagging;
  }

  /** Counts what is over in the status of its framework, and only then removes it. */
  async #settle({ standings, remove }: OfferPlan, lagging: ReadonlySet<string>, nowMs: number): Promise<void> {
    const known = new Set(standings.map(({ framework }) => framework.metadata.name));
    const settled = new Map<string, Offer[]>();
    for (const offer of remove) {
      const all = settled.get(offer.spec.framework) ?? [];
      all.push(offer);
      settled.set(offer.spec.framework, all);
    }
    for (const standing of standings) {
      const { name } = standing.framework.metadata;
      const over = settled.get(name) ?? [];
      const isWritten = !lagging.has(name) && (await this.#writeStatus(standing, over, nowMs));
      if (isWritten) await this.#remove(over);
    }
    // Nobody is left to count these.
    await this.#remove(remove.filter(({ spec }) => !known.has(spec.framework)));
  }

  async #writeStatus(standing: Standing, settled: readonly Offer[], nowMs: number): Promise<boolean> {
    const { framework } = standing;
    const status = frameworkStatusOf(standing, settled, nowMs);
    if (semanticEqual(status, framework.status)) return true;
    const next: Framework = { ...framework, status };
    return this.#try(() => this.#parts.client.update(frameworks, next, { subresource: "status" }));
  }

  async #remove(over: readonly Offer[]): Promise<void> {
    await eachOf(over, async (offer) => {
      const { uid, name } = offer.metadata;
      await this.#try(() => this.#parts.client.delete(offers, { name }, { preconditions: { uid } }));
      this.#parts.ownWrites.removed(offer);
      this.#parts.metrics.ended(offer);
    });
  }

  async #make({ framework, node, resources, expiresAtMs }: NewOffer): Promise<void> {
    const { metadata, spec } = framework;
    const owner = {
      apiVersion: apiVersionOf(frameworks),
      kind: frameworks.kind,
      name: metadata.name,
      uid: metadata.uid,
    };
    const offer: NewObject<Offer> = {
      metadata: { generateName: `${metadata.name}-`, ownerReferences: [owner] },
      spec: {
        framework: metadata.name,
        role: spec.role,
        node: node.name,
        nodeLabels: node.labels,
        resources: renderAmounts(resources),
        expiresAt: formatMicroTime(expiresAtMs),
      },
    };
    await this.#try(async () => this.#parts.ownWrites.written(await this.#parts.client.create(offers, offer)));
  }

  /** False: somebody else was faster, or it is gone; the cache will say so. */
  async #try(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }
}

async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += WRITES_AT_ONCE) {
    await Promise.all(items.slice(start, start + WRITES_AT_ONCE).map(act));
  }
}
