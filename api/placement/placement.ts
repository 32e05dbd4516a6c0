// Binding many pods in one request: `POST /apis/placement.kctl.dev/v1/placements`. It is an action, stored nowhere, and beside
// Kubernetes' own binding subresource; both commit through the same transactions.

import { kubeObject } from "../meta/object.ts";
import type { Status } from "../meta/status.ts";
import type { ResourceDefinition } from "../resource.ts";
import { any, boolean, int64, list, object, optional, required, string } from "../schema/schema.ts";

export const PLACEMENTS_PATH = "/apis/placement.kctl.dev/v1/placements";

export interface PlacementRequest {
  /** Incremental: every binding that can be made is made. AllOrNothing: all are made in one transaction, or none. */
  readonly mode: "Incremental" | "AllOrNothing";
  /**
   * ResourceFit, the default: only what does not fit is in conflict. NodeGeneration: so is every binding to a node whose
   * allocation has changed since the scheduler saw it.
   */
  readonly conflicts?: "ResourceFit" | "NodeGeneration";
  /** Who places, for the figures; the scheduler that each pod names unless given. */
  readonly scheduler?: string;
  readonly bindings: readonly PlacementBinding[];
}

export interface PlacementBinding {
  readonly namespace: string;
  readonly name: string;
  /** The pod must have this uid. */
  readonly uid?: string;
  /** The name of the node. */
  readonly node: string;
  /** With NodeGeneration: the generation of the node's allocation that the decision was made on; 0 if it had none. */
  readonly generation?: number;
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
  /** That of the node's allocation after the request, where it was looked at. */
  readonly generation?: number;
}

const names = {
  namespace: required(1, string(), "The pod's namespace."),
  name: required(2, string(), "The pod's name."),
  node: required(3, string(), "The node that the pod is to run on."),
};

const placementBinding = object("dev.kctl.placement.v1.PlacementBinding", "One pod that is to be bound.", {
  ...names,
  uid: optional(4, string(), "The uid that the pod must have; any unless given."),
  generation: optional(
    5,
    int64(),
    "With NodeGeneration, and then required: the generation of the node's allocation that the decision rests on, 0 for none.",
  ),
});

const placementResult = object("dev.kctl.placement.v1.PlacementResult", "What became of one binding.", {
  ...names,
  bound: required(4, boolean(), "Whether the pod was bound."),
  status: optional(5, any(), "Why not, as a Status."),
  generation: optional(6, int64(), "The generation of the node's allocation afterwards, where it was looked at."),
});

const placement = kubeObject("dev.kctl.placement.v1.Placement", "Binds many pods in one request.", {
  mode: optional(
    2,
    string(),
    "Incremental makes every binding that can be made, AllOrNothing makes all of them in one transaction or none; Incremental unless given.",
  ),
  bindings: required(3, list(placementBinding), "The pods to bind."),
  conflicts: optional(
    5,
    string(),
    "What a conflict is: ResourceFit, only what does not fit any more, or NodeGeneration, every change of the node's allocation since it was looked at; ResourceFit unless given.",
  ),
  scheduler: optional(
    6,
    string(),
    "Who places, by name: its conflicts are counted under it. The scheduler that each pod names unless given.",
  ),
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
