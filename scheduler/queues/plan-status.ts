// What the status of queues and pod groups has to say. Pure; where nothing has changed, the result is equal to what is there.

import { setCondition } from "../../api/meta/condition-list.ts";
import type { Condition } from "../../api/meta/condition.ts";
import type { PodGroup, PodGroupStatus } from "../../api/kctl-scheduling/pod-group.ts";
import type { Queue, QueueStatus } from "../../api/kctl-scheduling/queue.ts";
import type { Gang } from "../gangs/gangs.ts";
import { renderAmounts, type Amounts } from "./amounts.ts";
import type { QueueLedger } from "./queue-ledger.ts";
import { guaranteeOf, type QueueNode } from "./queue-tree.ts";
import { shareOf } from "./shares.ts";

export interface Reason {
  readonly reason: string;
  readonly message: string;
}

export function planQueueStatus(queue: Queue, ledger: QueueLedger, now: string): QueueStatus {
  const { name, generation } = queue.metadata;
  const node = ledger.tree.find(name);
  const problem = ledger.tree.problem(name);
  const { pending, admitted } = ledger.countsOf(name);
  return {
    observedGeneration: generation,
    ...(node && useOf(node)),
    pending,
    admitted,
    conditions: setCondition(queue.status.conditions, conditionOf("Ready", { problem, generation, now })),
  };
}

function useOf(node: QueueNode): Partial<QueueStatus> {
  const borrowed: Amounts = {};
  for (const [resource, amount] of Object.entries(node.used)) {
    const beyond = amount - guaranteeOf(node, resource);
    if (beyond > 0) borrowed[resource] = beyond;
  }
  const share = shareOf({ ...node, kept: {} });
  return {
    guarantee: renderAmounts(node.guarantee),
    used: renderAmounts(node.used),
    borrowed: renderAmounts(borrowed),
    ...(share !== undefined && { share: Math.min(SHARE_MAX, Math.round(share * 100)) }),
  };
}

/** For a use of something of which nothing is guaranteed. */
const SHARE_MAX = 1_000_000;

/** `waiting`: why the group is not placed, where the scheduler has said so. */
export function planGroupStatus(group: PodGroup, gang: Gang, context: GroupContext): PodGroupStatus {
  const { placed, binding, succeeded, failed } = gang.counts;
  const { now, waiting } = context;
  const { generation } = group.metadata;
  const running = countRunning(gang);
  const isScheduled = placed > 0 && placed + succeeded >= group.spec.minMember;
  const phase = phaseOf(group, gang, running);
  const problem = isScheduled || phase === "Succeeded" ? undefined : (waiting ?? NOT_YET);
  return {
    observedGeneration: generation,
    phase,
    members: gang.members.size,
    scheduled: placed,
    running,
    succeeded,
    failed,
    conditions:
      binding > 0 && !isScheduled
        ? group.status.conditions
        : setCondition(group.status.conditions, conditionOf("Scheduled", { problem, generation, now })),
  };
}

export interface GroupContext {
  readonly now: string;
  readonly waiting: Reason | undefined;
}

const NOT_YET: Reason = { reason: "MembersMissing", message: "the group has no members that wait for a node" };

function phaseOf({ spec }: PodGroup, { counts, members }: Gang, running: number): PodGroupStatus["phase"] {
  const { placed, pending, binding, leaving, succeeded, failed } = counts;
  const isOver = members.size > 0 && placed + pending + binding + leaving === 0;
  if (isOver) return failed > 0 && succeeded < spec.minMember ? "Failed" : "Succeeded";
  if (running > 0 && running + succeeded >= spec.minMember) return "Running";
  return placed > 0 && placed + succeeded >= spec.minMember ? "Scheduled" : "Pending";
}

function countRunning({ members }: Gang): number {
  let running = 0;
  for (const { pod, state } of members.values()) if (state === "placed" && pod.status.phase === "Running") running++;
  return running;
}

interface ConditionContext {
  readonly problem: Reason | undefined;
  readonly generation: number | undefined;
  readonly now: string;
}

function conditionOf(type: string, { problem, generation, now }: ConditionContext): Condition {
  const { reason, message } = problem ?? { reason: type, message: "" };
  return {
    type,
    status: problem ? "False" : "True",
    ...(generation !== undefined && { observedGeneration: generation }),
    lastTransitionTime: now,
    reason,
    message,
  };
}
