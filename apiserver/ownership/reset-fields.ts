// Fields that a write cannot change, so that its writer does not own them either: the status through the object itself, and
// the spec through the status. Kinds that keep more back are listed here, as Kubernetes' strategies have it.

import type { ResourceDefinition } from "../../api/resource.ts";
import { type FieldSet, setOf } from "../../api/schema/field-set.ts";
import { fieldElement } from "../../api/schema/path-element.ts";

const paths = (...texts: readonly string[]): FieldSet | undefined =>
  setOf(texts.map((text) => text.split(".").map(fieldElement)));

const STATUS = paths("status");
const SPEC = paths("spec");
const SPEC_AND_METADATA = paths("spec", "metadata");

/** By `group/plural/subresource`. */
const SPECIAL: Readonly<Record<string, FieldSet | undefined>> = {
  "/pods/status": paths("spec", "metadata.deletionTimestamp", "metadata.ownerReferences"),
  "/pods/resize": paths("status", "metadata.deletionTimestamp", "metadata.ownerReferences"),
  "apps/deployments/status": paths("spec", "metadata.labels"),
  "apiextensions.k8s.io/customresourcedefinitions/status": SPEC_AND_METADATA,
  "certificates.k8s.io/certificatesigningrequests/status": paths("spec", "status.conditions"),
  "certificates.k8s.io/certificatesigningrequests/approval": paths("spec", "status.certificate"),
  "flowcontrol.apiserver.k8s.io/flowschemas/status": SPEC_AND_METADATA,
  "flowcontrol.apiserver.k8s.io/prioritylevelconfigurations/status": SPEC_AND_METADATA,
  "storage.k8s.io/volumeattachments/status": SPEC_AND_METADATA,
};

/** undefined: a write through this subresource, or to the object itself, can change everything. */
export function resetFields(
  { group, plural, subresources = [] }: Pick<ResourceDefinition, "group" | "plural" | "subresources">,
  subresource: string | undefined,
): FieldSet | undefined {
  const special = `${group}/${plural}/${subresource ?? ""}`;
  if (special in SPECIAL) return SPECIAL[special];
  if (subresource === "status") return SPEC;
  return subresources.includes("status") ? STATUS : undefined;
}
