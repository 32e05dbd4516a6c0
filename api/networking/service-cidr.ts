// HEADER: say what ServiceCIDR is and what it must never do.

import { condition } from "../meta/condition.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, listMap, object, optional, present, string } from "../schema/schema.ts";

export const serviceCIDRSpec = object("io.k8s.api.networking.v1beta1.ServiceCIDRSpec", "", {
  cidrs: optional(1, list(string(), { listType: "atomic" }), ""),
});
export interface ServiceCIDRSpec extends Infer<typeof serviceCIDRSpec> {}

export const serviceCIDRStatus = object("io.k8s.api.networking.v1beta1.ServiceCIDRStatus", "", {
  conditions: optional(1, listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface ServiceCIDRStatus extends Infer<typeof serviceCIDRStatus> {}

export const serviceCIDR = kubeObject("io.k8s.api.networking.v1beta1.ServiceCIDR", "", {
  spec: present(2, serviceCIDRSpec, ""),
  status: present(3, serviceCIDRStatus, ""),
});
export interface ServiceCIDR extends Infer<typeof serviceCIDR> {}

export const serviceCIDRs: ResourceDefinition<ServiceCIDR> = {
  group: "networking.k8s.io",
  version: "v1beta1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  schema: serviceCIDR,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
