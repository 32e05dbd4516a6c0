// Creates objects, many in one request: while requests are on their way, the next objects gather, so that batches grow with the
// load and a single object waits for nobody. A server without the bulk form gets them one by one.

import { CREATIONS_PATH, type CreationResponse } from "../api/bulk/creation.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import { hasReason, isNotFound, statusErrorOf } from "../api/meta/status.ts";
import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";
import { errorMessage } from "../lib/error-message.ts";
import { objectRequestBody } from "../lib/http.ts";
import type { Client } from "./client.ts";
import { readAnswer } from "./response-body.ts";

interface Waiting {
  readonly object: NewObject<KubeObject>;
  settle(error: unknown): void;
}

const BATCH_LENGTH_MAX = 100;
const REQUESTS_MAX = 2;

/** For objects of one kind. */
export class BulkCreator<T extends KubeObject> {
  readonly #client: Client;
  readonly #resource: ResourceDefinition<T>;
  readonly #signal: AbortSignal;
  readonly #waiting: Waiting[] = [];
  #requests = 0;
  #isScheduled = false;
  #bulk = true;

  /** Requests in flight end when `signal` is aborted. */
  constructor(client: Client, resource: ResourceDefinition<T>, signal: AbortSignal) {
    this.#client = client;
    this.#resource = resource;
    this.#signal = signal;
  }

  /** Resolves when the object is stored. Rejects as `Client.create` does; a lost answer is an error, the object may be stored. */
  create(object: NewObject<T>): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown) => {
        if (error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error(errorMessage(error)));
      };
      this.#waiting.push({ object, settle });
      // Those of the same turn leave together.
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      queueMicrotask(() => {
        this.#isScheduled = false;
        this.#send();
      });
    });
  }

  #send(): void {
    while (this.#waiting.length > 0 && this.#requests < REQUESTS_MAX) {
      const batch = this.#waiting.splice(0, BATCH_LENGTH_MAX);
      this.#requests++;
      void this.#createAll(batch).finally(() => {
        this.#requests--;
        this.#send();
      });
    }
  }

  /** Never rejects. */
  async #createAll(batch: readonly Waiting[]): Promise<void> {
    const [first, ...others] = batch;
    if (first && others.length === 0) return this.#createOne(first);
    try {
      if (this.#bulk) return await this.#createTogether(batch);
    } catch (error) {
      // kube-apiserver forbids most users what it does not know, before it says that there is no such thing.
      if (!isNotFound(error) && !hasReason(error, "Forbidden")) return batch.forEach(({ settle }) => settle(error));
      this.#bulk = false;
    }
    await Promise.all(batch.map((waiting) => this.#createOne(waiting)));
  }

  async #createTogether(batch: readonly Waiting[]): Promise<void> {
    const { kind } = this.#resource;
    const items = batch.map(({ object }) => ({ ...object, apiVersion: apiVersionOf(this.#resource), kind }));
    const response = await this.#client.raw({
      method: "POST",
      path: CREATIONS_PATH,
      headers: { accept: "application/json", "content-type": "application/json" },
      body: objectRequestBody({ items }),
      signal: this.#signal,
    });
    const { results } = (await readAnswer(response)) as CreationResponse;
    batch.forEach(({ settle }, index) => {
      const result = results[index];
      if (result) settle(result.status && statusErrorOf(result.status));
      else settle(new Error("the server has left out what became of an object"));
    });
  }

  async #createOne({ object, settle }: Waiting): Promise<void> {
    try {
      await this.#client.create(this.#resource, object as NewObject<T>, { signal: this.#signal });
      settle(undefined);
    } catch (error) {
      settle(error);
    }
  }
}
