// How pods count against resource quotas: by number, and by what their containers ask for and are limited to.

import { matchesRequirement, type Requirement } from "../meta/selector.ts";
import type { Quantity } from "../meta/quantity.ts";
import type { PodAffinityTerm } from "./affinity.ts";
import type { Container } from "./container.ts";
import { qosClassOf } from "./pod-resources.ts";
import { isPodTerminal } from "./pod-state.ts";
import { chargedTotals } from "./pod-totals.ts";
import type { Pod } from "./pod.ts";
import { countResource, ONE, type QuotaEvaluator } from "./quota-evaluator.ts";
import { isExtendedResource, isHugePages, isNativeResource } from "./resource-names.ts";
import type { ScopedResourceSelectorRequirement } from "./resource-quota.ts";
import { addTotals, totalsOf, type ResourceTotals } from "./resource-totals.ts";

const COUNT = countResource({ group: "", plural: "pods" });
const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const REQUESTS = "requests.";
const TRACKED: readonly string[] = [
  COUNT,
  "pods",
  ...COMPUTE.flatMap((name) => [name, REQUESTS + name, `limits.${name}`]),
];
/** What each container must say where a quota has it. */
const MUST_BE_SAID = ["cpu", "memory"].flatMap((name) => [name, REQUESTS + name, `limits.${name}`]);

export const podQuota: QuotaEvaluator = {
  tracks: isTracked,
  charges: ({ operation, subresource }) =>
    subresource === undefined ? operation === "CREATE" : operation === "UPDATE" && subresource === "resize",
  usageOf: (object, nowMs) => podUsage(object as Pod, nowMs),
  matchesScope: (scope, object) => podMatchesScope(scope, object as Pod),
  findOmission: (resources, object) => findOmission(resources, object as Pod),
};

function isTracked(resource: string): boolean {
  if (TRACKED.includes(resource) || isHugePages(resource)) return true;
  if (!resource.startsWith(REQUESTS)) return false;
  return isHugePages(resource.slice(REQUESTS.length)) || !isNativeResource(resource);
}

/** `count/pods` counts every pod that is stored, everything else those that have not ended. */
function podUsage(pod: Pod, nowMs: number): ResourceTotals {
  const usage = new Map<string, Quantity>([[COUNT, ONE]]);
  if (!isCharged(pod, nowMs)) return usage;
  const { requests, limits } = chargedTotals(pod);
  return addTotals(usage, usageFrom(requests, limits));
}

/** A pod that has ended uses nothing, and one that is stuck in its deletion must not keep others out. */
export function isCharged(pod: Pod, nowMs: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (isPodTerminal(pod)) return false;
  if (!deletionTimestamp || deletionGracePeriodSeconds === undefined) return true;
  return nowMs <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function usageFrom(requests: ResourceTotals, limits: ResourceTotals): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([["pods", ONE]]);
  for (const [name, amount] of requests) {
    const isCompute = COMPUTE.includes(name) || isHugePages(name);
    if (isCompute) usage.set(name, amount);
    // Devices are never promised twice: only what is asked for can be limited.
    if (isCompute || isExtendedResource(name)) usage.set(REQUESTS + name, amount);
  }
  for (const name of COMPUTE) {
    const limit = limits.get(name);
    if (limit) usage.set(`limits.${name}`, limit);
  }
  return usage;
}

function findOmission(resources: readonly string[], { spec }: Pod): string | undefined {
  const required = resources.filter((name) => MUST_BE_SAID.includes(name)).sort();
  if (required.length === 0) return undefined;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const missing = required.flatMap((resource) => {
    const names = containers.filter((container) => !says(container, resource)).map(({ name }) => name);
    return names.length > 0 ? [`${resource} for: ${[...new Set(names)].sort().join(",")}`] : [];
  });
  return missing.length > 0 ? `must specify ${missing.join("; ")}` : undefined;
}

const says = ({ resources }: Container, resource: string) =>
  usageFrom(totalsOf(resources?.requests), totalsOf(resources?.limits)).has(resource);

function podMatchesScope(scope: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const { activeDeadlineSeconds, priorityClassName } = pod.spec;
  const isTerminating = activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
  switch (scope.scopeName) {
    case "Terminating":
      return isTerminating;
    case "NotTerminating":
      return !isTerminating;
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass": {
      const { scopeName: key, values = [] } = scope;
      const operator = scope.operator as Requirement["operator"];
      return matchesRequirement({ key, operator, values }, priorityClassName ? { [key]: priorityClassName } : {});
    }
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

const isBestEffort = (pod: Pod) => (pod.status.qosClass || qosClassOf(pod)) === "BestEffort";

/** Its affinity looks at pods of namespaces other than its own. */
function reachesOtherNamespaces({ spec: { affinity } }: Pod): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((each): readonly PodAffinityTerm[] => [
    ...(each?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(each?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  return terms.some(({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector);
}
