// Lease: a claim that runs out unless renewed. Nodes show by it that they are alive, controllers elect a leader with it.

import { checkNonNegative, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField } from "../schema/field-error.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, microTime, object, optional, present, string } from "../schema/schema.ts";

export const leaseSpec = object("io.k8s.api.coordination.v1.LeaseSpec", "Who holds a lease, and since when.", {
  holderIdentity: optional(1, string(), "Who holds it; empty if nobody does."),
  leaseDurationSeconds: optional(2, int32(), "How many seconds after the last renewal others may take it over."),
  acquireTime: optional(3, microTime(), "When the holder took it."),
  renewTime: optional(4, microTime(), "When the holder last renewed it."),
  leaseTransitions: optional(5, int32(), "How often it has passed from one holder to another."),
  strategy: optional(6, string(), "How a holder is chosen where the server does so."),
  preferredHolder: optional(7, string(), "Whom the holder should pass it on to."),
});
export interface LeaseSpec extends Infer<typeof leaseSpec> {}

export const lease = kubeObject(
  "io.k8s.api.coordination.v1.Lease",
  "A claim to something, such as leadership or being alive, that runs out unless it is renewed.",
  {
    spec: present(2, leaseSpec, "Who holds the lease, and since when."),
  },
);
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
