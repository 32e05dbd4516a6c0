// What the path sections of the OpenAPI 2 and 3 documents have in common.

import type { Json } from "./definitions.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import type { Steps } from "../../lib/steps.ts";
import { listOperations, type Operation } from "./operations.ts";

export interface DocumentInfo {
  readonly title: string;
  readonly version: string;
}

export const BODY_TYPES: readonly string[] = ["application/json", "application/yaml"];
export const PATCH_TYPES: readonly string[] = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

/** The operations by path and method, sorted by path. */
export function* buildPaths(
  resources: readonly ResourceDefinition[],
  render: (operation: Operation) => Json,
): Steps<Json> {
  const paths = new Map<string, Record<string, Json>>();
  for (const resource of resources) {
    for (const operation of listOperations(resource)) {
      const methods = paths.get(operation.path) ?? {};
      methods[operation.method] = render(operation);
      paths.set(operation.path, methods);
    }
    yield;
  }
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const PHRASES: Readonly<Record<Operation["action"], string>> = {
  get: "Reads",
  list: "Lists or watches",
  watch: "Watches",
  create: "Creates",
  post: "Creates",
  update: "Replaces",
  put: "Replaces",
  patch: "Changes a part of",
  delete: "Deletes",
  deletecollection: "Deletes all selected objects of kind",
  connect: "Connects to",
};

export function describeAction({ action, kind, path }: Operation): string {
  const subresource = /\{name\}\/(\w+)$/.exec(path)?.[1];
  return `${PHRASES[action]} ${kind.kind}${subresource ? ` (${subresource})` : ""}`;
}
