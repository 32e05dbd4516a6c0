// What each technique of the scheduler is worth: the same pods, decided with all of them and with some of them made useless. The
// production code has no switches for this: a pod that claims to be like no other shares nothing, a node that is touched is
// looked at again, and a rule that says it reads all of a row keeps rows from being taken together.

import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { seededRandom, type Random } from "../../lib/random.ts";
import type { SchedulerPlugin, TopologyAnswers } from "../../scheduler/framework.ts";
import { schedulerPlugins } from "../../scheduler/plugins/index.ts";
import { PodInfo } from "../../scheduler/pod-info.ts";
import { PodScheduler } from "../../scheduler/schedule.ts";
import { Snapshot } from "../../scheduler/snapshot.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";

/** What is left out. */
interface Variant {
  readonly name: string;
  /** Pods that the rules treat alike are not known to be. */
  readonly sharesNothing?: true;
  /** What the rules said about a node is asked again each time. */
  readonly forgets?: true;
  /** Each node is looked at by itself, though many are equal to the rules. */
  readonly ungrouped?: true;
  /** Relaxed randomization: only this part of the nodes is looked at, anew for each pod. */
  readonly sample?: number;
}

export const variants: readonly Variant[] = [
  { name: "all techniques" },
  { name: "nodes one by one", ungrouped: true },
  { name: "no score cache", forgets: true },
  { name: "no equivalence classes", sharesNothing: true },
  { name: "none of them", sharesNothing: true, forgets: true, ungrouped: true },
  { name: "none, but 5 % of the nodes", sharesNothing: true, forgets: true, ungrouped: true, sample: 0.05 },
];

export interface AblationOptions {
  readonly nodes: number;
  readonly pods: number;
  /** After this long a variant has shown how slow it is. */
  readonly limitMs: number;
}

export interface AblationFigures {
  readonly decided: number;
  readonly perSecond: number;
  /** How many pods there are on the node that got most: what looking at fewer nodes costs. */
  readonly most: number;
}

const SIZE: AblationOptions = { nodes: 5000, pods: 10_000, limitMs: 20_000 };
const REPLICAS = 100;

export function runAblation(progress: (line: string) => void, size: AblationOptions = SIZE): string {
  const rows = variants.map((variant) => {
    progress(variant.name);
    const { decided, perSecond, most } = measureVariant(variant, size);
    return [
      variant.name.padEnd(28),
      perSecond.toFixed(0).padStart(8),
      String(decided).padStart(8),
      // Of fewer pods it would say little.
      (decided < size.pods ? "–" : String(most)).padStart(14),
    ];
  });
  const title = `Decisions at ${size.nodes} nodes for up to ${size.pods} pods of Deployments of ${REPLICAS}:`;
  const header = ["".padEnd(28), "pods/s".padStart(8), "decided".padStart(8), "most on a node"];
  return [title, ...[header, ...rows].map((row) => row.join("  "))].join("\n");
}

export function measureVariant(variant: Variant, { nodes, pods, limitMs }: AblationOptions): AblationFigures {
  const snapshot = new Snapshot();
  for (let index = 0; index < nodes; index++) {
    const labels = { "topology.kubernetes.io/zone": `zone-${index % 3}` };
    snapshot.setNode(asStored<Node>(newNode(`node-${index}`, { cpu: "32", memory: "128Gi", labels })));
  }
  const names = snapshot.nodes.map(({ name }) => name);
  const decider = new PodScheduler(snapshot, rulesFor(variant, names), seededRandom(1));
  const counts = new Map<string, number>();
  const startedMs = performance.now();
  let decided = 0;
  for (; decided < pods && performance.now() - startedMs < limitMs; decided++) {
    const pod = podOf(decided, variant);
    if (variant.forgets) for (const name of names) snapshot.touch(name);
    const decision = decider.schedule(pod);
    if (decision.node === undefined) throw new Error(`pod ${decided} found no node: ${decision.message}`);
    snapshot.addPod(pod, decision.node);
    counts.set(decision.node, (counts.get(decision.node) ?? 0) + 1);
  }
  const perSecond = decided / ((performance.now() - startedMs) / 1000);
  return { decided, perSecond, most: [...counts.values()].reduce((a, b) => Math.max(a, b), 0) };
}

function podOf(index: number, { sharesNothing }: Variant): PodInfo {
  const app = Math.floor(index / REPLICAS);
  const cpu = `${100 + 50 * (app % 7)}m`;
  const pod = asStored<Pod>(newPod(`pod-${index}`, { cpu, memory: "256Mi", labels: { app: `app-${app}` } }));
  return sharesNothing ? new SinglePod(pod) : new PodInfo(pod);
}

class SinglePod extends PodInfo {
  override get classKey(): string {
    return this.uid;
  }

  override get shapeKey(): string {
    return this.uid;
  }
}

function rulesFor({ ungrouped, sample }: Variant, names: readonly string[]): readonly SchedulerPlugin[] {
  const rules = [...schedulerPlugins];
  if (ungrouped) rules.push(wholeRows);
  if (sample !== undefined) rules.unshift(sampling(names, sample, seededRandom(2)));
  return rules;
}

const NO_POINTS: TopologyAnswers = { score: (_, scores) => void scores.fill(0) };
/** Changes no choice. */
const wholeRows: SchedulerPlugin = {
  name: "WholeRows",
  prepare: () => ({ topology: { answers: () => NO_POINTS } }),
};

const sampling = (names: readonly string[], part: number, random: Random): SchedulerPlugin => ({
  name: "Sampling",
  prepare() {
    const count = Math.max(1, Math.round(names.length * part));
    const chosen = Array.from({ length: count }, () => names[Math.floor(random.float() * names.length)] ?? "");
    return { nodeNames: new Set(chosen) };
  },
});
