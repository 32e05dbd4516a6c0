// What the userspace proxy opens for each address and port that a service has.

import type { Target } from "../service-table.ts";

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

export interface PlaceTargets {
  readonly endpoints: readonly Target[];
  /** A client keeps its endpoint for this long after its last connection. */
  readonly affinitySeconds?: number;
}

export interface PlaceListener {
  /** Rejects where the address cannot be listened at. */
  listen(address: ListenAddress): Promise<void>;
  /** For what comes from now on. */
  update(targets: PlaceTargets): void;
  /** Ends what is open. */
  close(): Promise<void>;
}
