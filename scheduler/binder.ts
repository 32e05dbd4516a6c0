// Sends bindings to the API server, many in one request. While requests are on their way, the next bindings gather, so that
// batches grow with the load and a single pod waits for nobody. Those that belong together go in one request of their own, which
// the server makes one transaction. A server without the bulk form gets bindings one by one.

import { pods } from "../api/core/pod.ts";
import { hasReason, isNotFound, statusErrorOf } from "../api/meta/status.ts";
import {
  PLACEMENTS_PATH,
  type PlacementBinding,
  type PlacementRequest,
  type PlacementResponse,
} from "../api/placement/placement.ts";
import type { Client } from "../client/client.ts";
import { readAnswer } from "../client/response-body.ts";
import { objectRequestBody } from "../lib/http.ts";
import { nextTurn } from "../lib/next-turn.ts";

export interface BinderOptions<B extends PlacementBinding> {
  readonly client: Client;
  /** The name under which the bindings are counted; that of each pod's scheduler unless given. */
  readonly placesAs?: string;
  /** Called once for each binding; `error` undefined: it was made. A lost answer is an error, the binding may be made. */
  readonly onResult: (binding: B, error: unknown) => void;
}

const BATCH_LENGTH_MAX = 50;
const REQUESTS_MAX = 4;
/** Bindings decided and not answered yet; the scheduler pauses there. */
const PENDING_MAX = 1000;

export class Binder<B extends PlacementBinding> {
  readonly #options: BinderOptions<B>;
  readonly #waiting: B[] = [];
  /** Each is made whole or not at all. */
  readonly #groups: (readonly B[])[] = [];
  readonly #requests = new Set<Promise<void>>();
  #pending = 0;
  #bulk = true;

  constructor(options: BinderOptions<B>) {
    this.#options = options;
  }

  /** Bindings that have no answer yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Sends the binding as soon as a request is free. */
  add(binding: B): void {
    this.#pending++;
    this.#waiting.push(binding);
    // The bindings decided in the same turn leave together.
    if (this.#waiting.length === 1) queueMicrotask(() => this.#send());
  }

  /** As `add`: either all of them are made, in one transaction, or none. */
  addTogether(bindings: readonly B[]): void {
    this.#pending += bindings.length;
    this.#groups.push(bindings);
    if (this.#groups.length === 1) queueMicrotask(() => this.#send());
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#pending >= PENDING_MAX) {
      this.#send();
      await Promise.race(this.#requests);
    }
  }

  /** Resolves when everything has been answered. */
  async drained(): Promise<void> {
    while (this.#pending > 0) {
      this.#send();
      await Promise.all(this.#requests);
    }
  }

  #send(): void {
    while (this.#groups.length + this.#waiting.length > 0 && this.#requests.size < REQUESTS_MAX) {
      const group = this.#groups.shift();
      const bound = group ? this.#bindGroup(group) : this.#bind(this.#waiting.splice(0, BATCH_LENGTH_MAX));
      const request: Promise<void> = bound.finally(async () => {
        // A server in the same process answers without ever letting go: timers and sockets would wait for all batches.
        await nextTurn();
        this.#requests.delete(request);
        this.#send();
      });
      this.#requests.add(request);
    }
  }

  async #bind(batch: readonly B[]): Promise<void> {
    this.#report(batch, await this.#errorsOf(batch));
  }

  /** A server that cannot bind pods together binds none of them. */
  async #bindGroup(group: readonly B[]): Promise<void> {
    const errors = await this.#bindAll(group, "AllOrNothing").catch((error: unknown) => group.map(() => error));
    this.#report(group, errors);
  }

  #report(batch: readonly B[], errors: readonly unknown[]): void {
    batch.forEach((binding, index) => {
      this.#pending--;
      this.#options.onResult(binding, errors[index]);
    });
  }

  async #errorsOf(batch: readonly B[]): Promise<readonly unknown[]> {
    try {
      if (this.#bulk) return await this.#bindAll(batch, "Incremental");
    } catch (error) {
      // kube-apiserver forbids its own scheduler what it does not know, before it says that there is no such thing.
      if (!isNotFound(error) && !hasReason(error, "Forbidden")) return batch.map(() => error);
      this.#bulk = false;
    }
    return Promise.all(batch.map((binding) => this.#bindOne(binding)));
  }

  async #bindAll(batch: readonly B[], mode: PlacementRequest["mode"]): Promise<readonly unknown[]> {
    const bindings = batch.map(({ namespace, name, uid, node }) => ({ namespace, name, uid, node }));
    const { client, placesAs: scheduler } = this.#options;
    const response = await client.raw({
      method: "POST",
      path: PLACEMENTS_PATH,
      headers: { accept: "application/json", "content-type": "application/json" },
      body: objectRequestBody({ mode, bindings, ...(scheduler && { scheduler }) }),
    });
    const { results } = (await readAnswer(response)) as PlacementResponse;
    return results.map(({ status }) => status && statusErrorOf(status));
  }

  async #bindOne({ namespace, name, uid, node }: B): Promise<unknown> {
    const body = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { namespace, name, uid },
      target: { apiVersion: "v1", kind: "Node", name: node },
    };
    try {
      await this.#options.client.createSubresource(pods, { namespace, name, subresource: "binding" }, body);
      return undefined;
    } catch (error) {
      return error;
    }
  }
}
