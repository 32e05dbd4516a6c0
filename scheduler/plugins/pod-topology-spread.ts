// Spreads pods over the domains of the cluster: required constraints hold a pod back where it would make the spread more
// uneven than they allow, preferred ones make nodes with fewer such pods near them better.

import { defaultPluginArgs, type PodTopologySpreadArgs } from "../configuration/plugin-args.ts";
import {
  SCORE_MAX,
  unresolvable,
  type NodeJudge,
  type Rejection,
  type SchedulerPlugin,
  type TopologyAnswers,
} from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Snapshot } from "../snapshot.ts";
import {
  HOSTNAME_LABEL,
  spreadConstraintsOf,
  type SpreadConstraint,
  type SpreadConstraints,
} from "../spread-constraints.ts";
import { hasLabel, sumAt, TopologyTally, type DomainSums } from "../topology-tally.ts";

const UNEVEN = ["node(s) didn't match pod topology spread constraints"];
const NO_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

export function buildPodTopologySpread(args: PodTopologySpreadArgs): SchedulerPlugin {
  return {
    name: "PodTopologySpread",
    weight: 2,
    unblockedBy: ["NodeAdded", "NodeRemoved", "NodeLabels", "NodeTaints", "PodAdded", "PodRemoved"],
    prepare: (pod, snapshot) => judgeOf(spreadConstraintsOf(pod, args), snapshot),
  };
}

/** As it works where nothing is set. */
export const podTopologySpread = buildPodTopologySpread(defaultPluginArgs.PodTopologySpread);

function judgeOf(constraints: SpreadConstraints, snapshot: Snapshot): NodeJudge | undefined {
  const required = talliesOf(constraints.required, snapshot, "labels needed");
  const preferred = talliesOf(
    constraints.preferred,
    snapshot,
    constraints.preferredNeedLabels ? "labels needed" : "labels optional",
  );
  const all = [...required, ...preferred];
  if (all.length === 0) return undefined;
  let known: TopologyAnswers | undefined;
  return {
    topology: {
      answers() {
        let changed = false;
        for (const { tally } of all) if (tally.refresh()) changed = true;
        if (!known || changed) known = answersFrom(required, preferred, constraints);
        return known;
      },
    },
  };
}

interface Tallied {
  readonly constraint: SpreadConstraint;
  readonly tally: TopologyTally;
}

/** One tally for each constraint. Where labels are needed, nodes that lack the label of any of the constraints do not count. */
function talliesOf(
  constraints: readonly SpreadConstraint[],
  snapshot: Snapshot,
  labels: "labels needed" | "labels optional",
): readonly Tallied[] {
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  const hasAll = ({ node }: NodeInfo) => keys.every((key) => node.metadata.labels?.[key] !== undefined);
  return constraints.map((constraint) => {
    const { topologyKey } = constraint;
    const tally = new TopologyTally(snapshot, {
      weigh: (other) => (constraint.counts(other) ? [{ topologyKey, weight: 1 }] : []),
      includes: (node) => (labels === "labels optional" || hasAll(node)) && constraint.includes(node),
      topologyKeys: [topologyKey],
    });
    return { constraint, tally };
  });
}

function answersFrom(
  required: readonly Tallied[],
  preferred: readonly Tallied[],
  { preferredNeedLabels }: SpreadConstraints,
): TopologyAnswers {
  const limits = required.map(limitOf);
  const filter = ({ row }: NodeInfo): Rejection | undefined => {
    for (const { sums, countMax } of limits) {
      if (!hasLabel(sums, row)) return NO_LABEL;
      if (sumAt(sums, row) > countMax) return UNEVEN;
    }
    return undefined;
  };
  const terms = preferred.map(({ constraint, tally }) => ({ constraint, sums: tally.of(constraint.topologyKey) }));
  return {
    sums: [...required, ...preferred].flatMap(({ tally }) => tally.sums),
    ...(limits.length > 0 && { filter }),
    ...(terms.length > 0 && {
      score: (rows, scores, counts) =>
        scoreEvenness({ terms, needLabels: preferredNeedLabels }, { rows, counts }, scores),
    }),
  };
}

/** How many pods a domain may hold already if it is to take the new one. */
function limitOf({ constraint, tally }: Tallied): { readonly sums: DomainSums; readonly countMax: number } {
  const { topologyKey, maxSkew, minDomains, countsItself } = constraint;
  const sums = tally.of(topologyKey);
  let domains = 0;
  let lowest = Infinity;
  sums.included.forEach((included, domain) => {
    if (!included) return;
    domains++;
    lowest = Math.min(lowest, sums.sums[domain] ?? 0);
  });
  const least = domains < Math.max(minDomains, 1) ? 0 : lowest;
  return { sums, countMax: maxSkew + least - (countsItself ? 1 : 0) };
}

interface ScoreTerm {
  readonly constraint: SpreadConstraint;
  readonly sums: DomainSums;
}

interface ScoreTerms {
  readonly terms: readonly ScoreTerm[];
  readonly needLabels: boolean;
}

/** Rows, and how many equal ones each of them stands for. */
interface CountedRows {
  readonly rows: Int32Array;
  readonly counts: Int32Array;
}

const NOT_SCORED = -1;

function scoreEvenness(terms: ScoreTerms, counted: CountedRows, scores: Float64Array): void {
  const scored = chooseScored(terms, counted, scores);
  for (const term of terms.terms) {
    const isHostname = term.constraint.topologyKey === HOSTNAME_LABEL;
    const domains = isHostname ? scored : countDomains(term.sums, counted, scores);
    // The more domains there are, the more a pod in one of them counts, as in Kubernetes.
    addTerm({ ...term, weight: Math.log(domains + 2) }, counted.rows, scores);
  }
  invert(scores, counted.rows.length);
}

/** Sets the scores to 0 or NOT_SCORED; returns how many equal rows there are of those that are scored. */
function chooseScored({ terms, needLabels }: ScoreTerms, { rows, counts }: CountedRows, scores: Float64Array): number {
  let scored = 0;
  scores.fill(0, 0, rows.length);
  for (let index = 0; index < rows.length; index++) {
    const isScored = !needLabels || hasAllLabels(terms, rows[index] ?? 0);
    if (isScored) scored += counts[index] ?? 1;
    else scores[index] = NOT_SCORED;
  }
  return scored;
}

type WeightedTerm = ScoreTerm & { readonly weight: number };

function addTerm({ constraint, sums: all, weight }: WeightedTerm, rows: Int32Array, scores: Float64Array): void {
  const { sums } = all;
  const { ofRow } = all.domains;
  const { maxSkew } = constraint;
  for (let index = 0; index < rows.length; index++) {
    const domain = ofRow[rows[index] ?? 0] ?? -1;
    const score = scores[index] ?? 0;
    if (score !== NOT_SCORED && domain >= 0) scores[index] = score + (sums[domain] ?? 0) * weight + maxSkew - 1;
  }
}

function hasAllLabels(terms: readonly ScoreTerm[], row: number): boolean {
  for (const { sums } of terms) if (!hasLabel(sums, row)) return false;
  return true;
}

/** The domains of the rows that are scored; all rows without the label are one more. */
function countDomains({ domains }: DomainSums, { rows, counts }: CountedRows, scores: Float64Array): number {
  const seen = new Uint8Array(domains.count + 1);
  let count = 0;
  for (let index = 0; index < rows.length; index++) {
    if (scores[index] === NOT_SCORED) continue;
    const domain = (domains.ofRow[rows[index] ?? 0] ?? -1) + 1;
    if (seen[domain]) continue;
    seen[domain] = 1;
    // Rows that are alone in their domains stand for others with domains of their own.
    count += domains.areSingle && domain > 0 ? (counts[index] ?? 1) : 1;
  }
  return count;
}

/** Turns amounts, of which less is better, into 0 to 100, as Kubernetes does; rows that are not scored get 0. */
function invert(scores: Float64Array, length: number): void {
  let lowest = Infinity;
  let highest = 0;
  for (let index = 0; index < length; index++) {
    const amount = scores[index] ?? 0;
    if (amount === NOT_SCORED) continue;
    const rounded = Math.round(amount);
    scores[index] = rounded;
    if (rounded < lowest) lowest = rounded;
    if (rounded > highest) highest = rounded;
  }
  for (let index = 0; index < length; index++) {
    const amount = scores[index] ?? 0;
    if (amount === NOT_SCORED) scores[index] = 0;
    else scores[index] = highest === 0 ? SCORE_MAX : Math.trunc((SCORE_MAX * (highest + lowest - amount)) / highest);
  }
}
