// What tests of preemption start from: nodes with pods of several priorities on them, budgets that protect some of the pods, and
// pods that have been promised a node; and the planner over all that.

import type { Node } from "../api/core/node.ts";
import type { Pod, PodSpec } from "../api/core/pod.ts";
import type { PodDisruptionBudget } from "../api/policy/pod-disruption-budget.ts";
import { seededRandom } from "../lib/random.ts";
import { PodInfo } from "../scheduler/pod-info.ts";
import { schedulerPlugins } from "../scheduler/plugins/index.ts";
import { DisruptionBudgets } from "../scheduler/preemption/disruption-budgets.ts";
import { PreemptionPlanner, type PreemptionPlan } from "../scheduler/preemption/plan-preemption.ts";
import { PodScheduler } from "../scheduler/schedule.ts";
import { Snapshot } from "../scheduler/snapshot.ts";
import { asStored, newNode, newPod } from "./builders.ts";

export interface TestPod {
  readonly name: string;
  readonly priority?: number;
  readonly cpu?: string;
  readonly labels?: Record<string, string>;
  /** The minute in which it started; absent: it has not. */
  readonly started?: number;
  readonly isLeaving?: "preempted" | "deleted";
  readonly spec?: Partial<PodSpec>;
}

const timeOf = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, "0")}:00Z`;

export function podOf({ name, priority = 0, cpu = "1", labels, started, isLeaving, spec }: TestPod): PodInfo {
  const condition = { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" };
  const status = {
    ...(started !== undefined && { startTime: timeOf(started) }),
    ...(isLeaving === "preempted" && { conditions: [condition] }),
  } as Pod["status"];
  const built = newPod(name, { cpu, labels, spec: { ...newPod(name, { cpu }).spec, priority, ...spec }, status });
  return new PodInfo(asStored<Pod>(built, isLeaving && { deletionTimestamp: timeOf(0) }));
}

export const nodeOf = (name: string, options: Parameters<typeof newNode>[1] = {}) =>
  asStored<Node>(newNode(name, options));

export const budgetOf = (app: string, disruptionsAllowed: number, disrupted: readonly string[] = []) =>
  asStored<PodDisruptionBudget>({
    metadata: { name: app, namespace: "default" },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, disruptedPods: Object.fromEntries(disrupted.map((name) => [name, timeOf(0)])) },
  } as object as { metadata: object });

export interface TestState {
  readonly nodes: readonly Node[];
  /** The pods by node. */
  readonly pods: Readonly<Record<string, readonly PodInfo[]>>;
  readonly budgets?: readonly PodDisruptionBudget[];
  /** Who has been promised which node. */
  readonly promised?: readonly (readonly [PodInfo, string])[];
}

export function snapshotOf({ nodes, pods, promised = [] }: TestState): Snapshot {
  const snapshot = new Snapshot();
  for (const node of nodes) snapshot.setNode(node);
  for (const [name, those] of Object.entries(pods)) for (const pod of those) snapshot.addPod(pod, name);
  for (const [pod, name] of promised) snapshot.nominations.set(pod, name);
  return snapshot;
}

export class TestPlanner {
  readonly snapshot: Snapshot;
  readonly budgets = new DisruptionBudgets();
  readonly #planner: PreemptionPlanner;
  readonly #decider: PodScheduler;

  constructor(state: TestState) {
    this.snapshot = snapshotOf(state);
    for (const budget of state.budgets ?? []) this.budgets.set(budget);
    this.#planner = new PreemptionPlanner({
      snapshot: this.snapshot,
      budgets: this.budgets,
      isLeaving: ({ key }) => key === "default/leaving",
    });
    this.#decider = new PodScheduler(this.snapshot, schedulerPlugins, seededRandom(1));
  }

  plan(pod: PodInfo): PreemptionPlan {
    return this.#planner.plan(pod, this.#decider.classOf(pod));
  }

  decide(pod: PodInfo): string {
    const decision = this.#decider.schedule(pod);
    return decision.node ?? decision.message;
  }
}

export const render = (plan: PreemptionPlan) =>
  plan.kind === "preempt"
    ? `${plan.candidate.node.name}: ${plan.candidate.victims.map(({ pod }) => pod.metadata.name).join(" ")}`
    : `${plan.kind}: ${plan.reason}`;
