// The stage that makes room: pods of lower priority leave the node where that does the least harm, and the node is promised to
// the pod that they leave for. Kubernetes' DefaultPreemption.

import { podDisruptionBudgets } from "../../api/policy/pod-disruption-budget.ts";
import type { PodInfo } from "../pod-info.ts";
import type { Stage, StageParts } from "../stage.ts";
import { Approvals } from "./approvals.ts";
import { DisruptionBudgets } from "./disruption-budgets.ts";
import { PreemptionPlanner } from "./plan-preemption.ts";
import type { Candidate } from "./plan-victims.ts";
import { VictimRemover } from "./victim-remover.ts";

export function preemptionStage(parts: StageParts): Stage {
  const { snapshot, metrics, profileOf, informer, wake } = parts;
  const { nominations } = snapshot;
  const budgets = new DisruptionBudgets();
  const informed = informer(podDisruptionBudgets);
  const stopListening = informed.onChange(({ type, object }) => {
    if (type === "deleted") budgets.remove(object);
    else budgets.set(object);
  });
  const tryAgain = ({ uid }: PodInfo) => wake(["PodRemoved"], (pod) => pod.uid === uid);
  const remover = new VictimRemover({
    ...parts,
    onFailure({ preemptor, nodeName }) {
      if (nominations.nodeOf(preemptor.uid) === nodeName) nominations.remove(preemptor.uid);
      tryAgain(preemptor);
    },
  });
  const planner = new PreemptionPlanner({ snapshot, budgets, isLeaving: ({ uid }) => remover.isLeaving(uid) });

  /** Pods of lower priority that wait for this node had better look for another. */
  function carryOut(preemptor: PodInfo, { node, victims }: Candidate): void {
    const events = profileOf(preemptor)?.events ?? parts.events;
    metrics.preempting(victims.length);
    for (const victim of victims) remover.remove({ victim, preemptor, nodeName: node.name, events });
    const outdone = nominations.on(node.name).filter(({ priority }) => priority < preemptor.priority);
    nominations.set(preemptor, node.name);
    for (const pod of outdone) {
      nominations.remove(pod.uid);
      tryAgain(pod);
    }
  }

  const approvals = new Approvals(parts.approves, carryOut);
  const mayPreempt = (pod: PodInfo) => profileOf(pod)?.byPoint.postFilter.includes("DefaultPreemption") === true;

  return {
    name: "DefaultPreemption",
    synced: informed.synced,
    makeRoom(pod, { podClass }) {
      if (snapshot.nodes.length === 0 || !mayPreempt(pod)) return undefined;
      metrics.preemptionAttempted();
      const plan = planner.plan(pod, podClass);
      if (plan.kind === "preempt") {
        if (!approvals.asks(pod, plan.candidate)) carryOut(pod, plan.candidate);
        return undefined;
      }
      if (plan.kind === "hopeless") nominations.remove(pod.uid);
      return `preemption: ${plan.reason}`;
    },
    isNews(pod, changed) {
      const promised = nominations.nodeOf(pod.uid);
      // While it waits for one node, changes of others are no news.
      if (!changed || (promised !== undefined && promised !== changed.name) || !mayPreempt(pod)) return false;
      const podClass = profileOf(pod)?.decider.classOf(pod);
      return podClass !== undefined && planner.helpsOn(pod, podClass, changed);
    },
    placed(pod) {
      approvals.forget(pod.uid);
      if (pod.isTerminating) remover.forget(pod.uid);
    },
    freed(uid) {
      approvals.forget(uid);
      remover.forget(uid);
    },
    stop() {
      stopListening();
      remover.stop();
    },
  };
}
