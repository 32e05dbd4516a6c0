// What keeps a pod from being looked at by the scheduler's rules at all: gates, a scheduler that nobody runs, a gang that is not
// complete, a queue that is full.

import type { Pod } from "../../api/core/pod.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { quantityOf, quantityOfMillis, renderQuantity } from "../../api/meta/quantity.ts";
import { dependenciesIn, formatDependency, STARTS_AFTER } from "../../api/start-order/dependencies.ts";
import { judgeMember, type Gang } from "../gangs/gangs.ts";
import { amountsOf, sumOf } from "../queues/amounts.ts";
import { totalOf, type QueueNode } from "../queues/queue-tree.ts";
import { findAboveMax } from "../queues/shares.ts";
import { edit } from "./cluster-view.ts";
import { COST, type Check, type Obstacle, type Remedy } from "./obstacle.ts";
import type { Picture } from "./picture.ts";
import { deleteCommand, deletePods, listNames, remadePod, whatToChange } from "./pod-changes.ts";

const DEFAULT_SCHEDULER = "default-scheduler";

export const checkGates: Check = ({ pod }) => {
  const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name);
  if (gates.length === 0) return undefined;
  const { namespace, name, annotations } = pod.metadata;
  const first = gates.includes(STARTS_AFTER) ? dependenciesIn(annotations).map(formatDependency) : [];
  const toldWhy = podCondition(pod, "PodScheduled")?.message;
  const holds = `spec.schedulingGates holds ${listNames(gates)}.`;
  return {
    cause: "SchedulingGated",
    summary:
      first.length > 0
        ? `The pod starts after ${listNames(first)}, and is not to be scheduled before.`
        : `The pod is not to be scheduled before its scheduling gates are removed: ${listNames(gates)}.`,
    evidence: first.length > 0 && toldWhy ? [holds, `${toldWhy}.`] : [holds],
    remedies: [
      {
        cost: COST.allow,
        text: `Let whoever set ${gates.length > 1 ? "the gates" : "the gate"} ${listNames(gates)} finish, or remove ${gates.length > 1 ? "them" : "it"}.`,
        command: `kctl patch pod ${name} -n ${namespace} --type=merge -p '{"spec":{"schedulingGates":null}}'`,
        edits: [edit("update", "pods", { ...pod, spec: { ...pod.spec, schedulingGates: undefined } })],
      },
    ],
  };
};

/** A scheduler shows that it is there by what it has done: pods that it has bound, or said something about. */
export const checkScheduler: Check = ({ pod }, { view }) => {
  const { schedulerName = DEFAULT_SCHEDULER } = pod.spec;
  if (schedulerName === DEFAULT_SCHEDULER) return undefined;
  const hasActed = view.pods.some(
    (each) => each.spec.schedulerName === schedulerName && (each.spec.nodeName || podCondition(each, "PodScheduled")),
  );
  if (hasActed) return undefined;
  return {
    cause: "NoSuchScheduler",
    summary: `The pod waits for the scheduler ${JSON.stringify(schedulerName)}, which shows no sign of running.`,
    evidence: [
      `spec.schedulerName is ${JSON.stringify(schedulerName)}, and no pod with this scheduler has ever got a node or a word from it.`,
    ],
    remedies: [
      {
        cost: COST.adjust,
        text: `Start a scheduler named ${JSON.stringify(schedulerName)}, or leave spec.schedulerName out of ${whatToChange(pod)}.`,
        edits: [remadePod(pod, { schedulerName: DEFAULT_SCHEDULER })],
      },
    ],
  };
};

export const checkGang: Check = (pod, { gangs }) => {
  const gang = gangs.gangOf(pod.uid);
  const verdict = gang && judgeMember(gang);
  if (!gang || verdict?.kind !== "wait") return undefined;
  const { pending, placed, succeeded } = gang.counts;
  return {
    cause: verdict.reason,
    summary: `The pod is placed together with others of its group or not at all: ${verdict.message}.`,
    evidence: [
      `The group has ${pending} pods that wait, ${placed} that have a node and ${succeeded} that have succeeded.`,
    ],
    remedies: gangRemedies(pod.pod, gang, verdict.reason),
  };
};

function gangRemedies(pod: Pod, gang: Gang, reason: string): readonly Remedy[] {
  const { group, counts } = gang;
  const [namespace = "", name = ""] = gang.key.split("/");
  if (!group) {
    const made = { apiVersion: "scheduling.kctl.dev/v1", kind: "PodGroup", metadata: { namespace, name } };
    const object = { ...made, spec: { minMember: gang.members.size }, status: {} };
    const text = `Create the pod group ${gang.key}, with a minMember of at most ${gang.members.size}.`;
    return [{ cost: COST.adjust, text, edits: [edit("create", "podGroups", object as never)] }];
  }
  const withSpec = (spec: Partial<typeof group.spec>) =>
    edit("update", "podGroups", { ...group, spec: { ...group.spec, ...spec } });
  const patch = (field: string, value: number) =>
    `kctl patch podgroup ${name} -n ${namespace} --type=merge -p '{"spec":{"${field}":${value}}}'`;
  if (reason === "Full") {
    const maxMember = counts.placed + counts.binding + 1;
    const text = `Raise maxMember of the pod group ${gang.key} to ${maxMember}.`;
    return [{ cost: COST.adjust, text, command: patch("maxMember", maxMember), edits: [withSpec({ maxMember })] }];
  }
  if (reason !== "MembersMissing") return [];
  const there = counts.pending + counts.succeeded;
  const missing = group.spec.minMember - there;
  const copies = Array.from({ length: missing }, (_, index) => copyOf(pod, `${pod.metadata.name}-member-${index + 1}`));
  return [
    {
      cost: COST.adjust,
      text: `Create the ${missing} missing ${missing > 1 ? "members" : "member"} of the pod group ${gang.key}.`,
      edits: copies.map((copy) => edit("create", "pods", copy)),
    },
    {
      cost: COST.loosen,
      text: `Lower minMember of the pod group ${gang.key} to ${there}.`,
      command: patch("minMember", there),
      edits: [withSpec({ minMember: there })],
    },
  ];
}

function copyOf({ apiVersion, kind, metadata, spec }: Pod, name: string): Pod {
  const { namespace, labels } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, labels, uid: `new ${name}` }, spec, status: {} } as Pod;
}

export const checkQueue: Check = (pod, picture) => {
  const { ledger, membership, gangs } = picture;
  const name = picture.view.queues.length > 0 || pod.pod.metadata.labels ? membership.queueOf(pod.pod) : undefined;
  if (name === undefined) return undefined;
  const closed = ledger.tree.closed(name);
  if (closed !== undefined) return closedQueue(name, closed, picture);
  const gang = gangs.gangOf(pod.uid);
  const verdict = gang && judgeMember(gang);
  const others = verdict?.kind === "together" ? verdict.needed - 1 : 0;
  const mates = [...(gang?.members.values() ?? [])].filter(
    (each) => each.state === "pending" && each.pod.metadata.uid !== pod.uid,
  );
  const amounts = sumOf([pod.pod, ...mates.slice(0, others).map((mate) => mate.pod)].map(amountsOf));
  const leaf = ledger.tree.find(name);
  const above = leaf && findAboveMax(leaf, amounts, { capacity: ledger.capacity });
  if (!above) return undefined;
  const holders = view(picture, name);
  return {
    cause: "QueueLimit",
    summary: `The pod's queue has no room for it: ${above.message}.`,
    evidence: [
      `${holders.length} pods of the queue ${name} have a node: ${listNames(holders.map((each) => each.metadata.name))}.`,
    ],
    remedies: [...raiseMax(above.node, amounts), ...emptyQueue(holders)],
  };
};

const view = ({ view: { pods }, ledger }: Picture, queue: string): readonly Pod[] =>
  pods.filter(({ metadata }) => ledger.queueOf(metadata.uid) === queue);

function closedQueue(name: string, closed: string, { view: { queues } }: Picture): Obstacle {
  const queue = queues.find(({ metadata }) => metadata.name === name);
  const path = ancestors(name, queues);
  const shut = path.find(({ spec }) => spec.state === "Closed");
  const remedy: Remedy | undefined = shut
    ? {
        cost: COST.allow,
        text: `Open the queue ${shut.metadata.name}.`,
        command: `kctl patch queue ${shut.metadata.name} --type=merge -p '{"spec":{"state":"Open"}}'`,
        edits: [edit("update", "queues", { ...shut, spec: { ...shut.spec, state: "Open" } })],
      }
    : undefined;
  const missing: Remedy | undefined = queue
    ? undefined
    : {
        cost: COST.adjust,
        text: `Create the queue ${name}, or name one that there is: ${listNames(queues.map(({ metadata }) => metadata.name)) || "there is none yet"}.`,
        edits: [edit("create", "queues", newQueue(name) as never)],
      };
  return {
    cause: "QueueClosed",
    summary: `The pod's queue starts no pods: ${closed}.`,
    evidence: [`The pod is in the queue ${name}, by its label, its pod group or its namespace.`],
    remedies: [remedy, missing].filter((each) => each !== undefined),
  };
}

const newQueue = (name: string) => ({
  apiVersion: "scheduling.kctl.dev/v1",
  kind: "Queue",
  metadata: { name },
  spec: { weight: 1, reclaim: true, state: "Open" },
  status: {},
});

type Queues = Picture["view"]["queues"];

/** The queue, and those that it is a part of. */
function ancestors(name: string, queues: Queues, depth = 0): Queues {
  const queue = queues.find(({ metadata }) => metadata.name === name);
  if (!queue || depth > queues.length) return [];
  const { parent } = queue.spec;
  return parent === undefined ? [queue] : [...ancestors(parent, queues, depth + 1), queue];
}

function raiseMax(node: QueueNode, amounts: ReturnType<typeof sumOf>): readonly Remedy[] {
  const { queue } = node;
  if (!queue.spec.max) return [];
  const max: Record<string, string> = { ...queue.spec.max };
  const raised: string[] = [];
  for (const [resource, amount] of Object.entries(amounts)) {
    const needed = totalOf(node, resource) + amount;
    if (max[resource] === undefined || needed <= (node.max[resource] ?? 0)) continue;
    max[resource] = renderQuantity(
      resource === "cpu" ? quantityOfMillis(needed) : quantityOf(needed, formatOf(resource)),
    );
    raised.push(`${resource} ${max[resource]}`);
  }
  if (raised.length === 0) return [];
  return [
    {
      cost: COST.adjust,
      text: `Raise the maximum of the queue ${node.name} to ${listNames(raised)}.`,
      command: `kctl patch queue ${node.name} --type=merge -p '${JSON.stringify({ spec: { max } })}'`,
      edits: [edit("update", "queues", { ...queue, spec: { ...queue.spec, max } })],
    },
  ];
}

const formatOf = (resource: string) => (/memory|storage|hugepages/.test(resource) ? "BinarySI" : "DecimalSI");

/** As few pods as may be, the largest first: what works is found out by trying. */
function emptyQueue(holders: readonly Pod[]): readonly Remedy[] {
  const largest = [...holders].sort((a, b) => (amountsOf(b).cpu ?? 0) - (amountsOf(a).cpu ?? 0));
  return [1, 2, 4].flatMap((count) => {
    const leaving = largest.slice(0, count);
    if (leaving.length < count) return [];
    const names = listNames(leaving.map(({ metadata }) => metadata.name));
    const text = `End ${count > 1 ? "pods" : "a pod"} of the queue, such as ${names}, or wait until ${count > 1 ? "they end" : "it ends"}.`;
    return [{ cost: COST.remove + count, text, command: deleteCommand(leaving), edits: deletePods(leaving) }];
  });
}

/** All that comes before the rules, in the order in which the scheduler meets it. */
export const checksBeforeRules: readonly Check[] = [checkScheduler, checkGates, checkGang, checkQueue];
