// Commits transactions together with the quotas that they are charged to: status.used of a quota is checked and raised in the
// transaction that stores the object, so that no two writers can use the same rest of it. The writes of a namespace that
// wait at the same time share one transaction, so that many at once cost little more than one.
// Bounds: one waiting entry a request; one remembered quota for each that has been charged since the cache last showed it.

import { applyCharge } from "../../api/core/quota-charge.ts";
import { resourceQuotas, type ResourceQuota } from "../../api/core/resource-quota.ts";
import type { ResourceTotals } from "../../api/core/resource-totals.ts";
import type { StatusError } from "../../api/meta/status.ts";
import type { Allocations } from "../allocation/allocations.ts";
import { mergeDrafts, type Draft } from "../registry/draft.ts";
import { decodeStored, encodeStored } from "../stored-object.ts";
import type { ResourceTable, ServedResource } from "../served-resource.ts";
import { atRevision, CachedEntry, type Entry } from "../storage/cache-entry.ts";
import { Conflict, type Revision, type Store } from "../storage/store.ts";
import { takeBatch } from "./take-batch.ts";

/** What a write takes of one quota. */
export interface ChargedQuota {
  /** The quota as the decision to charge it saw it. */
  readonly seen: Entry;
  /** May be nothing: the quota is written all the same, so that a count which is under way without the object fails. */
  readonly amounts: ResourceTotals;
  /** The error for a quota of which too little is left. */
  refuse(detail: string): StatusError;
}

/** A transaction that waits for its turn. */
interface Waiting {
  readonly draft: Draft;
  resolve(revision: Revision): void;
  reject(error: unknown): void;
}

interface LedgerOptions {
  readonly store: Store;
  readonly resources: ResourceTable;
  readonly allocations: Allocations;
}

export class QuotaLedger {
  readonly #options: LedgerOptions;
  /** The newest version of each quota that the cache does not show yet. */
  readonly #known = new Map<string, Entry>();
  /** Quotas that somebody has changed whom this ledger has not heard of: to be read from the store. */
  readonly #stale = new Set<string>();
  /** What waits, by namespace; a namespace has an entry while its transactions are being committed. */
  readonly #queues = new Map<string, Waiting[]>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  get #quotas(): ServedResource {
    return this.#options.resources.require(resourceQuotas);
  }

  /** Commits, or throws what a charge that does not fit says, NoRoom, or the store's Conflict when something else was changed. */
  commit(draft: Draft): Promise<Revision> {
    const [first] = draft.charges;
    if (!first) return this.#options.allocations.commit(draft);
    const namespace = first.seen.object.metadata.namespace ?? "";
    return new Promise<Revision>((resolve, reject) => {
      const waiting = { draft, resolve, reject };
      const queue = this.#queues.get(namespace);
      if (queue) queue.push(waiting);
      else void this.#serve(namespace, [waiting]);
    });
  }

  async #serve(namespace: string, queue: Waiting[]): Promise<void> {
    this.#queues.set(namespace, queue);
    while (queue.length > 0) {
      const batch = takeBatch(queue, ({ draft }) => draft);
      await this.#commitBatch(batch).catch((error: unknown) => batch.forEach(({ reject }) => reject(error)));
    }
    this.#queues.delete(namespace);
  }

  /** Settles each of the batch. Those that had no part in a conflict are committed without the others. */
  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    let left = batch;
    while (left.length > 0) {
      const { accepted, quotas } = await this.#charge(left);
      if (accepted.length === 0) return;
      try {
        const revision = await this.#options.allocations.commit(
          mergeDrafts([...accepted.map(({ draft }) => ({ ...draft, charges: [] })), this.#writesOf(quotas)]),
        );
        for (const { before, after } of quotas.values()) this.#remember(before.key, after, revision);
        for (const { resolve } of accepted) resolve(revision);
        return;
      } catch (error) {
        left = this.#withoutCulprits(accepted, error);
      }
    }
  }

  /** Refuses those of the batch that do not fit, each on what those before it have left. */
  async #charge(batch: readonly Waiting[]): Promise<{
    readonly accepted: readonly Waiting[];
    readonly quotas: ReadonlyMap<string, Charged>;
  }> {
    const quotas = new Map<string, Charged>();
    const accepted: Waiting[] = [];
    for (const waiting of batch) {
      for (const { seen } of waiting.draft.charges) {
        if (quotas.has(seen.key)) continue;
        const before = await this.#read(seen);
        if (before) quotas.set(seen.key, { before, after: before.object as ResourceQuota });
      }
      const refusal = chargeAll(quotas, waiting.draft.charges);
      if (refusal) waiting.reject(refusal);
      else accepted.push(waiting);
    }
    return { accepted, quotas };
  }

  /** The newest version that anybody here knows of. The check of its revision tells if another server knows a newer one. */
  async #read(seen: Entry): Promise<Entry | undefined> {
    const quotas = this.#quotas;
    const known = [seen, this.#known.get(seen.key), quotas.cache.get(seen.key)].filter((each) => each !== undefined);
    const newest = known.reduce((a, b) => (b.revision > a.revision ? b : a));
    if (!this.#stale.has(seen.key)) return newest;
    const stored = await this.#options.store.get(seen.key);
    this.#stale.delete(seen.key);
    this.#known.delete(seen.key);
    return stored && new CachedEntry(seen.key, decodeStored(quotas.resource.schema, stored), stored.revision);
  }

  #writesOf(quotas: ReadonlyMap<string, Charged>): Partial<Draft> {
    const changed = [...quotas.values()].filter(({ before, after }) => after !== before.object);
    return {
      checks: changed.map(({ before }) => ({ key: before.key, revision: before.revision })),
      writes: changed.map(({ before, after }) => {
        const { bytes, object } = encodeStored(after);
        this.#quotas.cache.expect(before.key, { bytes, object });
        return { key: before.key, value: bytes };
      }),
    };
  }

  #remember(key: string, quota: ResourceQuota, revision: Revision): void {
    for (const [known, { revision: at }] of this.#known) {
      if ((this.#quotas.cache.get(known)?.revision ?? 0) >= at) this.#known.delete(known);
    }
    this.#known.set(key, new CachedEntry(key, atRevision(quota, revision), revision));
  }

  /** Rejects those whose own checks have failed, or all if the failure is nobody's. The others are left. */
  #withoutCulprits(accepted: readonly Waiting[], error: unknown): readonly Waiting[] {
    if (error instanceof Conflict) {
      const { key } = error;
      if (accepted.some(({ draft }) => draft.charges.some(({ seen }) => seen.key === key))) {
        this.#stale.add(key);
        return accepted;
      }
      const isCulprit = ({ draft }: Waiting) => draft.checks.some((check) => check.key === key);
      for (const waiting of accepted) if (isCulprit(waiting)) waiting.reject(error);
      const left = accepted.filter((waiting) => !isCulprit(waiting));
      if (left.length < accepted.length) return left;
    }
    for (const { reject } of accepted) reject(error);
    return [];
  }
}

interface Charged {
  readonly before: Entry;
  readonly after: ResourceQuota;
}

/** Raises all quotas that are charged, or none and says why. A quota that is gone, or another one now, must be looked up anew. */
function chargeAll(quotas: Map<string, Charged>, charges: readonly ChargedQuota[]): Error | undefined {
  const raised = new Map<string, Charged>();
  for (const { seen, amounts, refuse } of charges) {
    const charged = raised.get(seen.key) ?? quotas.get(seen.key);
    if (charged?.after.metadata.uid !== seen.object.metadata.uid) return new Conflict(seen.key);
    const use = applyCharge(charged.after, amounts);
    if ("refusal" in use) return refuse(use.refusal);
    raised.set(seen.key, { ...charged, after: use.quota });
  }
  for (const [key, charged] of raised) quotas.set(key, charged);
  return undefined;
}
