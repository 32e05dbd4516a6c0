// Rules for resource claims and for their templates, from Kubernetes' validation.

import type { ResourceClaim } from "./resource-claim.ts";
import type { ResourceClaimTemplate } from "./resource-claim-template.ts";
import { validateClaimStatus } from "./validate-claim-status.ts";
import { validateDeviceClaim } from "./validate-device-claim.ts";
import { checkUnchanged } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateLabels } from "../meta/validate-labels.ts";
import { validateAnnotations, validateMetadata } from "../meta/validate-metadata.ts";
import type { FieldError } from "../schema/field-error.ts";

export function validateResourceClaim(claim: ResourceClaim, old?: ResourceClaim): FieldError[] {
  return [
    ...validateMetadata(claim, old, { name: subdomainProblems }),
    ...(old ? checkUnchanged("spec", claim.spec, old.spec) : []),
    ...validateDeviceClaim(claim.spec.devices, "spec.devices", { isStored: old !== undefined }),
    ...(old ? validateClaimStatus(claim, old) : []),
  ];
}

export function validateResourceClaimTemplate(
  template: ResourceClaimTemplate,
  old?: ResourceClaimTemplate,
): FieldError[] {
  const { metadata, spec } = template.spec;
  return [
    ...validateMetadata(template, old, { name: subdomainProblems }),
    ...(old ? checkUnchanged("spec", template.spec, old.spec) : []),
    ...validateAnnotations(metadata.annotations, "spec.metadata.annotations"),
    ...validateLabels(metadata.labels, "spec.metadata.labels"),
    ...validateDeviceClaim(spec.devices, "spec.spec.devices", { isStored: old !== undefined }),
  ];
}
