// Which offers to make and to end. One call sees everything and decides everything: offers that have expired or hold what is
// not there any more are ended, those that are over are removed, and what is free goes node by node to whoever has the smallest
// share (see FairShares). Pure; running it again on its own outcome changes nothing.

import { resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Framework } from "../../api/kctl-scheduling/framework.ts";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { sumOf } from "../queues/amounts.ts";
import { judgeConnection, timeOf, type Connection } from "./connection.ts";
import { FairShares } from "./fair-shares.ts";
import {
  capped,
  covers,
  freeFor,
  minus,
  Sums,
  type OfferState,
  type SharedNode,
  type SharingFramework,
} from "./offer-state.ts";

export interface OfferPlan {
  readonly make: readonly NewOffer[];
  readonly end: readonly EndedOffer[];
  /** Closed, and the time is over for which the node was not wanted. */
  readonly remove: readonly Offer[];
  /** What each framework holds after this. */
  readonly standings: readonly Standing[];
  /** When something is due although nothing changes; undefined: never. */
  readonly nextMs: number | undefined;
}

export interface NewOffer {
  readonly framework: Framework;
  readonly node: SharedNode;
  readonly resources: ResourceAmounts;
  readonly expiresAtMs: number;
}

export interface EndedOffer {
  readonly offer: Offer;
  readonly phase: "Expired" | "Rescinded";
  readonly message: string;
}

export interface Standing {
  readonly framework: Framework;
  readonly connection: Connection;
  readonly allocated: ResourceAmounts;
  readonly offered: ResourceAmounts;
  readonly outstanding: number;
  readonly dominantShare: number;
}

/** Offers that one framework may have without answering any. */
export const OUTSTANDING_MAX = 100;
/** Offers made at once; more come with the next plan. */
const MADE_MAX = 200;
/** An offer of less is of no use to anybody. */
const LEAST: ResourceAmounts = { cpu: 10, memory: 32 * 1024 * 1024 };
const OFFER_TIMEOUT_SECONDS = 30;

export function planOffers(state: OfferState): OfferPlan {
  const { live, end, remove } = sortOffers(state);
  const expired = new Set(end.filter(({ phase }) => phase === "Expired").map(({ offer }) => offer.spec.framework));
  const byFramework = groupBy(state.offers, ({ spec }) => spec.framework);
  const sharing = state.frameworks.map((each) => {
    const { name } = each.framework.metadata;
    const seen = { nowMs: state.nowMs, offers: byFramework.get(name) ?? [], hasExpired: expired.has(name) };
    return { ...each, connection: judgeConnection(each.framework, seen) };
  });
  const gone = new Set(
    sharing
      .filter(({ connection }) => connection.silentSinceMs !== undefined)
      .map(({ framework }) => framework.metadata.name),
  );
  const kept = live.filter(({ spec }) => !gone.has(spec.framework));
  const abandoned = live
    .filter(({ spec }) => gone.has(spec.framework))
    .map((offer): EndedOffer => ({ offer, phase: "Rescinded", message: "the framework has not been heard of" }));
  const maker = new OfferMaker(state, sharing, kept);
  const make = maker.make(filtersOf(state));
  return {
    make,
    end: [...end, ...abandoned],
    remove,
    standings: maker.standings(),
    nextMs: nextTime(state, sharing, make),
  };
}

type Connected = SharingFramework & { readonly connection: Connection };

/** What becomes of the offers that there are, as far as each framework's connection does not matter. */
function sortOffers(state: OfferState): Pick<OfferPlan, "end" | "remove"> & { readonly live: readonly Offer[] } {
  const nodes = new Map(state.nodes.map((node) => [node.name, node]));
  const frameworks = new Map(state.frameworks.map(({ framework }) => [framework.metadata.name, framework]));
  const taken = new Sums();
  const live: Offer[] = [];
  const end: EndedOffer[] = [];
  const remove: Offer[] = [];
  for (const offer of inOrder(state.offers)) {
    const framework = frameworks.get(offer.spec.framework);
    if (!framework || isOver(offer, framework, state.nowMs)) {
      remove.push(offer);
      continue;
    }
    if (offer.status.phase !== "Outstanding") continue;
    const node = nodes.get(offer.spec.node);
    const ended = endOf(offer, { framework, node, taken, nowMs: state.nowMs });
    if (ended) {
      end.push(ended);
      continue;
    }
    taken.add(offer.spec.node, resourceAmounts(offer.spec.resources));
    live.push(offer);
  }
  return { live, end, remove };
}

/** Closed, and no filter of it holds any more: its time is over, or the framework was revived since. */
function isOver({ status }: Offer, framework: Framework, nowMs: number): boolean {
  if (status.phase === "Outstanding") return false;
  const until = timeOf(status.filteredUntil);
  return until === undefined || until <= nowMs || isRevived(framework, status.answeredTime);
}

const isRevived = ({ status }: Framework, since: string | undefined) =>
  (timeOf(status.revivedTime) ?? -Infinity) >= (timeOf(since) ?? Infinity);

interface Surroundings {
  readonly framework: Framework;
  readonly node: SharedNode | undefined;
  /** What older offers hold of each node. */
  readonly taken: Sums;
  readonly nowMs: number;
}

function endOf(offer: Offer, { framework, node, taken, nowMs }: Surroundings): EndedOffer | undefined {
  const { spec } = offer;
  const rescind = (message: string): EndedOffer => ({ offer, phase: "Rescinded", message });
  if ((timeOf(spec.expiresAt) ?? 0) <= nowMs) {
    return { offer, phase: "Expired", message: "the framework has not answered in time" };
  }
  if (framework.metadata.deletionTimestamp) return rescind("the framework is being deleted");
  if (spec.role !== framework.spec.role) return rescind(`the framework has another role now: ${framework.spec.role}`);
  if (!node) return rescind(`the node ${spec.node} is gone`);
  if (!node.isOpen) return rescind(`the node ${spec.node} takes no pods now`);
  const free = freeFor(node, spec.role, taken.get(spec.node));
  if (covers(free, resourceAmounts(spec.resources))) return undefined;
  return rescind("another scheduler has used a part of it");
}

/** The nodes that each framework does not want for now: `framework/node`. */
function filtersOf({ offers, frameworks, nowMs }: OfferState): ReadonlySet<string> {
  const known = new Map(frameworks.map(({ framework }) => [framework.metadata.name, framework]));
  const closed = offers.filter(({ spec, status }) => {
    const framework = known.get(spec.framework);
    return status.phase !== "Outstanding" && framework && !isRevived(framework, status.answeredTime);
  });
  const filtering = closed.filter(({ status }) => (timeOf(status.filteredUntil) ?? 0) > nowMs);
  return new Set(filtering.map(({ spec }) => `${spec.framework}/${spec.node}`));
}

/** A framework that may get offers, with what its spec says in numbers. */
interface Candidate extends Connected {
  readonly name: string;
  readonly least: ResourceAmounts;
  readonly limit: ResourceAmounts | undefined;
  readonly timeoutMs: number;
}

function candidateOf(connected: Connected): Candidate {
  const { spec, metadata } = connected.framework;
  return {
    ...connected,
    name: metadata.name,
    least: { pods: 1, ...(spec.minimum ? resourceAmounts(spec.minimum) : LEAST) },
    limit: spec.limit && resourceAmounts(spec.limit),
    timeoutMs: (spec.offerTimeoutSeconds ?? OFFER_TIMEOUT_SECONDS) * 1000,
  };
}

/** Makes offers one after the other, each on what those before have left. */
class OfferMaker {
  readonly #state: OfferState;
  readonly #sharing: readonly Connected[];
  readonly #shares: FairShares;
  readonly #byNode = new Sums();
  readonly #byFramework = new Sums();
  readonly #outstanding = new Map<string, number>();

  constructor(state: OfferState, sharing: readonly Connected[], kept: readonly Offer[]) {
    this.#state = state;
    this.#sharing = sharing;
    this.#shares = new FairShares({
      total: sumOf(state.nodes.filter(({ isOpen }) => isOpen).map(({ allocatable }) => allocatable)),
      weights: state.weights,
      sharers: sharing.map(({ framework: { metadata, spec }, allocated }) => ({
        name: metadata.name,
        role: spec.role,
        holds: allocated,
      })),
    });
    for (const { spec } of kept) this.#count(spec.framework, spec.node, resourceAmounts(spec.resources));
  }

  make(filters: ReadonlySet<string>): readonly NewOffer[] {
    const candidates = this.#sharing.filter((each) => this.#isEligible(each)).map((each) => candidateOf(each));
    const nodes = this.#state.nodes.filter(({ isOpen }) => isOpen).sort((a, b) => (a.name < b.name ? -1 : 1));
    const made: NewOffer[] = [];
    for (const node of nodes) {
      const taking = candidates.filter(({ name }) => (this.#outstanding.get(name) ?? 0) < OUTSTANDING_MAX);
      if (taking.length === 0) break;
      const wanting = taking.filter(({ name, pools }) => pools.has(node.pool) && !filters.has(`${name}/${node.name}`));
      made.push(...this.#offerNode(node, wanting));
      if (made.length >= MADE_MAX) break;
    }
    return made;
  }

  standings(): readonly Standing[] {
    return this.#sharing.map(({ framework, connection, allocated }) => {
      const { name } = framework.metadata;
      return {
        framework,
        connection,
        allocated,
        offered: this.#byFramework.get(name),
        outstanding: this.#outstanding.get(name) ?? 0,
        dominantShare: this.#shares.shareOf(name),
      };
    });
  }

  #isEligible({ framework: { spec, metadata }, connection }: Connected): boolean {
    const { resumeMs = 0, silentSinceMs } = connection;
    return (
      !spec.suppressed && !metadata.deletionTimestamp && silentSinceMs === undefined && resumeMs <= this.#state.nowMs
    );
  }

  /** All that is free goes to one framework, but for what is above its limit. */
  #offerNode(node: SharedNode, wanting: readonly Candidate[]): readonly NewOffer[] {
    const made: NewOffer[] = [];
    for (;;) {
      const freeForRole = this.#freeOn(node);
      const possible = new Map<string, NewOffer>();
      for (const each of wanting) {
        const resources = this.#amountsFor(each, freeForRole(each.framework.spec.role));
        const expiresAtMs = this.#state.nowMs + each.timeoutMs;
        if (resources) possible.set(each.name, { framework: each.framework, node, resources, expiresAtMs });
      }
      const offer = possible.get(this.#shares.next(possible.keys()) ?? "");
      if (!offer) return made;
      made.push(offer);
      this.#count(offer.framework.metadata.name, node.name, offer.resources);
    }
  }

  /** Where nothing is reserved it is the same for all roles, and worked out once. */
  #freeOn(node: SharedNode): (role: string) => ResourceAmounts {
    const taken = this.#byNode.get(node.name);
    if (node.reservations.length > 0) return (role) => freeFor(node, role, taken);
    const free = freeFor(node, "", taken);
    return () => free;
  }

  /** Undefined where it would be too little, or the framework has enough unanswered offers. */
  #amountsFor({ name, allocated, least, limit }: Candidate, free: ResourceAmounts): ResourceAmounts | undefined {
    if ((this.#outstanding.get(name) ?? 0) >= OUTSTANDING_MAX || !covers(free, least)) return undefined;
    if (!limit) return free;
    const resources = capped(free, minus(limit, sumOf([allocated, this.#byFramework.get(name)])));
    return covers(resources, least) ? resources : undefined;
  }

  #count(framework: string, node: string, resources: ResourceAmounts): void {
    this.#byNode.add(node, resources);
    this.#byFramework.add(framework, resources);
    this.#shares.add(framework, resources);
    this.#outstanding.set(framework, (this.#outstanding.get(framework) ?? 0) + 1);
  }
}

function nextTime(state: OfferState, sharing: readonly Connected[], make: readonly NewOffer[]): number | undefined {
  const times = [
    ...state.offers.map(({ spec, status }) =>
      timeOf(status.phase === "Outstanding" ? spec.expiresAt : status.filteredUntil),
    ),
    ...sharing.flatMap(({ connection }) => [connection.resumeMs, connection.goneAtMs]),
    ...make.map(({ expiresAtMs }) => expiresAtMs),
  ];
  if (make.length >= MADE_MAX) return state.nowMs + 1;
  const due = times.filter((each) => each !== undefined && each > state.nowMs) as number[];
  return due.length > 0 ? due.reduce((a, b) => Math.min(a, b)) : undefined;
}

/** Older offers first. */
const inOrder = (offers: readonly Offer[]): readonly Offer[] =>
  [...offers].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));

const orderOf = ({ metadata }: Offer) => `${metadata.creationTimestamp} ${metadata.name}`;

function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name) ?? [];
    group.push(item);
    groups.set(name, group);
  }
  return groups;
}
