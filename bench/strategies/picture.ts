// What one scheduler believes about the cell: the production scheduler's snapshot, brought up to date only when a decision begins,
// and the production decider over it. Between that and the placement others may be faster.

import type { Namespace } from "../../api/core/namespace.ts";
import type { Node } from "../../api/core/node.ts";
import type { Random } from "../../lib/random.ts";
import { schedulerPlugins } from "../../scheduler/plugins/index.ts";
import type { PodInfo } from "../../scheduler/pod-info.ts";
import { DisruptionBudgets } from "../../scheduler/preemption/disruption-budgets.ts";
import { PreemptionPlanner } from "../../scheduler/preemption/plan-preemption.ts";
import { PodScheduler, type Unschedulable } from "../../scheduler/schedule.ts";
import { Snapshot } from "../../scheduler/snapshot.ts";
import type { Choice, Step } from "./cell.ts";

export interface PictureOptions {
  readonly nodes: readonly Node[];
  readonly namespaces?: readonly Namespace[];
  readonly random: Random;
}

/** What is to be done for some tasks. */
export interface Plan {
  readonly choices: readonly Choice[];
  /** Those that have to leave first, and where they are. */
  readonly victims: readonly Choice[];
}

export class Picture {
  readonly #snapshot = new Snapshot();
  readonly #decider: PodScheduler;
  readonly #preemption: PreemptionPlanner;
  #seen = 0;

  constructor({ nodes, namespaces = [], random }: PictureOptions) {
    for (const namespace of namespaces) this.#snapshot.setNamespace(namespace);
    for (const node of nodes) this.#snapshot.setNode(node);
    this.#decider = new PodScheduler(this.#snapshot, schedulerPlugins, random);
    const options = { snapshot: this.#snapshot, budgets: new DisruptionBudgets(), isLeaving: () => false };
    this.#preemption = new PreemptionPlanner(options);
  }

  /** Learns what has happened since the last time. */
  update(history: readonly Step[]): void {
    for (; this.#seen < history.length; this.#seen++) {
      const { task, node } = history[this.#seen] as Step;
      if (node === undefined) this.#snapshot.removePod(task.uid);
      else this.#snapshot.addPod(task, node);
    }
  }

  /** Chooses for one task after the other. Each counts from now on; those for which there is no room are left out. */
  plan(tasks: readonly PodInfo[], { preempts }: { readonly preempts: boolean }): Plan {
    const choices: Choice[] = [];
    const victims: Choice[] = [];
    for (const task of tasks) {
      const decision = this.#decider.schedule(task);
      const node = decision.node ?? (preempts ? this.#makeRoom(task, decision, victims) : undefined);
      if (node === undefined) break;
      this.#snapshot.addPod(task, node);
      choices.push({ task, node });
    }
    return { choices, victims };
  }

  /** What was chosen for the task has come to nothing. */
  forget({ uid }: PodInfo): void {
    this.#snapshot.removePod(uid);
  }

  /** Nothing of the plan is to be done. */
  undo({ choices, victims }: Plan): void {
    for (const { task } of choices) this.forget(task);
    for (const { task, node } of victims) this.#snapshot.addPod(task, node);
  }

  #makeRoom(task: PodInfo, refusal: Unschedulable, victims: Choice[]): string | undefined {
    const plan = this.#preemption.plan(task, refusal.podClass);
    if (plan.kind !== "preempt") return undefined;
    const { name: node } = plan.candidate.node;
    for (const victim of plan.candidate.victims) {
      this.#snapshot.removePod(victim.uid);
      victims.push({ task: victim, node });
    }
    return node;
  }
}
