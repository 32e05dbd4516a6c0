// Creating many objects in one request: `POST /apis/bulk.kctl.dev/v1/creations`. It is an action, stored nowhere; each object is
// created as if it had come alone, by the same rules and rights. For components that write much at once, such as events.

import { kubeObject, type NewObject, type KubeObject } from "../meta/object.ts";
import type { Status } from "../meta/status.ts";
import type { ResourceDefinition } from "../resource.ts";
import { any, list, object, optional, required, string } from "../schema/schema.ts";

export const CREATIONS_PATH = "/apis/bulk.kctl.dev/v1/creations";

/** More in one request are refused. */
export const CREATIONS_MAX = 1000;

export interface CreationRequest {
  /** Each with its apiVersion and kind, and its namespace where the kind has one. */
  readonly items: readonly NewObject<KubeObject>[];
}

export interface CreationResponse {
  /** In the order of the items. */
  readonly results: readonly CreationResult[];
}

export interface CreationResult {
  /** Of the object that was created. */
  readonly name?: string;
  readonly uid?: string;
  /** Why nothing was created. */
  readonly status?: Status;
}

const creationResult = object("dev.kctl.bulk.v1.CreationResult", "What became of one object.", {
  name: optional(1, string(), "The name of the object that was created."),
  uid: optional(2, string(), "Its uid."),
  status: optional(3, any(), "Why nothing was created, as a Status."),
});

const creation = kubeObject("dev.kctl.bulk.v1.Creation", "Creates many objects in one request.", {
  items: required(
    2,
    list(any()),
    "The objects, each with its apiVersion and kind, and its namespace where the kind has one. Each is created as if it had come alone.",
  ),
  results: optional(3, list(creationResult), "The answer, from the server: in the order of the items."),
});

export const creations: ResourceDefinition = {
  group: "bulk.kctl.dev",
  version: "v1",
  kind: "Creation",
  plural: "creations",
  scope: "Cluster",
  schema: creation,
  verbs: ["create"],
  columns: [],
};
