// What the scheduler's own rules say about a pod, node by node: which nodes come closest to taking it, and what each lacks.

import type { Random } from "../../lib/random.ts";
import { judgeMember } from "../gangs/gangs.ts";
import type { NodeInfo } from "../node-info.ts";
import { PodInfo } from "../pod-info.ts";
import { schedulerPlugins } from "../plugins/index.ts";
import { mayPreempt } from "../preemption/may-preempt.ts";
import { PodScheduler, type Unschedulable } from "../schedule.ts";
import { COST, type Check, type Obstacle, type Remedy } from "./obstacle.ts";
import type { Picture } from "./picture.ts";
import { listNames, remadePod, whatToChange } from "./pod-changes.ts";
import { ruleGuides } from "./remedies/index.ts";
import { newNodes } from "./remedies/new-node.ts";
import type { RuleGuide, Site } from "./remedies/rule-guide.ts";
import { explainClaims } from "./remedies/volume-guides.ts";

/** The first of equals will do: an answer is wanted, not a good spread. */
const firstAlways: Random = { float: () => 0, bytes: (count) => new Uint8Array(count) };

const guides = new Map(ruleGuides.map((guide) => [guide.plugin, guide]));

/** One rule's objection to one node. */
interface Objection {
  readonly guide: RuleGuide;
  readonly site: Site;
}

interface JudgedNode {
  readonly node: NodeInfo;
  readonly objections: readonly Objection[];
}

/** Nodes that pushing pods out is tried on. */
const PREEMPTION_MAX = 200;
/** Different ways of not taking the pod that are told, and that remedies are sought for. */
const GROUPS_MAX = 6;
const NODES_A_GROUP = 3;

export const checkRules: Check = (pod, picture) => {
  const decider = new PodScheduler(picture.snapshot, schedulerPlugins, firstAlways);
  const placed: PodInfo[] = [];
  try {
    for (const member of unitOf(pod, picture)) {
      const decision = decider.schedule(member);
      if (decision.node === undefined) {
        if (placed.length === 0 && canPreempt(member, picture, decider)) continue;
        return describe(member, picture, decision);
      }
      picture.snapshot.addPod(member, decision.node);
      placed.push(member);
    }
    return undefined;
  } finally {
    for (const { uid } of placed) picture.snapshot.removePod(uid);
  }
};

/** The pod, after those that it is placed together with. */
function unitOf(pod: PodInfo, { gangs }: Picture): readonly PodInfo[] {
  const gang = gangs.gangOf(pod.uid);
  const verdict = gang && judgeMember(gang);
  if (!gang || verdict?.kind !== "together") return [pod];
  const mates = [...gang.members]
    .filter(([uid, { state }]) => state === "pending" && uid !== pod.uid)
    .map(([, member]) => new PodInfo(member.pod));
  return [...mates.slice(0, verdict.needed - 1), pod];
}

/** It would get a node by pushing out pods of lower priority. */
function canPreempt(pod: PodInfo, { snapshot }: Picture, decider: PodScheduler): boolean {
  if (pod.pod.spec.preemptionPolicy === "Never") return false;
  for (const { name } of snapshot.nodes.slice(0, PREEMPTION_MAX)) {
    const victims = [...snapshot.podsOn(name)].filter((victim) => mayPreempt(pod, victim));
    if (victims.length === 0) continue;
    for (const { uid } of victims) snapshot.removePod(uid);
    const fits = decider.fits(pod, name);
    for (const victim of victims) snapshot.addPod(victim, name);
    if (fits) return true;
  }
  return false;
}

function describe(pod: PodInfo, picture: Picture, decision: Unschedulable): Obstacle {
  if (picture.snapshot.nodes.length === 0) {
    return {
      cause: "NoNodes",
      summary: "The cluster has no nodes.",
      evidence: ["No kubelet has registered a node with the API server."],
      remedies: newNodes(pod, picture),
    };
  }
  const { refusal } = decision.podClass;
  if (refusal) return describeRefusal(pod, picture, refusal);
  const groups = groupNodes(judgeNodes(pod, picture));
  const [nearest] = groups;
  const [first] = nearest?.[0]?.objections ?? [];
  return {
    cause: first ? first.guide.cause(first.site) : "Unschedulable",
    summary: summarize(picture.snapshot.nodes.length, groups),
    evidence: [...groups.slice(0, GROUPS_MAX).map(tellGroup), `In Kubernetes' words: ${decision.message}`],
    remedies: [...remediesOf(groups), ...newNodes(pod, picture)],
  };
}

function describeRefusal(
  pod: PodInfo,
  picture: Picture,
  { plugin, reason }: NonNullable<Unschedulable["podClass"]["refusal"]>,
): Obstacle {
  const known = plugin.name === "VolumeBinding" ? explainClaims(pod, picture, reason) : undefined;
  if (known) return known;
  const isAffinity = plugin.name === "NodeAffinity";
  const spec = isAffinity
    ? { affinity: { ...pod.pod.spec.affinity, nodeAffinity: undefined } }
    : { resourceClaims: [] };
  const what = isAffinity ? "its node affinity, whose terms contradict each other" : "its resource claims";
  const canChange = isAffinity || plugin.name === "DynamicResources";
  const text = `Let ${whatToChange(pod.pod)} do without ${what}.`;
  return {
    cause: isAffinity ? "NodeAffinityConflict" : canChange ? "ResourceClaims" : "VolumeClaim",
    summary: `No node is considered for the pod: ${reason}.`,
    evidence: [`The rule ${plugin.name} turns it away before any node is looked at.`],
    remedies: canChange ? [{ cost: COST.loosen, text, edits: [remadePod(pod.pod, spec)] }] : [],
  };
}

function judgeNodes(pod: PodInfo, picture: Picture): readonly JudgedNode[] {
  const { snapshot } = picture;
  const judges = schedulerPlugins.flatMap((plugin) => {
    const judge = plugin.prepare(pod, snapshot);
    const guide = guides.get(plugin.name);
    return judge && guide ? [{ guide, judge, answers: judge.topology?.answers() }] : [];
  });
  return snapshot.nodes.map((node) => ({
    node,
    objections: judges.flatMap(({ guide, judge, answers }) => {
      const reasons = judge.filter?.(node) ?? answers?.filter?.(node);
      const site = { pod, node, picture, reasons: reasons ?? [] };
      return reasons && !guide.isEcho?.(site) ? [{ guide, site }] : [];
    }),
  }));
}

/** Nodes that say the same, in groups: those that say least first. */
function groupNodes(judged: readonly JudgedNode[]): readonly (readonly JudgedNode[])[] {
  const groups = new Map<string, JudgedNode[]>();
  for (const each of judged) {
    const said = each.objections.map(({ guide, site }) => [guide.plugin, ...site.reasons]);
    const key = JSON.stringify(said);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].sort((a, b) => objections(a) - objections(b) || b.length - a.length);
}

const objections = (group: readonly JudgedNode[]) => group[0]?.objections.length ?? 0;

function summarize(nodes: number, groups: readonly (readonly JudgedNode[])[]): string {
  const [nearest] = groups;
  const [first] = nearest ?? [];
  if (!first) return "No node takes the pod.";
  const words = first.objections.map(({ guide, site }) => guide.tell(site)).join("; ");
  const all = nodes === 1 ? "The only node does not take" : `None of the ${nodes} nodes takes`;
  return `${all} the pod; node ${first.node.name} comes closest: ${words}.`;
}

function tellGroup(group: readonly JudgedNode[]): string {
  const [first] = group;
  const names = listNames(group.map(({ node }) => node.name));
  const words = first?.objections.map(({ guide, site }) => guide.tell(site)).join("; ");
  return `${group.length > 1 ? `Nodes ${names}, such as the first` : `Node ${names}`}: ${words}.`;
}

function remediesOf(groups: readonly (readonly JudgedNode[])[]): readonly Remedy[] {
  const nodes = groups.slice(0, GROUPS_MAX).flatMap((group) => nearestOf(group).slice(0, NODES_A_GROUP));
  return nodes.flatMap(({ objections: all }) => {
    const [first] = all;
    // The others of this node are met when the first has been cleared away.
    const later = (all.length - 1) * COST.allow;
    return first
      ? first.guide.remedies(first.site).map((remedy) => ({ ...remedy, cost: remedy.cost + later / 100 }))
      : [];
  });
}

/** Those with the most room first. */
function nearestOf(group: readonly JudgedNode[]): readonly JudgedNode[] {
  const room = ({ node }: JudgedNode) => {
    const [first] = group;
    const { cpuMillis, memoryBytes } = first?.objections[0]?.site.picture.snapshot ?? {};
    if (!cpuMillis || !memoryBytes) return 0;
    const part = ({ allocatable, requested }: typeof cpuMillis) =>
      (allocatable.get(node.row) - requested.get(node.row)) / Math.max(1, allocatable.get(node.row));
    return part(cpuMillis) + part(memoryBytes);
  };
  return [...group].sort((a, b) => room(b) - room(a));
}
