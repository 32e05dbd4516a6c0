// What the containers of a pod ask for, and what they are limited to, taken together and exactly. The same rules as in
// pod-resources.ts, which the scheduler uses for speed; here amounts stay as they were written, for quotas and limit ranges.

import type { Quantity } from "../meta/quantity.ts";
import type { Container } from "./container.ts";
import { isResizeInfeasible } from "./pod-resources.ts";
import { containerStatusOf, isSidecar } from "./pod-state.ts";
import type { Pod } from "./pod.ts";
import { addTotals, raiseTotals, totalsOf, type ResourceTotals } from "./resource-totals.ts";

export interface PodTotals {
  readonly requests: ResourceTotals;
  readonly limits: ResourceTotals;
}

/** By the spec alone, without the overhead of a runtime class. */
export const podTotals = ({ spec }: Pick<Pod, "spec">): PodTotals => ({
  requests: podTotal(spec, ({ resources }) => totalsOf(resources?.requests)),
  limits: podTotal(spec, ({ resources }) => totalsOf(resources?.limits)),
});

/**
 * What the pod is charged for: the larger of what it asks for and of what it still has while it is being resized, and the
 * overhead; a limit grows by it only where there is one.
 */
export function chargedTotals(pod: Pick<Pod, "spec" | "status">): PodTotals {
  const requests = podTotal(pod.spec, (container) => chargedRequests(pod, container));
  const limits = podTotal(pod.spec, (container) => chargedLimits(pod, container));
  const overhead = totalsOf(pod.spec.overhead);
  const onLimits = new Map([...overhead].filter(([name]) => limits.has(name)));
  return { requests: addTotals(requests, overhead), limits: addTotals(limits, onLimits) };
}

/** Containers and sidecars run together; each other init container runs alone beside the sidecars before it. */
function podTotal(
  { containers = [], initContainers = [] }: Pod["spec"],
  totalOf: (container: Container) => ResourceTotals,
): Map<string, Quantity> {
  const total = new Map<string, Quantity>();
  const sidecars = new Map<string, Quantity>();
  const peak = new Map<string, Quantity>();
  for (const container of containers) addTotals(total, totalOf(container));
  for (const container of initContainers) {
    const own = totalOf(container);
    if (isSidecar(container)) {
      addTotals(total, own);
      addTotals(sidecars, own);
      raiseTotals(peak, sidecars);
    } else {
      raiseTotals(peak, addTotals(new Map(sidecars), own));
    }
  }
  return raiseTotals(total, peak);
}

function chargedRequests(pod: Pick<Pod, "spec" | "status">, container: Container): ResourceTotals {
  const asked = totalsOf(container.resources?.requests);
  const status = containerStatusOf(pod, container.name);
  if (!status?.resources) return asked;
  const given = raiseTotals(new Map(totalsOf(status.resources.requests)), totalsOf(status.allocatedResources));
  return isResizeInfeasible(pod) ? given : raiseTotals(given, asked);
}

function chargedLimits(pod: Pick<Pod, "spec" | "status">, container: Container): ResourceTotals {
  const asked = totalsOf(container.resources?.limits);
  const status = containerStatusOf(pod, container.name);
  if (!status?.resources) return asked;
  const given = new Map(totalsOf(status.resources.limits));
  return isResizeInfeasible(pod) ? given : raiseTotals(given, asked);
}
