// The definitions that a set of kinds needs in an OpenAPI document: the kinds, their lists, and the types of requests, each
// marked with the group, version and kind by which clients look it up.

import { type ResourceDefinition, apiVersionOf } from "../../api/resource.ts";
import type { Steps } from "../../lib/steps.ts";
import { list, object, type ObjectShape, optional, required, string } from "../../api/schema/schema.ts";
import { buildDefinitions, type Dialect, type Json } from "./definitions.ts";
import { deleteOptions, listMeta, patch, status, watchEvent } from "./meta-types.ts";
import { ALL_VERBS } from "../served-resource.ts";
import { type GroupVersionKind, listNameOf, subresourceTypes } from "./operations.ts";

const MARK = "x-kubernetes-group-version-kind";

function listTypeOf(resource: ResourceDefinition): ObjectShape {
  return object(listNameOf(resource), `A list of ${resource.kind} objects.`, {
    apiVersion: optional(2, string(), "The version of the schema that this list is written in."),
    items: required(2, list(resource.schema), "The objects."),
    kind: optional(1, string(), "The type of the list."),
    metadata: optional(1, listMeta, "Metadata of the list."),
  });
}

const isListed = ({ verbs = ALL_VERBS }: ResourceDefinition) => verbs.includes("list");

/** All definitions that operations on these kinds refer to, by name. */
export function* buildKindDefinitions(
  resources: readonly ResourceDefinition[],
  dialect: Dialect,
): Steps<Record<string, Json>> {
  const marks = new Map<string, readonly GroupVersionKind[]>(
    subresourceTypes.map(({ type, kind }) => [type.name, [kind]]),
  );
  for (const resource of resources) {
    const { group, version, kind } = resource;
    marks.set(resource.schema.name, [{ group, version, kind }]);
    if (isListed(resource)) marks.set(listNameOf(resource), [{ group, version, kind: `${kind}List` }]);
  }
  marks.set(status.name, [{ group: "", version: "v1", kind: "Status" }]);
  marks.set(deleteOptions.name, everywhere(resources, "DeleteOptions"));
  marks.set(watchEvent.name, everywhere(resources, "WatchEvent"));
  const roots = [
    ...resources.flatMap((resource) => [resource.schema, ...(isListed(resource) ? [listTypeOf(resource)] : [])]),
    ...subresourceTypes.map(({ type }) => type),
    ...[status, deleteOptions, watchEvent, patch],
  ];
  const definitions = yield* buildDefinitions(roots, dialect);
  for (const [name, kinds] of marks) definitions[name] = { ...definitions[name], [MARK]: kinds };
  return Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Types of requests belong to every group and version. */
function everywhere(resources: readonly ResourceDefinition[], kind: string): readonly GroupVersionKind[] {
  const versions = new Map(resources.map((resource) => [apiVersionOf(resource), resource]));
  return [...versions.values()].map(({ group, version }) => ({ group, version, kind }));
}
