// Kubernetes' strategies for scoring nodes by their resources: the most room left (LeastAllocated), the least (MostAllocated),
// or by a line that the cluster's administrator draws (RequestedToCapacityRatio).

import type { ScoringStrategy, UtilizationShapePoint } from "../configuration/plugin-args.ts";
import { SCORE_MAX, type NodeJudge } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodRequest } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { resourceUses } from "./resource-use.ts";

type Scorer = (node: NodeInfo) => number;
/** The score for one resource of a node that has some of it. */
type ResourceScore = (requested: number, allocatable: number) => number;

export type ResourceScorer = Required<Pick<NodeJudge, "score">> & Pick<NodeJudge, "scoreRows">;

export function resourceScorer(strategy: ScoringStrategy, request: PodRequest, snapshot: Snapshot): ResourceScorer {
  const { type, resources, requestedToCapacityRatio } = strategy;
  const uses = resourceUses(resources, [request, snapshot], { silent: "stand-ins" });
  const average = (score: ResourceScore, counts: (score: number) => boolean) => (node: NodeInfo) => {
    let sum = 0;
    let weights = 0;
    for (const { weight, allocatable, requested } of uses) {
      const all = allocatable(node);
      if (all === 0) continue;
      const points = score(requested(node), all);
      if (!counts(points)) continue;
      sum += points * weight;
      weights += weight;
    }
    return weights === 0 ? 0 : sum / weights;
  };
  const always = () => true;
  if (type === "RequestedToCapacityRatio") {
    const scoreAt = lineThrough(requestedToCapacityRatio?.shape ?? []);
    const ratio = average(
      (requested, all) => scoreAt(requested > all ? 100 : Math.floor((requested * 100) / all)),
      (points) => points > 0,
    );
    return { score: (node) => Math.round(ratio(node)) };
  }
  if (type === "MostAllocated") return { score: floored(average(shareInUse, always)) };
  const least = floored(average(shareLeft, always));
  return isCpuAndMemory(strategy) ? leastOfCpuAndMemory(request, snapshot, least) : { score: least };
}

const floored =
  (score: Scorer): Scorer =>
  (node) =>
    Math.floor(score(node));

const shareLeft: ResourceScore = (requested, all) =>
  requested > all ? 0 : Math.floor(((all - requested) * SCORE_MAX) / all);
/** What is more than full, by pods that were sent around the scheduler, is full. */
const shareInUse: ResourceScore = (requested, all) => Math.floor((Math.min(requested, all) * SCORE_MAX) / all);

const isCpuAndMemory = ({ resources: [first, second, ...more] }: ScoringStrategy) =>
  first?.name === "cpu" && second?.name === "memory" && first.weight === second.weight && more.length === 0;

/** The default, written out: it is asked about every node for every pod that is like no other. */
function leastOfCpuAndMemory(
  { scoredCpuMillis: askedCpu, scoredMemoryBytes: askedMemory }: PodRequest,
  { cpuMillis, memoryBytes, scoredCpuMillis, scoredMemoryBytes, nodes }: Snapshot,
  otherwise: Scorer,
): ResourceScorer {
  return {
    score(node) {
      const { row } = node;
      const cpu = cpuMillis.allocatable.get(row);
      const memory = memoryBytes.allocatable.get(row);
      if (cpu === 0 || memory === 0) return otherwise(node);
      const leftCpu = shareLeft(scoredCpuMillis.get(row) + askedCpu, cpu);
      return Math.floor((leftCpu + shareLeft(scoredMemoryBytes.get(row) + askedMemory, memory)) / 2);
    },
    scoreRows(scores) {
      const count = scores.length;
      const [allCpu, usedCpu] = [cpuMillis.allocatable.rows(count), scoredCpuMillis.rows(count)];
      const [allMemory, usedMemory] = [memoryBytes.allocatable.rows(count), scoredMemoryBytes.rows(count)];
      for (let row = 0; row < count; row++) {
        const cpu = allCpu[row] ?? 0;
        const memory = allMemory[row] ?? 0;
        const node = cpu === 0 || memory === 0 ? nodes[row] : undefined;
        const leftCpu = shareLeft((usedCpu[row] ?? 0) + askedCpu, cpu);
        const leftMemory = shareLeft((usedMemory[row] ?? 0) + askedMemory, memory);
        scores[row] = node ? otherwise(node) : Math.floor((leftCpu + leftMemory) / 2);
      }
    },
  };
}

/** Scores of a shape go to 10. */
const SHAPE_SCALE = SCORE_MAX / 10;

/** Straight between the points, and level before the first and after the last. Whole numbers only, as in Kubernetes. */
export function lineThrough(shape: readonly UtilizationShapePoint[]): (utilization: number) => number {
  const points = shape.map(({ utilization, score }) => ({ utilization, score: score * SHAPE_SCALE }));
  return (utilization) => {
    const next = points.findIndex((point) => utilization <= point.utilization);
    const to = points[next];
    if (!to) return points.at(-1)?.score ?? 0;
    const from = points[next - 1];
    if (!from) return to.score;
    const rise = (to.score - from.score) * (utilization - from.utilization);
    return from.score + Math.trunc(rise / (to.utilization - from.utilization));
  };
}
