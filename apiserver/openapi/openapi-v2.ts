// The OpenAPI 2 (Swagger) document of /openapi/v2: older clients validate manifests and look up merge keys by it.

import type { ResourceDefinition } from "../../api/resource.ts";
import type { Steps } from "../../lib/steps.ts";
import { type Json, swagger2 } from "./definitions.ts";
import { buildKindDefinitions } from "./kind-types.ts";
import type { Operation, Parameter } from "./operations.ts";
import { BODY_TYPES, buildPaths, describeAction, type DocumentInfo, PATCH_TYPES } from "./paths.ts";

export function* buildOpenApiV2(resources: readonly ResourceDefinition[], info: DocumentInfo): Steps<Json> {
  return {
    swagger: "2.0",
    info,
    paths: yield* buildPaths(resources, renderOperation),
    definitions: yield* buildKindDefinitions(resources, swagger2),
  };
}

const ref = (name: string): Json => ({ $ref: swagger2.refPrefix + name });

function renderOperation(operation: Operation): Json {
  const { id, tag, body, answer, parameters, method } = operation;
  const bodyParameter = body && { name: "body", in: "body", required: method !== "delete", schema: ref(body) };
  return {
    description: describeAction(operation),
    consumes: method === "patch" ? PATCH_TYPES : ["*/*"],
    produces: answer ? BODY_TYPES : ["*/*"],
    schemes: ["https"],
    tags: [tag],
    operationId: id,
    parameters: [...(bodyParameter ? [bodyParameter] : []), ...parameters.map(renderParameter)],
    responses: {
      200: { description: "OK", schema: answer ? ref(answer) : { type: "string" } },
      401: { description: "Unauthorized" },
    },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

const renderParameter = ({ name, in: place, type, description }: Parameter): Json => ({
  uniqueItems: true,
  type,
  description,
  name,
  in: place,
  ...(place === "path" && { required: true }),
});
