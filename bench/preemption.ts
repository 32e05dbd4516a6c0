// How many preemptions a second are planned where every node of a large cluster is full: choosing in vain, planning who has to
// leave, and promising the node. What the API server has to do for it is no part of this.

import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { seededRandom } from "../lib/random.ts";
import { PodInfo } from "../scheduler/pod-info.ts";
import { schedulerPlugins } from "../scheduler/plugins/index.ts";
import { DisruptionBudgets } from "../scheduler/preemption/disruption-budgets.ts";
import { PreemptionPlanner } from "../scheduler/preemption/plan-preemption.ts";
import { PodScheduler } from "../scheduler/schedule.ts";
import { Snapshot } from "../scheduler/snapshot.ts";
import { asStored, newNode, newPod } from "../testing/builders.ts";
import { atLeast, type Benchmark } from "./benchmark.ts";

const NODES = 5000;
const PODS_PER_NODE = 10;
const PREEMPTORS = 2000;

export const preemption: Benchmark = {
  name: "preemption",
  run(options) {
    const values: number[] = [];
    for (let run = 0; run < options.runs; run++) {
      options.progress(`preemption, run ${run + 1}`);
      values.push(planAll());
    }
    const name = `preemptions planned, ${NODES} full nodes, equal pods`;
    return Promise.resolve([{ name, unit: "/s", values, target: atLeast(1000) }]);
  },
};

function podOf(name: string, priority: number): PodInfo {
  const labels = { app: `priority-${priority}` };
  const { spec } = newPod(name, { cpu: "1", memory: "100Mi" });
  return new PodInfo(asStored<Pod>(newPod(name, { labels, spec: { ...spec, priority } })));
}

function fullCluster(): Snapshot {
  const snapshot = new Snapshot();
  for (let index = 0; index < NODES; index++) {
    const name = `n${index}`;
    snapshot.setNode(asStored<Node>(newNode(name, { cpu: `${PODS_PER_NODE}`, memory: "64Gi" })));
    for (let pod = 0; pod < PODS_PER_NODE; pod++) snapshot.addPod(podOf(`${name}-${pod}`, pod % 3), name);
  }
  return snapshot;
}

/** Preemptions a second. */
function planAll(): number {
  const snapshot = fullCluster();
  const decider = new PodScheduler(snapshot, schedulerPlugins, seededRandom(1));
  const planner = new PreemptionPlanner({ snapshot, budgets: new DisruptionBudgets(), isLeaving: () => false });
  const preemptors = Array.from({ length: PREEMPTORS }, (_, index) => podOf(`urgent-${index}`, 100));
  const startedMs = performance.now();
  for (const pod of preemptors) {
    const decision = decider.schedule(pod);
    const plan = decision.node === undefined && planner.plan(pod, decision.podClass);
    if (!plan || plan.kind !== "preempt") throw new Error(`no room was made for ${pod.key}`);
    snapshot.nominations.set(pod, plan.candidate.node.name);
  }
  return (PREEMPTORS * 1000) / (performance.now() - startedMs);
}
