// How services count against resource quotas: by number, by the node ports that they take, and as load balancers.

import { quantityOf } from "../meta/quantity.ts";
import { countResource, matchesNoScope, ONE, type QuotaEvaluator } from "./quota-evaluator.ts";
import type { ResourceTotals } from "./resource-totals.ts";
import type { Service } from "./service.ts";

const COUNT = countResource({ group: "", plural: "services" });
const TRACKED = [COUNT, "services", "services.nodeports", "services.loadbalancers"];

export const serviceQuota: QuotaEvaluator = {
  tracks: (resource) => TRACKED.includes(resource),
  // The type may change.
  charges: ({ subresource }) => subresource === undefined,
  usageOf: (object) => serviceUsage(object as Service),
  matchesScope: matchesNoScope,
};

const serviceUsage = (service: Service): ResourceTotals =>
  new Map([
    [COUNT, ONE],
    ["services", ONE],
    ["services.nodeports", quantityOf(countNodePorts(service))],
    ["services.loadbalancers", quantityOf(service.spec.type === "LoadBalancer" ? 1 : 0)],
  ]);

/** A load balancer that shall have no node ports counts those that it names all the same. */
function countNodePorts({ spec: { type, ports = [], allocateLoadBalancerNodePorts = true } }: Service): number {
  if (type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts)) return ports.length;
  return type === "LoadBalancer" ? ports.filter(({ nodePort }) => nodePort).length : 0;
}
