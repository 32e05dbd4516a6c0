// The strategies, all over the same cell and the same trace. Adding one is a line here.

import type { PlacementRequest } from "../../api/placement/placement.ts";
import { seededRandom } from "../../lib/random.ts";
import type { CellOptions } from "./cell.ts";
import { JobScheduler, type DecisionTimes, type JobSchedulerOptions, type TimesOf } from "./job-scheduler.ts";
import { OfferExchange } from "./offer-exchange.ts";
import { Picture } from "./picture.ts";
import type { Playback, TakerOf } from "./playback.ts";
import { Shards } from "./shards.ts";
import type { JobKind, TraceShape } from "./trace.ts";

/** How long each kind of job is thought about. */
export type Times = Readonly<Record<JobKind, DecisionTimes>>;

export interface Strategy {
  readonly name: string;
  cellOptions?(shape: TraceShape): CellOptions;
  build(playback: Playback, times: Times): Promise<TakerOf> | TakerOf;
}

const FINE = { mode: "Incremental", conflicts: "ResourceFit" } as const;

/** One scheduler for all jobs. */
const monolithic = (name: string, timesFrom: (times: Times) => TimesOf): Strategy => ({
  name,
  async build(playback, times) {
    const scheduler = await schedulerOf(playback, { name: "monolithic", timesOf: timesFrom(times), ...FINE });
    return () => scheduler;
  },
});

type Rules = Pick<JobSchedulerOptions, "name" | "timesOf" | "mode" | "conflicts">;

async function schedulerOf(playback: Playback, rules: Rules): Promise<JobScheduler> {
  const { nodes, namespaces } = playback.cell;
  const random = seededRandom(seedOf(rules.name));
  const picture = new Picture({ nodes, namespaces: await namespaces, random });
  return new JobScheduler({ ...rules, playback, picture });
}

/** Schedulers that chose alike among equals would meet more conflicts than they need to. */
const seedOf = (name: string) => [...name].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 7);

/** A scheduler for each kind of job. */
async function schedulersOf(
  playback: Playback,
  times: Times,
  modes: Required<Pick<PlacementRequest, "mode" | "conflicts">>,
) {
  const timesOf: TimesOf = (kind) => times[kind];
  const batch = await schedulerOf(playback, { name: "batch", timesOf, ...modes });
  const service = await schedulerOf(playback, { name: "service", timesOf, ...modes });
  return (kind: JobKind) => (kind === "batch" ? batch : service);
}

const shared = (
  name: string,
  mode: PlacementRequest["mode"],
  conflicts: "ResourceFit" | "NodeGeneration",
): Strategy => ({
  name,
  build: (playback, times) => schedulersOf(playback, times, { mode, conflicts }),
});

/** As in Omega's comparison: its single path takes the time of the slowest kind for all jobs. */
export const singlePath = monolithic("monolithic, single-path", (times) => () => times.service);
export const multiPath = monolithic("monolithic, multi-path", (times) => (kind) => times[kind]);
export const offers: Strategy = {
  name: "two-level offers",
  build(playback, times) {
    const exchange = new OfferExchange({ playback, timesOf: (kind) => times[kind], random: seededRandom(1) });
    return (kind) => exchange.takerOf(kind);
  },
};
export const sharedState = shared("shared state, fine, incremental", "Incremental", "ResourceFit");
const SHARDS = 3;
const sharded: Strategy = {
  name: `shared state, fine, ${SHARDS} batch shards`,
  async build(playback, times) {
    const timesOf: TimesOf = (kind) => times[kind];
    const names = Array.from({ length: SHARDS }, (_, index) => `batch-${index + 1}`);
    const batch = new Shards(await Promise.all(names.map((name) => schedulerOf(playback, { name, timesOf, ...FINE }))));
    const service = await schedulerOf(playback, { name: "service", timesOf, ...FINE });
    return (kind) => (kind === "batch" ? batch : service);
  },
};
/** Two thirds for what takes most: services. */
export const partition: Strategy = {
  name: "static partition",
  cellOptions: ({ nodes }) => ({ batchNodes: Math.round(nodes / 3) }),
  build: (playback, times) => schedulersOf(playback, times, FINE),
};

export const strategies: readonly Strategy[] = [
  singlePath,
  multiPath,
  partition,
  offers,
  sharedState,
  sharded,
  shared("shared state, fine, all-or-nothing", "AllOrNothing", "ResourceFit"),
  shared("shared state, coarse, incremental", "Incremental", "NodeGeneration"),
  shared("shared state, coarse, all-or-nothing", "AllOrNothing", "NodeGeneration"),
];
