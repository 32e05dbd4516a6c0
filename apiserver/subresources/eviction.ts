// Evicts pods: a deletion that asks for permission first. Disruption budgets, which could refuse it, come later.

import { StatusError, type Status } from "../../api/meta/status.ts";
import type { Answer } from "../answer.ts";
import type { ApiRequest } from "../api-request.ts";
import { objectMeta } from "../../api/meta/object-meta.ts";
import { object, optional } from "../../api/schema/schema.ts";
import { deleteOptions, parseDeleteOptions } from "../registry/delete-options.ts";
import { remove } from "../registry/delete.ts";
import { readBody } from "../request-body.ts";
import { assertSameTarget } from "../registry/metadata.ts";
import { readDryRun } from "../registry/request-object.ts";
import { targetOf } from "../api-request.ts";
import type { Server } from "../server.ts";

const VERSIONS: readonly unknown[] = [undefined, "", "policy/v1", "policy/v1beta1"];

/** For bodies in protobuf. */
const eviction = object("io.k8s.api.policy.v1.Eviction", "Asks for a pod to go.", {
  metadata: optional(1, objectMeta, "Which pod."),
  deleteOptions: optional(2, deleteOptions, "How to delete it."),
});

interface SentEviction {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly deleteOptions?: unknown;
}

export async function createEviction(server: Server, request: ApiRequest): Promise<Answer> {
  const { value } = await readBody(request.http, eviction);
  const sent = (value ?? {}) as SentEviction;
  if ((sent.kind && sent.kind !== "Eviction") || !VERSIONS.includes(sent.apiVersion)) {
    throw new StatusError("BadRequest", "the object provided is unrecognized (must be of type Eviction)");
  }
  assertSameTarget(sent.metadata ?? {}, { resource: request.served.resource, target: targetOf(request) });
  const options = parseDeleteOptions(sent.deleteOptions ?? {});
  await remove(server, request, { ...options, dryRun: options.dryRun || readDryRun(request) });
  const data: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return { kind: "data", status: 201, data };
}
