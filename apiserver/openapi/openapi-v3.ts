// The OpenAPI 3 documents of /openapi/v3: one per group and version, and an index whose URLs change with their content, so
// that clients may keep what they have fetched. `kubectl explain` and `kubectl apply` read them.

import { createHash } from "node:crypto";
import type { ResourceDefinition } from "../../api/resource.ts";
import { atOnce, type Steps } from "../../lib/steps.ts";
import { type Json, openApi3 } from "./definitions.ts";
import { buildKindDefinitions } from "./kind-types.ts";
import type { Operation, Parameter } from "./operations.ts";
import { BODY_TYPES, buildPaths, describeAction, type DocumentInfo, PATCH_TYPES } from "./paths.ts";

/** `api/v1` or `apis/apps/v1`: the name of the document that describes the kind, and its path below /openapi/v3/. */
export const documentNameOf = ({ group, version }: Pick<ResourceDefinition, "group" | "version">): string =>
  group ? `apis/${group}/${version}` : `api/${version}`;

/** The document of each group and version, by its name. */
export function buildOpenApiV3(
  resources: readonly ResourceDefinition[],
  info: DocumentInfo,
): ReadonlyMap<string, Json> {
  const names = [...new Set(resources.map(documentNameOf))].sort();
  return new Map(
    names.map((name) => {
      const described = resources.filter((resource) => documentNameOf(resource) === name);
      return [name, atOnce(buildDocument(described, info))];
    }),
  );
}

/** The document of one group and version. */
export function* buildDocument(resources: readonly ResourceDefinition[], info: DocumentInfo): Steps<Json> {
  return {
    openapi: "3.0.0",
    info,
    paths: yield* buildPaths(resources, renderOperation),
    components: { schemas: yield* buildKindDefinitions(resources, openApi3) },
  };
}

/** What /openapi/v3 itself answers. */
export function* buildOpenApiV3Index(documents: ReadonlyMap<string, Json>): Steps<Json> {
  const paths: [string, Json][] = [];
  for (const [name, document] of documents) {
    const hash = createHash("sha512").update(JSON.stringify(document)).digest("hex").toUpperCase();
    paths.push([name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }]);
    yield;
  }
  return { paths: Object.fromEntries(paths) };
}

const ref = (name: string): Json => ({ $ref: openApi3.refPrefix + name });

const content = (types: readonly string[], schema: Json): Json =>
  Object.fromEntries(types.map((type) => [type, { schema }]));

function renderOperation(operation: Operation): Json {
  const { id, tag, body, answer, parameters, method } = operation;
  const answers = answer ? content(BODY_TYPES, ref(answer)) : content(["*/*"], { type: "string" });
  return {
    tags: [tag],
    description: describeAction(operation),
    operationId: id,
    parameters: parameters.map(renderParameter),
    ...(body && {
      requestBody: {
        content: content(method === "patch" ? PATCH_TYPES : BODY_TYPES, ref(body)),
        required: method !== "delete",
      },
    }),
    responses: { 200: { description: "OK", content: answers }, 401: { description: "Unauthorized" } },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": operation.kind,
  };
}

const renderParameter = ({ name, in: place, type, description }: Parameter): Json => ({
  name,
  in: place,
  description,
  ...(place === "path" && { required: true }),
  schema: { type, uniqueItems: true },
});
