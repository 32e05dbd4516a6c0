// Binds many pods at once: POST /apis/placement.kctl.dev/v1/placements. Incremental placements bind all pods but those in
// conflict; all-or-nothing ones bind every pod in one transaction, or none.

import { pods } from "../../api/core/pod.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { PlacementBinding, PlacementRequest, PlacementResult } from "../../api/placement/placement.ts";
import { NoRoom } from "../allocation/allocations.ts";
import type { DataAnswer } from "../answer.ts";
import type { ApiRequest, VirtualRequest } from "../api-request.ts";
import { mergeDrafts, type Draft } from "../registry/draft.ts";
import { cachedView, liveView, type View } from "../registry/view.ts";
import { readBody } from "../request-body.ts";
import type { Server } from "../server.ts";
import { storageKey } from "../served-resource.ts";
import { Conflict } from "../storage/store.ts";
import { planBinding } from "./binding.ts";

/** etcd takes 128 operations in a transaction; one is left for a fence. */
const KEYS_PER_TRANSACTION = 126;
const ATTEMPTS_MAX = 12;
const BINDINGS_MAX = 5000;

export async function createPlacements(server: Server, request: VirtualRequest): Promise<DataAnswer> {
  const { mode, bindings } = readPlacements((await readBody(request.http)).value);
  const placement = new Placement(server, request, bindings);
  const results = mode === "AllOrNothing" ? await placement.bindAll() : await placement.bindEach();
  const data = { kind: "Placements", apiVersion: "placement.kctl.dev/v1", mode, results };
  return { kind: "data", status: 200, data };
}

/** Throws BadRequest that names what is wrong. Exported for its test. */
export function readPlacements(value: unknown): PlacementRequest {
  const { mode = "Incremental", bindings } = (value ?? {}) as Partial<Record<keyof PlacementRequest, unknown>>;
  if (mode !== "Incremental" && mode !== "AllOrNothing") {
    throw new StatusError("BadRequest", `mode: Unsupported value: ${JSON.stringify(mode)}`);
  }
  if (!Array.isArray(bindings) || bindings.length > BINDINGS_MAX) {
    throw new StatusError("BadRequest", `bindings: must be a list of at most ${BINDINGS_MAX} items`);
  }
  bindings.forEach((item: Partial<PlacementBinding> | null, index) => {
    for (const field of ["namespace", "name", "node"] as const) {
      if (typeof item?.[field] !== "string" || item[field] === "") {
        throw new StatusError("BadRequest", `bindings[${index}].${field}: Required value`);
      }
    }
  });
  return { mode, bindings: bindings as PlacementBinding[] };
}

interface Planned {
  readonly item: PlacementBinding;
  readonly draft: Draft;
}

class Placement {
  readonly #server: Server;
  readonly #request: VirtualRequest;
  readonly #items: readonly PlacementBinding[];
  readonly #failures = new Map<PlacementBinding, StatusError>();
  /** Pods that the cache has shown wrongly. */
  readonly #stale = new Set<string>();

  constructor(server: Server, request: VirtualRequest, items: readonly PlacementBinding[]) {
    this.#server = server;
    this.#request = request;
    this.#items = items;
  }

  async bindEach(): Promise<readonly PlacementResult[]> {
    for (const batch of batchesOf(this.#items)) await this.#commitBatch(batch);
    return this.#items.map((item) => this.#resultOf(item));
  }

  async bindAll(): Promise<readonly PlacementResult[]> {
    const [batch = [], ...more] = batchesOf(this.#items);
    if (more.length > 0) {
      const sentence = `an all-or-nothing placement is one transaction, which has room for ${KEYS_PER_TRANSACTION} pods and nodes together; place fewer pods at once`;
      throw new StatusError("RequestEntityTooLarge", sentence);
    }
    for (let attempts = 1; ; attempts += 1) {
      const planned = await this.#plan(batch);
      if (this.#failures.size > 0) break;
      try {
        if (planned.length > 0) await this.#server.allocations.commit(mergeDrafts(planned.map(({ draft }) => draft)));
        break;
      } catch (error) {
        if (error instanceof NoRoom) this.#failAll(batch, error);
        else this.#noteConflict(error, attempts);
        if (this.#failures.size > 0) break;
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
        const { refused } = await this.#server.allocations.commitParts(planned.map(({ draft }) => draft));
        planned.forEach(({ item }, index) => this.#note(item, refused.get(index)));
        return;
      } catch (error) {
        this.#noteConflict(error, attempts);
      }
    }
  }

  /** Plans each binding on its own; those that cannot be are noted as failures. */
  async #plan(batch: readonly PlacementBinding[]): Promise<Planned[]> {
    const planned: Planned[] = [];
    for (const item of batch) {
      if (this.#failures.has(item)) continue;
      try {
        const { draft } = await this.#planItem(item);
        if (draft) planned.push({ item, draft });
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

  #failAll(batch: readonly PlacementBinding[], refusal: NoRoom): void {
    const culprit = batch.find(({ node }) => node === refusal.node) ?? batch[0];
    if (culprit) this.#failures.set(culprit, refusal);
  }

  #failRest(): void {
    const sentence = "nothing was bound, because another binding of the same all-or-nothing placement has failed";
    for (const item of this.#items) {
      if (!this.#failures.has(item)) this.#failures.set(item, new StatusError("Conflict", sentence));
    }
  }

  #resultOf(item: PlacementBinding): PlacementResult {
    const { namespace, name, node } = item;
    const failure = this.#failures.get(item);
    return { namespace, name, node, bound: !failure, ...(failure && { status: failure.toStatus() }) };
  }
}

/** In order, each as large as one transaction takes: a key per pod, one per node. A pod named twice counts once per batch. */
export function batchesOf(items: readonly PlacementBinding[]): readonly (readonly PlacementBinding[])[] {
  const batches: PlacementBinding[][] = [];
  let batch: PlacementBinding[] = [];
  let keys = new Set<string>();
  for (const item of items) {
    const podKey = `pod ${item.namespace}/${item.name}`;
    const nodeKey = `node ${item.node}`;
    const size = keys.size + 1 + (keys.has(nodeKey) ? 0 : 1);
    if (batch.length > 0 && (size > KEYS_PER_TRANSACTION || keys.has(podKey))) {
      batches.push(batch);
      [batch, keys] = [[], new Set()];
    }
    batch.push(item);
    keys.add(podKey).add(nodeKey);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
