// Pods that the scheduler would not put where they are, were they new: nodes have been labelled or tainted, other pods have come
// or gone. The scheduler's own rules are asked, with the pod taken out of the picture.

import type { Random } from "../../lib/random.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { interPodAffinity } from "../plugins/inter-pod-affinity.ts";
import { nodeAffinity } from "../plugins/node-affinity.ts";
import { podTopologySpread } from "../plugins/pod-topology-spread.ts";
import { taintToleration } from "../plugins/taint-toleration.ts";
import type { PodInfo } from "../pod-info.ts";
import { PodScheduler } from "../schedule.ts";
import type { Snapshot } from "../snapshot.ts";
import { moverOf, withoutNode } from "./movable.ts";
import { PODS_A_TURN, type Misplaced, type Strategy } from "./strategy.ts";

interface Rule {
  readonly strategy: string;
  readonly plugin: SchedulerPlugin;
  /** Why the pod leaves; undefined: what the rule says is no reason to. */
  explain(reasons: readonly string[], nodeName: string): string | undefined;
}

/** Set by the cluster itself, and looked after by others: a cordoned node keeps its pods, and a lost one is given up in time. */
const OWN_TAINT = /\{node\.(kubernetes\.io|cloudprovider\.kubernetes\.io)\//;
const NO_PODS_NEAR = "node(s) didn't match pod affinity rules";
const NO_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)";

const rules: readonly Rule[] = [
  {
    strategy: "RemovePodsViolatingNodeTaints",
    plugin: taintToleration,
    explain: ([reason = ""], nodeName) =>
      OWN_TAINT.test(reason) ? undefined : `it does not tolerate a taint that node ${nodeName} has got`,
  },
  {
    strategy: "RemovePodsViolatingNodeAffinity",
    plugin: nodeAffinity,
    explain: (_, nodeName) => `node ${nodeName} no longer has the labels that it asks for`,
  },
  {
    strategy: "RemovePodsViolatingInterPodAntiAffinity",
    plugin: interPodAffinity,
    explain: (reasons, nodeName) =>
      reasons.includes(NO_PODS_NEAR) ? undefined : `another pod near node ${nodeName} must not be near it`,
  },
  {
    strategy: "RemovePodsViolatingTopologySpreadConstraint",
    plugin: podTopologySpread,
    explain: (reasons, nodeName) =>
      reasons.includes(NO_LABEL)
        ? undefined
        : `pods are spread more unevenly than it allows, and node ${nodeName} is where too many are`,
  },
];

/** Nothing is chosen here. */
const noChoice: Random = { float: () => 0, bytes: (count) => new Uint8Array(count) };

/** The rules are asked in the order in which the scheduler asks them. */
export function createViolations(): Strategy {
  let known: { readonly snapshot: Snapshot; readonly judge: PodScheduler } | undefined;
  return {
    name: "RemoveViolations",
    find(snapshot) {
      if (known?.snapshot !== snapshot) {
        const plugins = rules.map(({ plugin }) => plugin);
        known = { snapshot, judge: new PodScheduler(snapshot, plugins, noChoice) };
      }
      return find(snapshot, known.judge);
    },
  };
}

function* find(snapshot: Snapshot, judge: PodScheduler): Iterable<Misplaced | undefined> {
  let seen = 0;
  for (const { name } of [...snapshot.nodes]) {
    // The least important first: where two pods cannot stand each other, one of them may stay.
    const pods = [...snapshot.podsOn(name)].sort((a, b) => a.priority - b.priority || b.startedMs - a.startedMs);
    for (const pod of pods) {
      if (++seen % PODS_A_TURN === 0) yield undefined;
      const owner = moverOf(pod.pod);
      const found = owner === undefined ? undefined : violation({ pod, nodeName: name, snapshot, judge });
      if (owner !== undefined && found) yield { pod, nodeName: name, owner, ...found };
    }
  }
}

interface Question {
  readonly pod: PodInfo;
  readonly nodeName: string;
  readonly snapshot: Snapshot;
  readonly judge: PodScheduler;
}

function violation({ pod, nodeName, snapshot, judge }: Question): Pick<Misplaced, "strategy" | "reason"> | undefined {
  const node = snapshot.node(nodeName);
  if (!node) return undefined;
  const free = withoutNode(pod);
  // Where no rule looks at other pods it makes no difference whether the pod itself is there.
  const isAlone = !judge.classOf(free).looksAround;
  if (!isAlone) snapshot.removePod(pod.uid);
  const podClass = judge.classOf(free);
  const rejection = podClass.refusal ? undefined : podClass.rejectionOn(node);
  if (!isAlone) snapshot.addPod(pod, nodeName);
  const rule = rules.find(({ plugin }) => plugin === rejection?.plugin);
  const reason = rule?.explain(rejection?.reasons ?? [], nodeName);
  return rule && reason !== undefined ? { strategy: rule.strategy, reason } : undefined;
}
