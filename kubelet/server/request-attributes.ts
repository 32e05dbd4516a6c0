// Which rights a request to the kubelet takes: a verb on a subresource of its node. Most paths have one of their own, some a
// narrow one and the wide one `proxy`, of which either is enough. The mapping is that of Kubernetes. Pure.

import type { AccessAttributes } from "../../client/delegated-access.ts";

const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

const WIDE = "proxy";

/** By the first part of the path; all others take the wide one. */
const SUBRESOURCES: ReadonlyMap<string, readonly string[]> = new Map([
  ["stats", ["stats"]],
  ["metrics", ["metrics"]],
  ["logs", ["log"]],
  ["checkpoint", ["checkpoint"]],
  ["pods", ["pods", WIDE]],
  ["runningpods", ["pods", WIDE]],
  ["healthz", ["healthz", WIDE]],
  ["configz", ["configz", WIDE]],
]);

export interface RequestRights {
  /** Empty for methods that no right is for. */
  readonly verb: string;
  /** Any of these is enough. */
  readonly subresources: readonly string[];
}

export function rightsFor({ method, path }: { readonly method: string; readonly path: string }): RequestRights {
  const [, first = ""] = path.split("/");
  return {
    verb: Object.hasOwn(VERBS, method) ? (VERBS[method] ?? "") : "",
    subresources: SUBRESOURCES.get(first) ?? [WIDE],
  };
}

export const attributesOf = (nodeName: string, verb: string, subresource: string): AccessAttributes => ({
  resourceAttributes: { verb, version: "v1", resource: "nodes", subresource, name: nodeName },
});
