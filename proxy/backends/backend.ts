// What programs a service table into something that moves packets.

import type { ServiceName, ServiceTable } from "../service-table.ts";

export interface ProxyBackend {
  readonly name: string;
  /**
   * Makes the table hold, whatever held before; idempotent. Existing connections live on. Resolves with what could not be
   * programmed, service by service; rejects when nothing could be, and the caller tries again.
   */
  sync(table: ServiceTable, signal: AbortSignal): Promise<readonly SyncProblem[]>;
  /** Yields who it was whenever somebody else changed what was programmed: the caller then syncs again. Ends with `signal`. */
  disturbances(signal: AbortSignal): AsyncIterable<string>;
  /** Frees what lives in this process; what the kernel holds stays, so that services go on without a proxy. Idempotent. */
  close(): Promise<void>;
  /** Removes everything that was programmed. Idempotent. */
  cleanup(): Promise<void>;
}

export interface SyncProblem {
  readonly service: ServiceName;
  /** One sentence for people. */
  readonly message: string;
}
