// Binds many pods at once: POST /apis/placement.kctl.dev/v1/placements. Incremental placements bind all pods but those in
// conflict; all-or-nothing ones bind every pod in one transaction, or none.

import { pods } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { PlacementBinding, PlacementRequest, PlacementResult } from "../../api/placement/placement.ts";
import { outcomeOf } from "../allocation/placement-metrics.ts";
import type { DataAnswer } from "../answer.ts";
import type { ApiRequest, VirtualRequest } from "../api-request.ts";
import type { Draft } from "../registry/draft.ts";
import { cachedView, liveView, type View } from "../registry/view.ts";
import { readBody } from "../request-body.ts";
import type { Server } from "../server.ts";
import { storageKey } from "../served-resource.ts";
import { Conflict, TooLarge, type Revision } from "../storage/store.ts";
import { planBinding, schedulerOf } from "./binding.ts";
import { readPlacements } from "./read-placements.ts";

/** So that etcd takes it as it is, with one more for a fence. */
const KEYS_PER_TRANSACTION = 126;
const ATTEMPTS_MAX = 12;

export async function createPlacements(server: Server, request: VirtualRequest): Promise<DataAnswer> {
  const sent = readPlacements((await readBody(request.http)).value);
  const { mode } = sent;
  const placement = new Placement(server, request, sent);
  const results = mode === "AllOrNothing" ? await placement.bindAll() : await placement.bindEach();
  placement.count();
  const data = { kind: "Placements", apiVersion: "placement.kctl.dev/v1", mode, results };
  return { kind: "data", status: 200, data };
}

interface Planned {
  readonly item: PlacementBinding;
  readonly draft: Draft;
  readonly generation?: Revision;
}

class Placement {
  readonly #server: Server;
  readonly #request: VirtualRequest;
  readonly #items: readonly PlacementBinding[];
  readonly #scheduler: string | undefined;
  readonly #failures = new Map<PlacementBinding, StatusError>();
  readonly #abandoned = new Set<PlacementBinding>();
  /** What is known of the generation of each node's allocation. */
  readonly #generations = new Map<string, Revision>();
  /** The generations that this request has brought itself: `node@before` → after. */
  readonly #advanced = new Map<string, Revision>();
  /** Pods that the cache has shown wrongly. */
  readonly #stale = new Set<string>();

  constructor(server: Server, request: VirtualRequest, { bindings, scheduler }: PlacementRequest) {
    this.#server = server;
    this.#request = request;
    this.#items = bindings;
    this.#scheduler = scheduler;
  }

  async bindEach(): Promise<readonly PlacementResult[]> {
    for (const batch of batchesOf(this.#items)) await this.#commitBatch(batch);
    return this.#items.map((item) => this.#resultOf(item));
  }

  /** In one transaction, however large: what the store can take is for it to say. */
  async bindAll(): Promise<readonly PlacementResult[]> {
    refuseRepeats(this.#items);
    for (let attempts = 1; ; attempts += 1) {
      const planned = await this.#plan(this.#items);
      if (this.#failures.size > 0) break;
      try {
        if (planned.length > 0) await this.#commit(planned, "all");
        break;
      } catch (error) {
        if (error instanceof TooLarge) throw tooManyAtOnce(error);
        this.#noteConflict(error, attempts);
      }
    }
    if (this.#failures.size > 0) this.#failRest();
    return this.#items.map((item) => this.#resultOf(item));
  }

  async #commitBatch(batch: readonly PlacementBinding[]): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      const planned = (await this.#plan(batch)).filter(({ item }) => !this.#failures.has(item));
      if (planned.length === 0) return;
      try {
        return await this.#commit(planned, "each");
      } catch (error) {
        this.#noteConflict(error, attempts);
      }
    }
  }

  /** Tells the figures what became of each binding. */
  count(): void {
    for (const item of this.#items) {
      const outcome = this.#abandoned.has(item) ? "abandoned" : outcomeOf(this.#failures.get(item));
      this.#server.placementMetrics.count(this.#scheduler ?? schedulerOf(this.#server, item), outcome);
    }
  }

  async #commit(planned: readonly Planned[], mode: "each" | "all"): Promise<void> {
    const drafts = planned.map(({ draft }) => draft);
    const { refused, generations } = await this.#server.allocations.commitParts(drafts, mode);
    planned.forEach(({ item, generation }, index) => {
      const refusal = refused.get(index);
      const after = generations.get(item.node) ?? 0;
      this.#note(item, refusal);
      this.#generations.set(item.node, after);
      if (!refusal && generation !== undefined) this.#advanced.set(`${item.node}@${item.generation}`, after);
    });
  }

  /** Plans each binding on its own; those that cannot be are noted as failures. */
  async #plan(batch: readonly PlacementBinding[]): Promise<Planned[]> {
    const planned: Planned[] = [];
    for (const item of batch) {
      if (this.#failures.has(item)) continue;
      try {
        const { draft } = await this.#planItem(item);
        const generation = this.#advanced.get(`${item.node}@${item.generation}`) ?? item.generation;
        if (draft) planned.push({ item, draft: expecting(draft, item.node, generation), generation });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        this.#note(item, error);
      }
    }
    return planned;
  }

  async #planItem(item: PlacementBinding): Promise<{ readonly draft?: Draft }> {
    const { namespace, name } = item;
    const served = this.#server.resources.require(pods);
    const key = storageKey(served, item);
    const request: ApiRequest = {
      ...this.#request,
      served,
      version: pods,
      namespace,
      name,
      subresource: "binding",
      warnings: [],
    };
    const plan = (view: View) => planBinding(this.#server, request, { ...item, view });
    if (this.#stale.has(key)) return plan(liveView(this.#server.store));
    try {
      return await plan(cachedView);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      // The refusal rests on what the cache shows.
      this.#stale.add(key);
      return plan(liveView(this.#server.store));
    }
  }

  /** Another writer was first: its object is read anew. Throws what is no Conflict, and when it happens too often. */
  #noteConflict(error: unknown, attempts: number): void {
    if (!(error instanceof Conflict) || attempts >= ATTEMPTS_MAX) throw error;
    const served = this.#server.resources.require(pods);
    if (error.key.startsWith(served.prefix)) this.#stale.add(error.key);
    else for (const item of this.#items) this.#stale.add(storageKey(served, item));
  }

  #note(item: PlacementBinding, failure: StatusError | undefined): void {
    if (failure) this.#failures.set(item, failure);
  }

  #failRest(): void {
    const sentence = "nothing was bound, because another binding of the same all-or-nothing placement has failed";
    for (const item of this.#items) {
      if (this.#failures.has(item)) continue;
      this.#failures.set(item, new StatusError("Conflict", sentence));
      this.#abandoned.add(item);
    }
  }

  #resultOf(item: PlacementBinding): PlacementResult {
    const { namespace, name, node } = item;
    const failure = this.#failures.get(item);
    const generation = this.#generations.get(node);
    return {
      namespace,
      name,
      node,
      bound: !failure,
      ...(failure && { status: failure.toStatus() }),
      ...(generation !== undefined && { generation }),
    };
  }
}

/** The draft with the condition that nothing else has changed the node's allocation since. */
function expecting(draft: Draft, node: string, generation: Revision | undefined): Draft {
  if (generation === undefined) return draft;
  return {
    ...draft,
    allocations: draft.allocations.map((each) => (each.node === node ? { ...each, generation } : each)),
  };
}

function tooManyAtOnce({ message }: TooLarge): StatusError {
  const sentence = `an all-or-nothing placement is one transaction, and this one is more than the store can take: ${message}; place fewer pods at once`;
  return new StatusError("RequestEntityTooLarge", sentence);
}

/** A pod that is named twice cannot be bound twice: in one transaction that would be a contradiction. */
function refuseRepeats(items: readonly PlacementBinding[]): void {
  const seen = new Set<string>();
  items.forEach(({ namespace, name }, index) => {
    const key = `${namespace}/${name}`;
    if (seen.has(key)) throw new StatusError("BadRequest", `bindings[${index}]: Duplicate value: "${key}"`);
    seen.add(key);
  });
}

/** In order, each as large as one transaction takes: a key per pod, one per node, one per namespace. A pod named twice counts once per batch. */
export function batchesOf(items: readonly PlacementBinding[]): readonly (readonly PlacementBinding[])[] {
  const batches: PlacementBinding[][] = [];
  let batch: PlacementBinding[] = [];
  let keys = new Set<string>();
  for (const item of items) {
    const podKey = `pod ${item.namespace}/${item.name}`;
    const shared = [`node ${item.node}`, `namespace ${item.namespace}`];
    const size = keys.size + 1 + shared.filter((key) => !keys.has(key)).length;
    if (batch.length > 0 && (size > KEYS_PER_TRANSACTION || keys.has(podKey))) {
      batches.push(batch);
      [batch, keys] = [[], new Set()];
    }
    batch.push(item);
    for (const key of [podKey, ...shared]) keys.add(key);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
