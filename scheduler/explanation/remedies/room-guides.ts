// The rules about room on a node: resources and host ports.

import type { Container } from "../../../api/core/container.ts";
import type { Pod } from "../../../api/core/pod.ts";
import { podRequests, resourceAmounts, type ResourceAmounts } from "../../../api/core/pod-resources.ts";
import { controllerOf } from "../../../api/meta/owner.ts";
import { HostPortSet } from "../../host-ports.ts";
import { keptFor } from "../../node-reserve.ts";
import { mayPreempt } from "../../preemption/may-preempt.ts";
import type { PodInfo } from "../../pod-info.ts";
import { amountsOf, renderAmount } from "../../queues/amounts.ts";
import { COST, type Remedy } from "../obstacle.ts";
import { deleteCommand, deletePods, listNames, podName, remadePod, whatToChange } from "../pod-changes.ts";
import type { RuleGuide, Site } from "./rule-guide.ts";

interface Shortage {
  readonly resource: string;
  readonly asked: number;
  readonly left: number;
  readonly offered: number;
}

/** What the node has too little of, and how much of it. */
export function shortagesAt({ pod, node, picture: { snapshot } }: Omit<Site, "reasons">): readonly Shortage[] {
  const asked = amountsOf(pod.pod);
  const used: Record<string, number> = {};
  for (const other of snapshot.podsOn(node.name)) {
    for (const [name, amount] of Object.entries(amountsOf(other.pod))) used[name] = (used[name] ?? 0) + amount;
  }
  const own = pod.role !== undefined && node.reserve ? keptFor(pod.role, node.reserve) : {};
  return Object.entries(asked).flatMap(([resource, amount]) => {
    const offered = (node.allocatable[resource] ?? 0) + (own[resource] ?? 0);
    const left = offered - (used[resource] ?? 0);
    return amount > 0 && amount > left ? [{ resource, asked: amount, left, offered }] : [];
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  cpu: "InsufficientCpu",
  memory: "InsufficientMemory",
  "ephemeral-storage": "InsufficientEphemeralStorage",
  pods: "TooManyPods",
};

export const resourcesGuide: RuleGuide = {
  plugin: "NodeResourcesFit",
  cause(site) {
    const [first] = shortagesAt(site);
    return CAUSES[first?.resource ?? ""] ?? "InsufficientExtendedResource";
  },
  tell: (site) => listNames(shortagesAt(site).map(tellShortage)),
  remedies: (site) => [...askForLess(site), ...preempting(site), ...removeOthers(site)],
};

function tellShortage({ resource, asked, left, offered }: Shortage): string {
  const [a, l, o] = [asked, Math.max(left, 0), offered].map((amount) => renderAmount(resource, amount));
  if (resource === "pods") return `it has the ${o} pods that it takes at most`;
  if (offered === 0) return `it has no ${resource}, and the pod asks for ${a}`;
  return `${l} of its ${o} ${resource} are left, and the pod asks for ${a}`;
}

/** By as much as is needed, each container in proportion. */
function askForLess(site: Site): readonly Remedy[] {
  const { pod } = site.pod;
  const shortages = shortagesAt(site);
  if (shortages.some(({ resource, left }) => resource === "pods" || left <= 0)) return [];
  const overhead = resourceAmounts(pod.spec.overhead);
  const shrink = new Map(
    shortages.map(({ resource, asked, left }) => {
      const fixed = overhead[resource] ?? 0;
      return [resource, (left - fixed) / (asked - fixed)] as const;
    }),
  );
  if ([...shrink.values()].some((part) => part <= 0)) return [];
  const shrunk = (containers: readonly Container[] | undefined) =>
    containers?.map((each) => shrinkContainer(each, shrink));
  const spec = { containers: shrunk(pod.spec.containers) ?? [], initContainers: shrunk(pod.spec.initContainers) };
  const now = podRequests({ spec: { ...pod.spec, ...spec } });
  const amounts = shortages.map(({ resource }) => `${renderAmount(resource, now[resource] ?? 0)} of ${resource}`);
  const isZero = shortages.some(({ resource }) => (now[resource] ?? 0) <= 0);
  if (isZero) return [];
  const text = `Let ${whatToChange(pod)} ask for ${listNames(amounts)} at most, which node ${site.node.name} has left.`;
  // The more has to be given up, the worse.
  const cost = COST.loosen + (Math.min(...shrink.values()) < 0.5 ? 2 : 0);
  return [{ cost, text, edits: [remadePod(pod, spec)] }];
}

function shrinkContainer(container: Container, shrink: ReadonlyMap<string, number>): Container {
  const { requests = {}, limits } = container.resources ?? {};
  const amounts: ResourceAmounts = resourceAmounts(requests);
  const smaller = Object.entries(amounts).flatMap(([resource, amount]) => {
    const part = shrink.get(resource);
    return part === undefined ? [] : [[resource, renderAmount(resource, Math.floor(amount * part))] as const];
  });
  const changed = Object.fromEntries(smaller);
  // Of devices there is no more than what is asked for.
  const devices = Object.fromEntries(smaller.filter(([resource]) => CAUSES[resource] === undefined));
  const resources = {
    ...container.resources,
    requests: { ...requests, ...changed },
    ...(limits && { limits: { ...limits, ...devices } }),
  };
  return { ...container, resources };
}

/** Pods that would make room, were the pod allowed to push them out. */
function preempting(site: Site): readonly Remedy[] {
  const { pod, picture, node } = site;
  const { priorityClasses } = picture.view;
  const others = [...picture.snapshot.podsOn(node.name)];
  const isBelow = others.some((other) => mayPreempt(pod, other));
  const isNever = pod.pod.spec.preemptionPolicy === "Never";
  if (isBelow && !isNever) return [];
  const lowest = Math.min(...others.map(({ priority }) => priority));
  const able = priorityClasses
    .filter(({ value, preemptionPolicy }) => value > lowest && preemptionPolicy !== "Never")
    .filter(({ metadata, value }) => value < 1_000_000_000 && !metadata.name.startsWith("system-"))
    .sort((a, b) => a.value - b.value);
  const [found] = isNever ? able.filter(({ value }) => value >= pod.priority) : able;
  if (!found) return [];
  const { name } = found.metadata;
  const why = isNever
    ? "its own never pushes other pods out"
    : `the pods on node ${node.name} have a priority of ${lowest} or more, and it has ${pod.priority}`;
  const spec = { priorityClassName: name, priority: found.value, preemptionPolicy: found.preemptionPolicy };
  return [
    {
      cost: COST.loosen,
      text: `Give ${whatToChange(pod.pod)} the priority class ${name} (${found.value}), which may push others out: ${why}.`,
      edits: [remadePod(pod.pod, spec)],
    },
  ];
}

/** As few as may be, those that give most of what is short first. */
function removeOthers(site: Site): readonly Remedy[] {
  const shortages = shortagesAt(site);
  const removable = [...site.picture.snapshot.podsOn(site.node.name)].filter(isRemovable);
  const worth = (pod: PodInfo) => {
    const amounts = amountsOf(pod.pod);
    return shortages.reduce(
      (sum, { resource, asked, left }) => sum + Math.min(1, (amounts[resource] ?? 0) / (asked - left)),
      0,
    );
  };
  const ranked = removable.map((pod) => ({ pod, worth: worth(pod) })).sort((a, b) => b.worth - a.worth);
  const leaving: Pod[] = [];
  const lacking = new Map(shortages.map(({ resource, asked, left }) => [resource, asked - left]));
  for (const { pod } of ranked) {
    if ([...lacking.values()].every((amount) => amount <= 0) || leaving.length === 8) break;
    leaving.push(pod.pod);
    const amounts = amountsOf(pod.pod);
    for (const [resource, amount] of lacking) lacking.set(resource, amount - (amounts[resource] ?? 0));
  }
  if (leaving.length === 0 || [...lacking.values()].some((amount) => amount > 0)) return [];
  return [removal(leaving, `Remove ${listNames(leaving.map(podName))} from node ${site.node.name}`)];
}

export const isRemovable = ({ pod, namespace, isTerminating }: PodInfo): boolean =>
  !isTerminating && namespace !== "kube-system" && controllerOf(pod)?.kind !== "DaemonSet";

export function removal(pods: readonly Pod[], text: string): Remedy {
  const owners = new Set(pods.flatMap((pod) => controllerOf(pod) ?? []).map(({ kind, name }) => `${kind} ${name}`));
  const hint = owners.size > 0 ? `, and scale ${listNames([...owners])} down so that they do not come back` : "";
  return {
    cost: COST.remove + pods.length,
    text: `${text}${hint}.`,
    command: deleteCommand(pods),
    edits: deletePods(pods),
  };
}

const portsTaken = ({ pod, node }: Site) => pod.ports.filter((port) => node.ports.conflictsWith(port));

export const portsGuide: RuleGuide = {
  plugin: "NodePorts",
  cause: () => "HostPort",
  tell: (site) => `another pod has its host port ${listNames(portsTaken(site).map(({ port }) => String(port)))}`,
  remedies(site) {
    const { pod, node, picture } = site;
    const taken = new Set(portsTaken(site).map(({ port }) => port));
    const spare = new Map([...taken].map((port) => [port, nextFree(site, port)]));
    const moved = (containers: readonly Container[] = []) =>
      containers.map((container) => ({
        ...container,
        ports: container.ports?.map((each) => {
          const next = spare.get(each.hostPort ?? 0);
          if (next === undefined) return each;
          return { ...each, hostPort: next, ...(pod.pod.spec.hostNetwork && { containerPort: next }) };
        }),
      }));
    const initContainers = pod.pod.spec.initContainers && moved(pod.pod.spec.initContainers);
    const holders = [...picture.snapshot.podsOn(node.name)].filter((other) =>
      other.ports.some(({ port }) => taken.has(port)),
    );
    const ports = listNames([...spare.values()].map(String));
    return [
      {
        cost: COST.adjust,
        text: `Let ${whatToChange(pod.pod)} use another host port, such as ${ports}, or none.`,
        edits: [remadePod(pod.pod, { containers: moved(pod.pod.spec.containers), initContainers })],
      },
      ...(holders.every(isRemovable)
        ? [
            removal(
              holders.map((holder) => holder.pod),
              `Remove ${listNames(holders.map(({ key }) => key))}, which has the port on node ${node.name}`,
            ),
          ]
        : []),
    ];
  },
};

function nextFree({ pod, node }: Site, port: number): number {
  const own = new HostPortSet();
  for (const each of pod.ports) own.add(each);
  let next = port + 1;
  const isTaken = (candidate: number) => {
    const wanted = { protocol: "TCP", port: candidate, ip: "0.0.0.0" };
    return node.ports.conflictsWith(wanted) || own.conflictsWith(wanted);
  };
  while (next < 65_535 && isTaken(next)) next++;
  return next;
}
