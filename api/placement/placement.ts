// Binding many pods in one request: `POST /apis/placement.kctl.dev/v1/placements`. It is an action, stored nowhere, and beside
// Kubernetes' own binding subresource; both commit through the same transactions.

import { kubeObject } from "../meta/object.ts";
import type { Status } from "../meta/status.ts";
import type { ResourceDefinition } from "../resource.ts";
import { any, boolean, list, object, optional, required, string } from "../schema/schema.ts";

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

const names = {
  namespace: required(1, string(), "The pod's namespace."),
  name: required(2, string(), "The pod's name."),
  node: required(3, string(), "The node that the pod is to run on."),
};

const placementBinding = object("dev.kctl.placement.v1.PlacementBinding", "One pod that is to be bound.", {
  ...names,
  uid: optional(4, string(), "The uid that the pod must have; any unless given."),
});

const placementResult = object("dev.kctl.placement.v1.PlacementResult", "What became of one binding.", {
  ...names,
  bound: required(4, boolean(), "Whether the pod was bound."),
  status: optional(5, any(), "Why not, as a Status."),
});

const placement = kubeObject("dev.kctl.placement.v1.Placement", "Binds many pods in one request.", {
  mode: optional(
    2,
    string(),
    "Incremental makes every binding that can be made, AllOrNothing makes all of them in one transaction or none; Incremental unless given.",
  ),
  bindings: required(3, list(placementBinding), "The pods to bind."),
  results: optional(4, list(placementResult), "The answer, from the server: in the order of the bindings."),
});

export const placements: ResourceDefinition = {
  group: "placement.kctl.dev",
  version: "v1",
  kind: "Placement",
  plural: "placements",
  scope: "Cluster",
  schema: placement,
  verbs: ["create"],
  columns: [],
};
