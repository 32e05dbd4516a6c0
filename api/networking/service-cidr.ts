// ServiceCIDR: a range that services get their addresses from; the one named kubernetes comes from the API server's flags.
// Its rules are in validate-service-cidr.ts.

import { condition } from "../meta/condition.ts";
import { kubeObject } from "../meta/object.ts";
import { sameShape } from "../meta/same-shape.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, listMap, object, optional, present, string } from "../schema/schema.ts";
import { validateServiceCIDR } from "./validate-service-cidr.ts";

/** Both versions have the same fields. */
function serviceCIDRIn(version: "v1" | "v1beta1") {
  const spec = object(`io.k8s.api.networking.${version}.ServiceCIDRSpec`, "The addresses of a ServiceCIDR.", {
    cidrs: optional(
      1,
      list(string(), { listType: "atomic" }),
      "The range, or two of them, one for IPv4 and one for IPv6, such as 10.96.0.0/16. It cannot be changed.",
    ),
  });
  const status = object(`io.k8s.api.networking.${version}.ServiceCIDRStatus`, "Whether a ServiceCIDR can be used.", {
    conditions: optional(
      1,
      listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The condition Ready: whether services get addresses from it.",
    ),
  });
  return kubeObject(
    `io.k8s.api.networking.${version}.ServiceCIDR`,
    "A range of addresses for services, besides that of the API server's flags.",
    {
      spec: present(2, spec, "The addresses."),
      status: present(3, status, "Whether they can be used."),
    },
  );
}

export const serviceCIDR = serviceCIDRIn("v1");
export interface ServiceCIDR extends Infer<typeof serviceCIDR> {}

export const serviceCIDRs: ResourceDefinition<ServiceCIDR> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "ServiceCIDR",
  plural: "servicecidrs",
  scope: "Cluster",
  schema: serviceCIDR,
  subresources: ["status"],
  validate: validateServiceCIDR,
  columns: [
    nameColumn,
    column("CIDRs", { description: "The ranges." }, ({ spec }) => (spec.cidrs ?? []).join(",")),
    ageColumn,
  ],
  prepare: (range, old) => ({ ...range, status: old ? old.status : {} }),
  prepareStatus: keepSpec,
};

export const serviceCIDRsV1Beta1: ResourceDefinition<ServiceCIDR> = {
  ...serviceCIDRs,
  version: "v1beta1",
  schema: serviceCIDRIn("v1beta1"),
  conversion: sameShape("v1beta1", serviceCIDRs),
};
