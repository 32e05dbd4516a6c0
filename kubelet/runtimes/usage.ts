// What containers use of the machine, as a runtime measures it. Nothing is kept between measurements: rates are made by
// whoever asks, from two of them.

import type { ContainerId, SandboxId } from "./runtime.ts";

export interface Usage {
  /** Of all cores together, since the start. Never less than before, unless the container was started anew. */
  readonly cpuNanoseconds: number;
  /** What cannot be taken away without hurting: without files that are only kept for later. */
  readonly memoryBytes: number;
  /** Programs and their threads; absent where nobody counts them. */
  readonly processes?: number;
  /** Milliseconds since 1970. */
  readonly measuredAtMs: number;
}

/** Since the interface was made. */
export interface NetworkCounts {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** One interface of a sandbox's own network. */
export interface NetworkUsage {
  readonly name: string;
  readonly receive: NetworkCounts;
  readonly transmit: NetworkCounts;
}

export interface UsageMeter {
  /** Idempotent. Containers that do not run (any more), or cannot be measured, are missing from the answer. */
  measure(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, Usage>>;
  /** The bytes that containers have written outside of volumes, with their logs. Costs far more than measure(). */
  measureDisk(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, number>>;
  /** Absent where sandboxes have no network of their own. Sandboxes that cannot be measured are missing from the answer. */
  measureNetwork?(
    ids: readonly SandboxId[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<SandboxId, readonly NetworkUsage[]>>;
}
