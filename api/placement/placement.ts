// Binding many pods in one request: `POST /apis/placement.kctl.dev/v1/placements`. It is an action, stored nowhere, and beside
// Kubernetes' own binding subresource; both commit through the same transactions.

import type { Status } from "../meta/status.ts";

export const PLACEMENTS_PATH = "/apis/placement.kctl.dev/v1/placements";

export interface PlacementRequest {
  /** Incremental: every binding that can be made is made. AllOrNothing: all are made in one transaction, or none. */
  readonly mode: "Incremental" | "AllOrNothing";
  readonly bindings: readonly PlacementBinding[];
}

export interface PlacementBinding {
  readonly namespace: string;
  readonly name: string;
  /** The pod must have this uid. */
  readonly uid?: string;
  /** The name of the node. */
  readonly node: string;
}

export interface PlacementResponse {
  /** In the order of the request's bindings. */
  readonly results: readonly PlacementResult[];
}

export interface PlacementResult {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly bound: boolean;
  /** Why not. */
  readonly status?: Status;
}
