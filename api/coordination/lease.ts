// HEADER

import { checkNonNegative, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField } from "../schema/field-error.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, microTime, object, optional, present, string } from "../schema/schema.ts";

export const leaseSpec = object("io.k8s.api.coordination.v1.LeaseSpec", "", {
  holderIdentity: optional(1, string(), ""),
  leaseDurationSeconds: optional(2, int32(), ""),
  acquireTime: optional(3, microTime(), ""),
  renewTime: optional(4, microTime(), ""),
  leaseTransitions: optional(5, int32(), ""),
  strategy: optional(6, string(), ""),
  preferredHolder: optional(7, string(), ""),
});
export interface LeaseSpec extends Infer<typeof leaseSpec> {}

export const lease = kubeObject("io.k8s.api.coordination.v1.Lease", "", {
  spec: present(2, leaseSpec, ""),
});
export interface Lease extends Infer<typeof lease> {}

export const leases: ResourceDefinition<Lease> = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  schema: lease,
  validate: (lease, old) => [
    ...validateMetadata(lease, old, { name: subdomainProblems }),
    ...when(
      (lease.spec.leaseDurationSeconds ?? 1) <= 0,
      invalidField("spec.leaseDurationSeconds", lease.spec.leaseDurationSeconds, "must be greater than 0"),
    ),
    ...checkNonNegative("spec.leaseTransitions", lease.spec.leaseTransitions),
  ],
  columns: [
    nameColumn,
    column("Holder", { description: "Who holds the lease." }, ({ spec }) => spec.holderIdentity ?? ""),
    ageColumn,
  ],
};
