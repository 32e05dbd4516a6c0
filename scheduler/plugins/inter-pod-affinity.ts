// Pods go where the pods are that they need, and not where pods are that they, or that shun them, cannot stand; nodes near pods
// that they like are better. "Near" is the same value of a node label.

import { defaultPluginArgs, type InterPodAffinityArgs } from "../configuration/plugin-args.ts";
import { termMatches, type AffinityTerm } from "../affinity-terms.ts";
import { SCORE_MAX, unresolvable, type Rejection, type SchedulerPlugin, type TopologyAnswers } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { hasLabel, sumAt, TopologyTally, type Weight } from "../topology-tally.ts";

const NO_AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const OWN_ANTI_AFFINITY = ["node(s) didn't match pod anti-affinity rules"];
const OTHERS_ANTI_AFFINITY = ["node(s) didn't satisfy existing pods anti-affinity rules"];

export function buildInterPodAffinity(args: InterPodAffinityArgs): SchedulerPlugin {
  return {
    name: "InterPodAffinity",
    weight: 2,
    unblockedBy: ["NodeAdded", "NodeLabels", "PodAdded", "PodRemoved", "NamespaceLabels"],
    prepare(pod, snapshot) {
      const tallies = talliesFor(pod, snapshot, args);
      let known: TopologyAnswers | undefined;
      return {
        topology: {
          answers() {
            let changed = false;
            for (const tally of tallies.all) if (tally.refresh()) changed = true;
            if (!known || changed) known = answersFrom(pod, snapshot, tallies);
            return known;
          },
        },
      };
    },
  };
}

/** As it works where nothing is set. */
export const interPodAffinity = buildInterPodAffinity(defaultPluginArgs.InterPodAffinity);

interface Tallies {
  /** Pods that all required affinity terms are about, by the label of each term. */
  readonly needed: TopologyTally | undefined;
  /** Pods that a required anti-affinity term is about. */
  readonly shunned: TopologyTally | undefined;
  /** Required anti-affinity terms of pods that are there which are about the new pod. */
  readonly shunning: TopologyTally;
  /** The weights of preferences, in both directions. */
  readonly liked: TopologyTally | undefined;
  readonly all: readonly TopologyTally[];
}

function talliesFor(pod: PodInfo, snapshot: Snapshot, args: InterPodAffinityArgs): Tallies {
  const { required, requiredAnti, preferred } = pod.affinity;
  const { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } = args;
  const about = (other: PodInfo) => (term: AffinityTerm) => termMatches(term, other, snapshot);
  const one = ({ topologyKey }: AffinityTerm): Weight => ({ topologyKey, weight: 1 });
  const needed =
    required.length > 0
      ? new TopologyTally(snapshot, {
          weigh: (other) => (required.every(about(other)) ? required.map(one) : []),
          topologyKeys: required.map(({ topologyKey }) => topologyKey),
        })
      : undefined;
  const shunned =
    requiredAnti.length > 0
      ? new TopologyTally(snapshot, { weigh: (other) => requiredAnti.filter(about(other)).map(one) })
      : undefined;
  const shunning = new TopologyTally(snapshot, {
    weigh: ({ affinity }) => affinity.requiredAnti.filter(about(pod)).map(one),
  });
  // What a required affinity of a pod that is there counts as a preference of its for the new pod.
  const hard = ({ topologyKey }: AffinityTerm): Weight => ({ topologyKey, weight: hardPodAffinityWeight });
  const isLiking = preferred.length > 0 || !ignorePreferredTermsOfExistingPods;
  const liked = isLiking
    ? new TopologyTally(snapshot, {
        weigh: (other) => [
          ...preferred.filter(about(other)),
          ...other.affinity.preferred.filter(about(pod)),
          ...(hardPodAffinityWeight > 0 ? other.affinity.required.filter(about(pod)).map(hard) : []),
        ],
      })
    : undefined;
  const all = [needed, shunned, shunning, liked].filter((tally) => tally !== undefined);
  return { needed, shunned, shunning, liked, all };
}

function answersFrom(pod: PodInfo, snapshot: Snapshot, tallies: Tallies): TopologyAnswers {
  const { needed, shunned, shunning, liked } = tallies;
  const isNear = needed && nearRule(pod, snapshot, needed);
  const filter = (node: NodeInfo): Rejection | undefined => {
    if (isNear && !isNear(node.row)) return NO_AFFINITY;
    if (shunned && shunned.at(node.row) > 0) return OWN_ANTI_AFFINITY;
    return shunning.at(node.row) > 0 ? OTHERS_ANTI_AFFINITY : undefined;
  };
  const isFiltering = isNear ?? ((shunned?.total ?? 0) > 0 || shunning.total > 0);
  return {
    sums: tallies.all.flatMap(({ sums }) => sums),
    ...(isFiltering && { filter }),
    ...(liked && !liked.isEmpty && { score: (rows, scores) => scorePreferences(liked, rows, scores) }),
  };
}

/**
 * The node must have the label of each term, and a pod that all terms are about in each of those domains. The first pod of a
 * group whose members need each other may start it anywhere: where no such pod is, one that all its own terms are about may go.
 */
function nearRule(pod: PodInfo, snapshot: Snapshot, needed: TopologyTally): (row: number) => boolean {
  const { required } = pod.affinity;
  const domains = required.map(({ topologyKey }) => needed.of(topologyKey));
  const isFirst = needed.total === 0 && required.every((term) => termMatches(term, pod, snapshot));
  return (row) => domains.every((each) => hasLabel(each, row) && (isFirst || sumAt(each, row) > 0));
}

/** The lowest sum becomes 0 and the highest 100; all are 0 where they are equal. */
function scorePreferences(liked: TopologyTally, rows: Int32Array, scores: Float64Array): void {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let index = 0; index < rows.length; index++) {
    const sum = liked.at(rows[index] ?? 0);
    scores[index] = sum;
    lowest = Math.min(lowest, sum);
    highest = Math.max(highest, sum);
  }
  const range = highest - lowest;
  for (let index = 0; index < rows.length; index++) {
    scores[index] = range > 0 ? Math.trunc(SCORE_MAX * (((scores[index] ?? 0) - lowest) / range)) : 0;
  }
}
