// Two-level scheduling in simulated time: what is free is offered to one framework at a time, by the production allocator's plan, and
// is held by it while it thinks. What it does not use goes back; what was too little it does not want again for a while.

import type { Node } from "../../api/core/node.ts";
import { resourceAmounts } from "../../api/core/pod-resources.ts";
import { frameworks } from "../../api/kctl-scheduling/framework.ts";
import { offers as offerKind, type Offer } from "../../api/kctl-scheduling/offer.ts";
import { formatMicroTime } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { OfferState, SharedNode, SharingFramework } from "../../scheduler/offers/offer-state.ts";
import { planOffers, type NewOffer } from "../../scheduler/offers/plan-offers.ts";
import { addTo, renderAmounts, type Amounts } from "../../scheduler/queues/amounts.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { decisionMs, type TimesOf } from "./job-scheduler.ts";
import { Picture } from "./picture.ts";
import type { JobTaker, Playback, Work } from "./playback.ts";
import type { JobKind } from "./trace.ts";

export interface OfferExchangeOptions {
  readonly playback: Playback;
  readonly timesOf: TimesOf;
  readonly random: Random;
}

const START_MS = Date.UTC(2026, 0, 1);
/** As in Mesos. */
const REFUSE_MS = 5000;
/** Longer than any trace: whoever holds an offer may think as long as it likes. */
const TIMEOUT_SECONDS = 1_000_000;

export class OfferExchange {
  readonly #options: OfferExchangeOptions;
  readonly #nodes: ReadonlyMap<string, Node>;
  readonly #frameworks: Readonly<Record<JobKind, BenchFramework>>;
  #offers: readonly Offer[] = [];
  #made = 0;
  #dueMs = Infinity;

  constructor(options: OfferExchangeOptions) {
    this.#options = options;
    const { nodes } = options.playback.cell;
    this.#nodes = new Map(nodes.map((node) => [node.metadata.name, node]));
    this.#frameworks = { batch: new BenchFramework("batch", this), service: new BenchFramework("service", this) };
  }

  get options(): OfferExchangeOptions {
    return this.#options;
  }

  takerOf(kind: JobKind): JobTaker {
    return this.#frameworks[kind];
  }

  /** To be called when there may be something to offer, or somebody who wants it. */
  allocateSoon(delayMs = 0): void {
    const { line } = this.#options.playback;
    const atMs = line.nowMs + delayMs;
    if (atMs >= this.#dueMs) return;
    this.#dueMs = atMs;
    line.in(delayMs, () => {
      if (this.#dueMs <= line.nowMs) this.#dueMs = Infinity;
      this.#allocate();
    });
  }

  offersOf(framework: string): readonly Offer[] {
    return this.#offers.filter(({ spec, status }) => spec.framework === framework && status.phase === "Outstanding");
  }

  /** The nodes of the offers, with no more than what is offered. */
  nodesOf(offers: readonly Offer[]): readonly Node[] {
    const amounts = new Map<string, Amounts>();
    for (const { spec } of offers) {
      const sum = amounts.get(spec.node) ?? {};
      addTo(sum, resourceAmounts(spec.resources), 1);
      amounts.set(spec.node, sum);
    }
    return [...amounts].flatMap(([name, sum]) => {
      const node = this.#nodes.get(name);
      return node ? [{ ...node, status: { ...node.status, allocatable: renderAmounts(sum) } }] : [];
    });
  }

  /** Gives the offers back. `isRefused`: they were not enough, and are not wanted again at once. */
  answer(offers: readonly Offer[], { isRefused }: { readonly isRefused: boolean }): void {
    const answered = new Set(offers);
    const nowMs = this.nowMs;
    this.#offers = this.#offers.flatMap((offer): readonly Offer[] => {
      if (!answered.has(offer)) return [offer];
      if (!isRefused) return [];
      const times = { answeredTime: formatMicroTime(nowMs), filteredUntil: formatMicroTime(nowMs + REFUSE_MS) };
      return [{ ...offer, status: { phase: "Declined", ...times } }];
    });
    this.allocateSoon();
  }

  get nowMs(): number {
    return START_MS + Math.ceil(this.#options.playback.line.nowMs);
  }

  #allocate(): void {
    const plan = planOffers(this.#state());
    const over = new Set([...plan.remove, ...plan.end.map(({ offer }) => offer)]);
    this.#offers = [...this.#offers.filter((offer) => !over.has(offer)), ...plan.make.map((each) => this.#make(each))];
    for (const framework of Object.values(this.#frameworks)) framework.offered();
    if (plan.nextMs !== undefined) this.allocateSoon(plan.nextMs - this.nowMs + 1);
  }

  #make({ framework, node, resources, expiresAtMs }: NewOffer): Offer {
    const { name } = framework.metadata;
    return storedObject(offerKind, {
      metadata: { name: `${name}-${String(this.#made++).padStart(8, "0")}` },
      spec: {
        framework: name,
        role: name,
        node: node.name,
        resources: renderAmounts(resources),
        expiresAt: formatMicroTime(expiresAtMs),
      },
      status: { phase: "Outstanding" },
    });
  }

  #state(): OfferState {
    const { cell } = this.#options.playback;
    const nodes = cell.nodes.map(({ metadata: { name }, status }): SharedNode => ({
      name,
      labels: {},
      pool: undefined,
      isOpen: true,
      allocatable: resourceAmounts(status.allocatable ?? {}),
      requested: cell.requested.get(name) ?? {},
      requestsByRole: {},
      reservations: [],
    }));
    const sharing = Object.values(this.#frameworks).map((each) => each.sharing(cell.requestedBy[each.kind]));
    return { nowMs: this.nowMs, nodes, frameworks: sharing, offers: this.#offers, weights: new Map() };
  }
}

/** Thinks about one job at a time, on whatever it has been offered by then. */
class BenchFramework implements JobTaker {
  readonly kind: JobKind;
  readonly #exchange: OfferExchange;
  readonly #queue: Work[] = [];
  #isBusy = false;
  #revivedMs: number | undefined;

  constructor(kind: JobKind, exchange: OfferExchange) {
    this.kind = kind;
    this.#exchange = exchange;
  }

  /** What was too little for others may be enough for it. */
  submit(work: Work): void {
    this.#queue.push(work);
    this.#revivedMs = this.#exchange.nowMs;
    this.#exchange.allocateSoon();
  }

  freed(): void {
    this.#exchange.allocateSoon();
  }

  /** As the allocator sees it. It wants no offers while it has nothing to place. */
  sharing(allocated: Amounts): SharingFramework {
    const suppressed = this.#isBusy || this.#nextIndex() < 0;
    const spec = { role: this.kind, owner: "bench", namespaces: [this.kind], offerTimeoutSeconds: TIMEOUT_SECONDS };
    const status = this.#revivedMs === undefined ? {} : { revivedTime: formatMicroTime(this.#revivedMs) };
    const fields = { metadata: { name: this.kind }, spec: { ...spec, suppressed }, status };
    const framework = storedObject(frameworks, fields);
    return { framework, allocated, pools: new Set([undefined]) };
  }

  offered(): void {
    const held = this.#exchange.offersOf(this.kind);
    if (this.#isBusy || held.length === 0) return;
    const index = this.#nextIndex();
    const [work] = index < 0 ? [] : this.#queue.splice(index, 1);
    if (work) this.#think(work, held);
    else this.#exchange.answer(held, { isRefused: false });
  }

  /** Of the first job for which there may be room, by what has been freed since it was last looked at. */
  #nextIndex(): number {
    const { freed } = this.#exchange.options.playback;
    return this.#queue.findIndex(({ blockedAt }) => blockedAt !== freed);
  }

  #think(work: Work, held: readonly Offer[]): void {
    const { playback, timesOf, random } = this.#exchange.options;
    const { line, measures, freed } = playback;
    this.#isBusy = true;
    const picture = new Picture({ nodes: this.#exchange.nodesOf(held), random });
    const { choices } = picture.plan(work.waiting, { preempts: false });
    const thinksMs = decisionMs(timesOf(this.kind), work);
    measures.thought(this.kind, Math.min(thinksMs, line.leftMs));
    line.in(thinksMs, async () => {
      await playback.place(work, choices, { mode: "Incremental", conflicts: "ResourceFit", scheduler: this.kind });
      if (work.waiting.length > 0) this.#queue.push({ ...work, blockedAt: freed });
      this.#isBusy = false;
      this.#exchange.answer(held, { isRefused: work.waiting.length > 0 && this.#nextIndex() < 0 });
    });
  }
}
