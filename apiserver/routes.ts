// From a canonical path to what it names. The first step of every request, so it splits the path once and allocates little.

import type { ResourceTable, ServedResource } from "./served-resource.ts";

export interface ResourceRoute {
  readonly kind: "resource";
  readonly served: ServedResource;
  /** Undefined: all namespaces, or the kind has none. */
  readonly namespace?: string;
  /** Undefined: the collection. */
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the subresource: `metrics/cadvisor` of `nodes/n1/proxy/metrics/cadvisor`. */
  readonly rest?: string;
}

/** A resource that is only ever created, and stored nowhere: `bindings`, `placements`. */
export interface VirtualRoute {
  readonly kind: "virtual";
  readonly plural: string;
  readonly namespace?: string;
}

export type Route = ResourceRoute | VirtualRoute | { readonly kind: "other" };

const OTHER: Route = { kind: "other" };

/** `group/version/plural` of the virtual resources, with whether they are namespaced. */
const VIRTUAL: Readonly<Record<string, "Namespaced" | "Cluster" | undefined>> = {
  "/v1/bindings": "Namespaced",
  "placement.kctl.dev/v1/placements": "Cluster",
};

export function findRoute(resources: ResourceTable, path: string): Route {
  const parts = path.split("/");
  if (parts.at(-1) === "") parts.pop();
  if (parts[1] === "api" && parts.length > 3) return routeIn(resources, ["", parts[2] ?? ""], parts.slice(3));
  if (parts[1] !== "apis" || parts.length < 5) return OTHER;
  return routeIn(resources, [parts[2] ?? "", parts[3] ?? ""], parts.slice(4));
}

type GroupVersion = readonly [group: string, version: string];

function routeIn(resources: ResourceTable, groupVersion: GroupVersion, parts: readonly string[]): Route {
  const [first = "", second = "", third = ""] = parts;
  // `namespaces/x/pods` is a collection in a namespace; `namespaces/x` and `namespaces/x/status` are the namespace itself.
  const isScoped = first === "namespaces" && second !== "" && third !== "" && !isNamespaceSubresource(parts);
  const [plural = "", name, subresource, ...rest] = isScoped ? parts.slice(2) : parts;
  const namespace = isScoped ? second : undefined;
  const virtualScope = VIRTUAL[`${groupVersion[0]}/${groupVersion[1]}/${plural}`];
  if (virtualScope) {
    const fits = name === undefined && (virtualScope === "Namespaced") === isScoped;
    return fits ? { kind: "virtual", plural, namespace } : OTHER;
  }
  const served = resources.find(groupVersion[0], groupVersion[1], plural);
  if (!served || !isPlaced(served, namespace, name)) return OTHER;
  if (rest.length > 0 && subresource !== "proxy") return OTHER;
  return { kind: "resource", served, namespace, name, subresource, ...(rest.length > 0 && { rest: rest.join("/") }) };
}

const isNamespaceSubresource = (parts: readonly string[]) =>
  parts.length === 3 && (parts[2] === "status" || parts[2] === "finalize");

/** Objects of namespaced kinds have a namespace in their path, others have none. */
function isPlaced({ resource }: ServedResource, namespace: string | undefined, name: string | undefined): boolean {
  if (name === "") return false;
  return resource.scope === "Cluster" ? namespace === undefined : namespace !== undefined || name === undefined;
}
