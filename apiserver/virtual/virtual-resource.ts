// A resource that is only ever created, and stored nowhere: what is created is a question, or an act upon other objects.

import type { KubeObject } from "../../api/meta/object.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { DataAnswer } from "../answer.ts";
import type { VirtualRequest } from "../api-request.ts";
import { decodeAs, readDryRun } from "../registry/request-object.ts";
import { readBody } from "../request-body.ts";
import type { Server } from "../server.ts";

export interface VirtualResource {
  readonly resource: ResourceDefinition;
  /** Answers a POST. Throws StatusError. */
  create(server: Server, request: VirtualRequest): Promise<DataAnswer>;
}

/** What was sent, with defaults and in the namespace of its path, by the rules of its kind. Throws BadRequest and Invalid. */
export async function readVirtual<T extends KubeObject>(
  request: VirtualRequest,
  resource: ResourceDefinition<T>,
): Promise<T> {
  readDryRun(request);
  const sent = decodeAs<T>(request, await readBody(request.http, resource.schema), resource);
  const placed = { ...sent, metadata: placeIn(sent.metadata, request.namespace) };
  const errors = resource.validate?.(placed) ?? [];
  if (errors.length > 0) throw invalid(resource, "", errors);
  return placed;
}

function placeIn(metadata: KubeObject["metadata"] | undefined, namespace: string | undefined): KubeObject["metadata"] {
  const sent = metadata?.namespace;
  if (sent && sent !== namespace) {
    const message = "the namespace of the provided object does not match the namespace sent on the request";
    throw new StatusError("BadRequest", message);
  }
  return { ...metadata, ...(namespace && { namespace }) } as KubeObject["metadata"];
}

/** 201, with the creation time that nothing has which is not stored. */
export function answerVirtual(object: KubeObject & { readonly spec?: unknown }, status: object): DataAnswer {
  const { kind, apiVersion, metadata, spec } = object;
  const described = { kind, apiVersion, metadata: { ...metadata, creationTimestamp: null } };
  return { kind: "data", status: 201, data: { ...described, ...(spec !== undefined && { spec }), status } };
}
