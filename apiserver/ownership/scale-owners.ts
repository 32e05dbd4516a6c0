// The owners of a workload's replicas as the owners of its Scale, and back: the subresource is an object of another kind,
// and its writers own one field of the workload.

import { difference, has, setOf } from "../../api/schema/field-set.ts";
import { ownerOf, sortOwners, withFields, type Owner, type Owners } from "./owners.ts";

const REPLICAS_PATH = ["f:spec", "f:replicas"];
/** The same path in the workload and in its Scale. */
const REPLICAS = setOf([REPLICAS_PATH]);

export const SCALE_VERSION = "autoscaling/v1";

export function ownersOfScale(owners: Owners): Owners {
  return owners.flatMap((owner) =>
    REPLICAS && has(owner.fieldsV1, REPLICAS_PATH)
      ? [ownerOf({ ...owner, apiVersion: SCALE_VERSION }, REPLICAS, owner.time)]
      : [],
  );
}

/** The workload's owners, given those of its Scale after a write. */
export function ownersOfWorkload(owners: Owners, scale: Owners, apiVersion: string): Owners {
  const holders = scale.filter(({ fieldsV1 }) => has(fieldsV1, REPLICAS_PATH));
  const kept = owners.flatMap((owner): Owners => {
    if (!has(owner.fieldsV1, REPLICAS_PATH)) return [owner];
    const holder = holders.find((each) => isSameWriter(each, owner));
    if (holder) return [holder.time === owner.time ? owner : ownerOf(owner, owner.fieldsV1, holder.time)];
    return [withFields(owner, difference(owner.fieldsV1, REPLICAS)) ?? []].flat();
  });
  const isNew = (holder: Owner) =>
    !owners.some((owner) => isSameWriter(holder, owner) && has(owner.fieldsV1, REPLICAS_PATH));
  const added = holders
    .filter(isNew)
    .flatMap((holder) => (REPLICAS ? [ownerOf({ ...holder, apiVersion }, REPLICAS, holder.time)] : []));
  if (added.length === 0 && kept.length === owners.length && kept.every((owner, index) => owner === owners[index])) {
    return owners;
  }
  const isReplaced = (owner: Owner) => added.some((each) => isSameWriter(each, owner));
  return sortOwners([...kept.filter((owner) => !isReplaced(owner)), ...added]);
}

const isSameWriter = (a: Owner, b: Owner): boolean =>
  a.manager === b.manager && a.operation === b.operation && (a.subresource ?? "") === (b.subresource ?? "");
