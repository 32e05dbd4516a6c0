// Quotas by band. What the quotas of the promised bands (production and above) grant in the whole cluster can be no more than
// its nodes have, at the moment when a quota is made or raised; those of the lower bands may add up to anything. A record that
// each such write changes makes two writers at a time impossible, so that they cannot both use the same rest.

import { resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import { podQuota } from "../../api/core/pod-quota.ts";
import { resourceQuotas, type ResourceQuota } from "../../api/core/resource-quota.ts";
import { BAND_LABEL, isPromised, rangeOf, unknownBand } from "../../api/kctl-scheduling/bands.ts";
import { invalid } from "../../api/meta/status.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { invalidField, type FieldError } from "../../api/schema/field-error.ts";
import { ALLOCATIONS_PREFIX, decodeRecord } from "../allocation/allocations.ts";
import type { Draft } from "../registry/draft.ts";
import { storagePrefix } from "../served-resource.ts";
import { decodeStored } from "../stored-object.ts";
import type { Store } from "../storage/store.ts";
import type { KindRules } from "./kind-rules.ts";

const PROMISES_KEY = "/gantry/promised-quotas";

export const resourceQuotaRules = (store: Store): KindRules => ({
  returnsDeleted: true,
  accompany: ({ old, object }) => {
    const [before, after] = [old?.object as ResourceQuota | undefined, object as ResourceQuota | undefined];
    const isSame = semanticEqual(before?.spec.hard, after?.spec.hard) && bandLabelOf(before) === bandLabelOf(after);
    return after && !isSame ? checkBand(store, before, after) : {};
  },
});

const bandLabelOf = (quota: ResourceQuota | undefined) => quota?.metadata.labels?.[BAND_LABEL];

async function checkBand(
  store: Store,
  before: ResourceQuota | undefined,
  after: ResourceQuota,
): Promise<Partial<Draft>> {
  const errors = bandProblems(before, after);
  if (errors.length > 0) throw invalid(resourceQuotas, after.metadata.name, errors);
  const band = rangeOf(bandLabelOf(after))?.band;
  return isPromised(band) ? reservePromise(store, after) : {};
}

function bandProblems(before: ResourceQuota | undefined, after: ResourceQuota): readonly FieldError[] {
  const band = bandLabelOf(after);
  if (before && bandLabelOf(before) !== band) {
    return [invalidField(`metadata.labels[${BAND_LABEL}]`, band ?? null, "field is immutable: make another quota")];
  }
  if (band === undefined) return [];
  if (!rangeOf(band)) return [unknownBand(BAND_LABEL, band)];
  return Object.keys(after.spec.hard ?? {}).flatMap((resource) =>
    podQuota.tracks(resource)
      ? []
      : [invalidField(`spec.hard[${resource}]`, after.spec.hard?.[resource], "a quota of a band is about pods only")],
  );
}

/** The record is read first: whoever changes a quota after that changes it, and its check then fails. */
async function reservePromise(store: Store, quota: ResourceQuota): Promise<Partial<Draft>> {
  const record = await store.get(PROMISES_KEY);
  const { items } = await store.list(storagePrefix(resourceQuotas));
  const others = items
    .map((stored) => decodeStored(resourceQuotas.schema, stored) as ResourceQuota)
    .filter(({ metadata }) => metadata.uid !== quota.metadata.uid)
    .filter((each) => isPromised(rangeOf(bandLabelOf(each))?.band));
  const errors = excessOf(quota, sum(others.map(promiseOf)), await capacityOf(store));
  if (errors.length > 0) throw invalid(resourceQuotas, quota.metadata.name, errors);
  return {
    checks: [{ key: PROMISES_KEY, revision: record?.revision ?? 0 }],
    writes: [{ key: PROMISES_KEY, value: Buffer.from(JSON.stringify({ last: quota.metadata.uid })) }],
  };
}

async function capacityOf(store: Store): Promise<ResourceAmounts> {
  const { items } = await store.list(ALLOCATIONS_PREFIX);
  return sum(items.map(({ value }) => decodeRecord(value).allocatable ?? {}));
}

/** What a quota promises of what nodes have; limits are no promise. Of two names for one resource the larger amount counts. */
export function promiseOf({ spec }: ResourceQuota): ResourceAmounts {
  const promised: Record<string, number> = {};
  for (const [name, amount] of Object.entries(spec.hard ?? {})) {
    const resource = nodeResourceOf(name);
    if (resource === undefined) continue;
    const value = resourceAmounts({ [resource]: amount })[resource] ?? 0;
    promised[resource] = Math.max(promised[resource] ?? 0, value);
  }
  return promised;
}

function nodeResourceOf(name: string): string | undefined {
  if (name === "count/pods") return "pods";
  if (name.startsWith("limits.") || name.startsWith("count/")) return undefined;
  return name.startsWith("requests.") ? name.slice("requests.".length) : name;
}

function excessOf(quota: ResourceQuota, others: ResourceAmounts, capacity: ResourceAmounts): readonly FieldError[] {
  const promised = promiseOf(quota);
  return Object.entries(quota.spec.hard ?? {}).flatMap(([name, amount]) => {
    const resource = nodeResourceOf(name);
    if (resource === undefined) return [];
    const [own, taken, total] = [promised, others, capacity].map((each) => each[resource] ?? 0) as [
      number,
      number,
      number,
    ];
    if (own + taken <= total) return [];
    const unit = resource === "cpu" ? "m" : "";
    const detail = `quotas of the production and monitoring bands cannot exceed what the cluster has: others have ${taken}${unit} of its ${total}${unit}`;
    return [invalidField(`spec.hard[${name}]`, amount, detail)];
  });
}

function sum(amounts: readonly ResourceAmounts[]): ResourceAmounts {
  const total: Record<string, number> = {};
  for (const each of amounts) {
    for (const [resource, amount] of Object.entries(each)) total[resource] = (total[resource] ?? 0) + amount;
  }
  return total;
}
