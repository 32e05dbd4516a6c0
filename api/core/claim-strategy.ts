// What the server decides about a claim on each write. What a volume starts with can be said in an older field and in a newer
// one: whichever the client used, both say the same afterwards.

import type { PersistentVolumeClaimSpec } from "./claim-spec.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { definedFields } from "../meta/defined-fields.ts";

export function prepareClaim(claim: PersistentVolumeClaim, old?: PersistentVolumeClaim): PersistentVolumeClaim {
  const status = old?.status ?? { phase: "Pending" };
  return { ...claim, status, spec: withBothSources(dropForeign(claim.spec, old?.spec)) };
}

/** Fills in the field that is missing of the two. */
export function withBothSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource && !dataSourceRef) return { ...spec, dataSourceRef: dataSource };
  if (!dataSourceRef || dataSource || dataSourceRef.namespace) return spec;
  return { ...spec, dataSource: definedFields({ ...dataSourceRef, namespace: undefined }) };
}

/**
 * The older field ignores what it does not know, so that old clients go on working; the newer one refuses it. Sources in other
 * namespaces would need a permission that nothing here can check.
 */
function dropForeign(spec: PersistentVolumeClaimSpec, old?: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  const isKnown = old?.dataSource !== undefined || !dataSource || isClaimOrSnapshot(dataSource);
  const known = isKnown ? spec : definedFields({ ...spec, dataSource: undefined });
  if (dataSourceRef?.namespace === undefined || old?.dataSourceRef?.namespace !== undefined) return known;
  return { ...known, dataSourceRef: definedFields({ ...dataSourceRef, namespace: undefined }) };
}

const isClaimOrSnapshot = ({ kind, apiGroup = "" }: NonNullable<PersistentVolumeClaimSpec["dataSource"]>) =>
  (kind === "PersistentVolumeClaim" && apiGroup === "") ||
  (kind === "VolumeSnapshot" && apiGroup === "snapshot.storage.k8s.io");
