// How claims count against resource quotas: by number and by the storage that they ask for, all together and by their class.

import { compareQuantities, parseQuantity, quantityOf, quantityValue, type Quantity } from "../meta/quantity.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { countResource, matchesNoScope, ONE, type QuotaEvaluator } from "./quota-evaluator.ts";
import type { ResourceTotals } from "./resource-totals.ts";

const COUNT = countResource({ group: "", plural: "persistentvolumeclaims" });
const CLAIMS = "persistentvolumeclaims";
const STORAGE = "requests.storage";
const BY_CLASS = ".storageclass.storage.k8s.io/";

export const claimQuota: QuotaEvaluator = {
  tracks: (resource) =>
    [COUNT, CLAIMS, STORAGE].includes(resource) || [CLAIMS, STORAGE].some((name) => resource.endsWith(BY_CLASS + name)),
  // A claim may grow.
  charges: ({ subresource }) => subresource === undefined,
  usageOf: (object) => claimUsage(object as PersistentVolumeClaim),
  matchesScope: matchesNoScope,
};

function claimUsage(claim: PersistentVolumeClaim): ResourceTotals {
  const usage = new Map<string, Quantity>([
    [COUNT, ONE],
    [CLAIMS, ONE],
  ]);
  const className = storageClassOf(claim);
  if (className) usage.set(className + BY_CLASS + CLAIMS, ONE);
  const storage = storageOf(claim);
  if (!storage) return usage;
  usage.set(STORAGE, storage);
  if (className) usage.set(className + BY_CLASS + STORAGE, storage);
  return usage;
}

/** What is asked for, or what the volume has grown to already if that is more; in whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const amounts = [spec.resources.requests?.storage, status.allocatedResources?.storage].filter(
    (text) => text !== undefined,
  );
  const [asked, allocated] = amounts.map((text) => inWholeBytes(parseQuantity(text)));
  return asked && allocated && compareQuantities(allocated, asked) > 0 ? allocated : asked;
}

function inWholeBytes(quantity: Quantity): Quantity {
  const rounded = quantityOf(BigInt(quantityValue(quantity)), quantity.format);
  return quantity.nanos % quantityOf(1).nanos === 0n ? quantity : rounded;
}

const CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class";

/** The name of the claim's storage class; an old annotation comes before the field. */
export const storageClassOf = ({ metadata, spec }: Pick<PersistentVolumeClaim, "metadata" | "spec">): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? "";

/** Whether the claim says which class it wants, even if that is none. */
export const saysStorageClass = ({ metadata, spec }: Pick<PersistentVolumeClaim, "metadata" | "spec">): boolean =>
  metadata.annotations?.[CLASS_ANNOTATION] !== undefined || spec.storageClassName !== undefined;
