// The documents of discovery: the older ones, one per group and version, and the aggregated one that says it all at once.
// Pure functions from the list of what is served.

import { apiVersionOf } from "../../api/resource.ts";
import type { DiscoveredGroup, DiscoveredResource, DiscoveredSubresource } from "./resource-list.ts";

const OTHER_PATHS: readonly string[] = [
  ...["healthz", "livez", "readyz"].flatMap((check) => [`/${check}`, `/${check}/etcd`, `/${check}/ping`]),
  "/metrics",
  "/openapi/v2",
  "/openapi/v3",
  "/readyz/informer-sync",
  "/version",
];

/** `/`: what else there is. */
export function buildRootPaths(groups: readonly DiscoveredGroup[]): object {
  const served = groups.flatMap(({ name, versions }) => {
    const root = name === "" ? "/api" : `/apis/${name}`;
    return [root, ...versions.map((version) => `${root}/${version}`)];
  });
  return { paths: [...served, "/apis", "/apis/", ...OTHER_PATHS].sort() };
}

/** `/api`. */
export const buildApiVersions = (address: string): object => ({
  kind: "APIVersions",
  versions: ["v1"],
  serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
});

/** `/apis`: every group but the core one. */
export const buildGroupList = (groups: readonly DiscoveredGroup[]): object => ({
  kind: "APIGroupList",
  apiVersion: "v1",
  groups: groups.filter(({ name }) => name !== "").map(groupFields),
});

/** `/apis/GROUP`. */
export const buildGroup = (group: DiscoveredGroup): object => ({
  kind: "APIGroup",
  apiVersion: "v1",
  ...groupFields(group),
});

function groupFields({ name, versions }: DiscoveredGroup) {
  const all = versions.map((version) => ({ groupVersion: apiVersionOf({ group: name, version }), version }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** `/api/v1` and `/apis/GROUP/VERSION`. */
export function buildResourceList(resources: readonly DiscoveredResource[], groupVersion: string): object {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: resources.flatMap((resource) => [
      listEntry(resource),
      ...resource.subresources.map((subresource) => subresourceEntry(resource, subresource)),
    ]),
  };
}

function listEntry(resource: DiscoveredResource) {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash } = resource;
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(storageVersionHash && { storageVersionHash }),
  };
}

function subresourceEntry(resource: DiscoveredResource, { name, kind, verbs }: DiscoveredSubresource) {
  return {
    name: `${resource.plural}/${name}`,
    singularName: "",
    namespaced: resource.namespaced,
    // The kinds of the core group that only carry options do not say where they are from.
    ...(kind?.group && { group: kind.group, version: kind.version }),
    kind: kind?.kind ?? resource.kind,
    verbs,
  };
}

export interface AggregatedOptions {
  readonly groups: readonly DiscoveredGroup[];
  readonly resources: readonly DiscoveredResource[];
  /** The version of apidiscovery.k8s.io. */
  readonly version: string;
}

/** APIGroupDiscoveryList: `/api` with the core group alone, `/apis` with all others. */
export function buildAggregated({ groups, resources, version }: AggregatedOptions): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { name: group.name, creationTimestamp: null },
      versions: group.versions.map((groupVersion) => ({
        version: groupVersion,
        resources: resources
          .filter((resource) => resource.group === group.name && resource.version === groupVersion)
          .map(aggregatedEntry),
        freshness: "Current",
      })),
    })),
  };
}

function aggregatedEntry(resource: DiscoveredResource) {
  const { plural, singular, namespaced, verbs, shortNames, categories, subresources } = resource;
  const { group, version, kind } = resource;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: singular,
    verbs,
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((each) => ({
        subresource: each.name,
        responseKind: each.kind ?? { group, version, kind },
        verbs: each.verbs,
      })),
    }),
  };
}
