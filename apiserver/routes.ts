// From a canonical path to what it names. The first step of every request, so it splits the path once and allocates little.

import type { ResourceDefinition } from "../api/resource.ts";
import type { ResourceTable, ServedResource } from "./served-resource.ts";

export interface ResourceRoute {
  readonly kind: "resource";
  readonly served: ServedResource;
  readonly version: ResourceDefinition;
  /** Undefined: all namespaces, or the kind has none. */
  readonly namespace?: string;
  /** Undefined: the collection. */
  readonly name?: string;
  readonly subresource?: string;
  /** The path is one of the older ones, below `watch/`, that say by themselves that they watch. */
  readonly isWatch?: boolean;
  /** What follows the subresource: `metrics/cadvisor` of `nodes/n1/proxy/metrics/cadvisor`. */
  readonly rest?: string;
}

/** A resource that is only ever created, and stored nowhere: `bindings`, `placements`, `selfsubjectreviews`. */
export interface VirtualRoute {
  readonly kind: "virtual";
  readonly resource: ResourceDefinition;
  readonly namespace?: string;
}

/** `missing`: the group and version are served, but nothing of theirs is there. */
export type Route = ResourceRoute | VirtualRoute | { readonly kind: "other" | "missing" };

const OTHER: Route = { kind: "other" };
const MISSING: Route = { kind: "missing" };

export function findRoute(resources: ResourceTable, path: string): Route {
  const parts = path.split("/");
  if (parts.at(-1) === "") parts.pop();
  if (parts[1] === "api" && parts.length > 3) return routeIn(resources, ["", parts[2] ?? ""], parts.slice(3));
  if (parts[1] !== "apis" || parts.length < 5) return OTHER;
  return routeIn(resources, [parts[2] ?? "", parts[3] ?? ""], parts.slice(4));
}

type GroupVersion = readonly [group: string, version: string];

function routeIn(resources: ResourceTable, groupVersion: GroupVersion, parts: readonly string[]): Route {
  const route = routeBelow(resources, groupVersion, parts);
  return route.kind === "missing" && !resources.hasVersion(...groupVersion) ? OTHER : route;
}

function routeBelow(resources: ResourceTable, groupVersion: GroupVersion, parts: readonly string[]): Route {
  if (parts[0] !== "watch") return routeTo(resources, groupVersion, parts);
  const route = routeTo(resources, groupVersion, parts.slice(1));
  return route.kind === "resource" && route.subresource === undefined ? { ...route, isWatch: true } : MISSING;
}

function routeTo(resources: ResourceTable, [group, version]: GroupVersion, parts: readonly string[]): Route {
  const place = placeOf(parts);
  const virtual = resources.findVirtual(group, version, place.plural);
  if (virtual) return routeToVirtual(place, virtual);
  const found = resources.findVersion(group, version, place.plural);
  if (!found || !isPlaced(found.served, place)) return MISSING;
  const { namespace, name, subresource, rest } = place;
  if (rest.length > 0 && subresource !== "proxy") return MISSING;
  return { kind: "resource", ...found, namespace, name, subresource, ...(rest.length > 0 && { rest: rest.join("/") }) };
}

interface Place {
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly rest: readonly string[];
}

/** `namespaces/x/pods` is a collection in a namespace; `namespaces/x` and `namespaces/x/status` are the namespace itself. */
function placeOf(parts: readonly string[]): Place {
  const isScoped = parts[0] === "namespaces" && parts.length > 2 && !isNamespaceSubresource(parts);
  const [plural = "", name, subresource, ...rest] = isScoped ? parts.slice(2) : parts;
  return { plural, name, subresource, rest, ...(isScoped && { namespace: parts[1] }) };
}

function routeToVirtual({ namespace, name }: Place, resource: ResourceDefinition): Route {
  const fits = name === undefined && (resource.scope === "Namespaced") === (namespace !== undefined);
  return fits ? { kind: "virtual", resource, namespace } : MISSING;
}

const isNamespaceSubresource = (parts: readonly string[]) =>
  parts.length === 3 && (parts[2] === "status" || parts[2] === "finalize");

/** Objects of namespaced kinds have a namespace in their path, others have none. */
function isPlaced({ resource }: ServedResource, { namespace, name, subresource }: Place): boolean {
  if (name === "" || namespace === "" || subresource === "") return false;
  return resource.scope === "Cluster" ? namespace === undefined : namespace !== undefined || name === undefined;
}
