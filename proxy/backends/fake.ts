// A backend that only remembers: for tests and for clusters without a network.

import type { ServiceTable } from "../service-table.ts";
import type { ProxyBackend, SyncProblem } from "./backend.ts";

export class FakeBackend implements ProxyBackend {
  readonly name = "fake";
  /** What was synced last; undefined before the first sync and after cleanup. */
  table: ServiceTable | undefined;
  #disturb: (() => void) | undefined;

  sync(table: ServiceTable): Promise<readonly SyncProblem[]> {
    this.table = table;
    return Promise.resolve([]);
  }

  /** Loses the table, as if somebody had flushed it. */
  flush(): void {
    this.table = undefined;
    this.#disturb?.();
  }

  async *disturbances(signal: AbortSignal): AsyncIterable<string> {
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#disturb = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      if (!signal.aborted) yield "a test";
    }
  }

  close(): Promise<void> {
    return this.cleanup();
  }

  cleanup(): Promise<void> {
    this.table = undefined;
    return Promise.resolve();
  }
}
