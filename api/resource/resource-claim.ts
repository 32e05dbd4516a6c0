// ResourceClaim: asks for devices, such as graphics cards, for one or more pods. Its rules are in validate-resource-claim.ts.
// Nothing allocates devices yet.

import { deviceId, resourceClaimStatus } from "./claim-status.ts";
import { deviceClaim } from "./device-claim.ts";
import { validateResourceClaim } from "./validate-resource-claim.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpecAndMetadata } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, present, presentRequired } from "../schema/schema.ts";

export const resourceClaimSpec = object("io.k8s.api.resource.v1beta1.ResourceClaimSpec", "What is asked for.", {
  devices: present(1, deviceClaim, "The devices that are asked for."),
});
export interface ResourceClaimSpec extends Infer<typeof resourceClaimSpec> {}

export const resourceClaim = kubeObject(
  "io.k8s.api.resource.v1beta1.ResourceClaim",
  "Asks for devices, such as graphics cards, which pods can use once they are allocated.",
  {
    spec: presentRequired(2, resourceClaimSpec, "What is asked for. It cannot be changed."),
    status: present(3, resourceClaimStatus, "What became of the claim."),
  },
);
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

export const resourceClaims: ResourceDefinition<ResourceClaim> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
  schema: resourceClaim,
  subresources: ["status"],
  validate: validateResourceClaim,
  columns: [
    nameColumn,
    column("State", { description: "Whether it is allocated and in use." }, renderState),
    ageColumn,
  ],
  prepare: (claim, old) => ({ ...claim, status: old ? old.status : {} }),
  prepareStatus: prepareClaimStatus,
};

/** What was said of devices goes with their allocation. */
function prepareClaimStatus(claim: ResourceClaim, old: ResourceClaim): ResourceClaim {
  const kept = keepSpecAndMetadata(claim, old);
  const { allocation, devices } = kept.status;
  const now = new Set(allocation?.devices.results?.map(deviceId));
  const gone = new Set((old.status.allocation?.devices.results ?? []).map(deviceId).filter((id) => !now.has(id)));
  if (gone.size === 0 || !devices) return kept;
  const left = devices.filter((device) => !gone.has(deviceId(device)));
  return { ...kept, status: definedFields({ ...kept.status, devices: left.length > 0 ? left : undefined }) };
}

/** `deleted,allocated,reserved` */
function renderState({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  const state = status.allocation
    ? ["allocated", ...(status.reservedFor?.length ? ["reserved"] : [])]
    : isDeleted
      ? []
      : ["pending"];
  return [...(isDeleted ? ["deleted"] : []), ...state].join(",");
}
