// Writes the status of queues and pod groups: a little after something has changed, so that many changes cost one write, and only
// where the status says something else by then.

import type { KubeObject } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { isConflict, isNotFound } from "../../api/meta/status.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Client } from "../../client/client.ts";
import { backoffDelayMs, type Backoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

export interface StatusWriterOptions<T extends KubeObject> {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly resource: ResourceDefinition<T>;
  /** The newest known version; undefined: it is gone. */
  find(key: string): T | undefined;
  plan(object: T): unknown;
}

type WithStatus<T> = T & { readonly status?: unknown };

const GATHER_MS = 20;
const RETRY: Backoff = { initialMs: 200, maxMs: 10_000 };

/** Bound: an entry for each object whose status may have to be written. */
export class StatusWriter<T extends KubeObject> {
  readonly #options: StatusWriterOptions<T>;
  readonly #due = new Set<string>();
  #failures = 0;
  #cancelTimer: (() => void) | undefined;
  #isWriting = false;
  #isStopped = false;

  constructor(options: StatusWriterOptions<T>) {
    this.#options = options;
  }

  /** What the status of the object has to say may have changed. */
  touch(key: string): void {
    this.#due.add(key);
    this.#schedule(GATHER_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped || this.#isWriting || this.#cancelTimer) return;
    this.#cancelTimer = this.#options.clock.setTimer(delayMs, () => void this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    this.#cancelTimer = undefined;
    this.#isWriting = true;
    const due = [...this.#due];
    this.#due.clear();
    const failed = this.#failures;
    for (const key of due) if (!this.#isStopped) await this.#write(key);
    this.#isWriting = false;
    if (this.#failures === failed) this.#failures = 0;
    if (this.#due.size > 0) this.#schedule(this.#failures > 0 ? backoffDelayMs(RETRY, this.#failures) : GATHER_MS);
  }

  async #write(key: string): Promise<void> {
    const { client, log, resource, find, plan } = this.#options;
    const object: WithStatus<T> | undefined = find(key);
    if (!object) return;
    const status = plan(object);
    if (semanticEqual(status, object.status)) return;
    try {
      await client.update(resource, { ...object, status }, { subresource: "status" });
    } catch (error) {
      if (isNotFound(error) || this.#isStopped) return;
      this.#failures++;
      this.#due.add(key);
      if (!isConflict(error))
        log.warn("Writing a status failed; it is tried again", { kind: resource.kind, key, error });
    }
  }
}
