// What the server serves, as clients discover it: one pure function from the kinds to the entries that both forms of
// discovery are made of.

import { createHash } from "node:crypto";
import type { ResourceDefinition, Subresource } from "../../api/resource.ts";
import { acceptanceKind, refusalKind, revivalKind } from "../../api/kctl-scheduling/offer-answer.ts";
import { verbsOf } from "../served-resource.ts";
import { compareGroups, compareVersions } from "./group-order.ts";

export interface DiscoveredResource {
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources: readonly DiscoveredSubresource[];
  /** Tells clients when objects of the kind are stored in another version; absent where nothing is stored. */
  readonly storageVersionHash?: string;
}

export interface DiscoveredSubresource {
  readonly name: string;
  /** The kind that it takes and gives, where that is not the resource's own. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
}

const READ_WRITE = ["get", "patch", "update"];
const CONNECT = ["create", "get"];
const kind = (group: string, version: string, name: string) => ({ group, version, kind: name });

const SUBRESOURCES: Readonly<Record<Subresource, Omit<DiscoveredSubresource, "name">>> = {
  status: { verbs: READ_WRITE },
  scale: { kind: kind("autoscaling", "v1", "Scale"), verbs: READ_WRITE },
  binding: { kind: kind("", "v1", "Binding"), verbs: ["create"] },
  eviction: { kind: kind("policy", "v1", "Eviction"), verbs: ["create"] },
  log: { verbs: ["get"] },
  exec: { kind: kind("", "v1", "PodExecOptions"), verbs: CONNECT },
  attach: { kind: kind("", "v1", "PodAttachOptions"), verbs: CONNECT },
  portforward: { kind: kind("", "v1", "PodPortForwardOptions"), verbs: CONNECT },
  proxy: { verbs: ["create", "delete", "get", "patch", "update"] },
  ephemeralcontainers: { verbs: READ_WRITE },
  resize: { verbs: READ_WRITE },
  token: { kind: kind("authentication.k8s.io", "v1", "TokenRequest"), verbs: ["create"] },
  finalize: { verbs: ["update"] },
  approval: { verbs: READ_WRITE },
  accept: { kind: acceptanceKind, verbs: ["create"] },
  decline: { kind: refusalKind, verbs: ["create"] },
  revive: { kind: revivalKind, verbs: ["create"] },
};

/** Sorted by plural. */
export function listResources(resources: readonly ResourceDefinition[]): readonly DiscoveredResource[] {
  return resources.map(discover).sort((a, b) => (a.plural < b.plural ? -1 : 1));
}

function discover(resource: ResourceDefinition): DiscoveredResource {
  const { plural, singular = resource.kind.toLowerCase(), scope, group, version, shortNames, categories } = resource;
  return {
    plural,
    singular,
    namespaced: scope === "Namespaced",
    group,
    version,
    kind: resource.kind,
    verbs: [...verbsOf(resource)].sort(),
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    storageVersionHash: hashStorageVersion(resource.conversion?.stored ?? resource),
    subresources: (resource.subresources ?? [])
      .map((name) => ({ name, ...SUBRESOURCES[name], ...(name === "proxy" && proxyKind(resource)) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** As kube-apiserver makes it: the first 8 bytes of the SHA-256 of what is stored. */
function hashStorageVersion({
  group,
  version,
  kind: name,
}: Pick<ResourceDefinition, "group" | "version" | "kind">): string {
  const hash = createHash("sha256").update(`${group}/${version}/${name}`).digest();
  return hash.subarray(0, 8).toString("base64");
}

/** Each kind that can be proxied to has a kind of its own for the options. */
const proxyKind = (resource: ResourceDefinition) => ({ kind: kind("", "v1", `${resource.kind}ProxyOptions`) });

export interface DiscoveredGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

export function listGroups(resources: readonly DiscoveredResource[]): readonly DiscoveredGroup[] {
  const names = [...new Set(resources.map(({ group }) => group))];
  return names.sort(compareGroups).map((name) => {
    const versions = new Set(resources.filter(({ group }) => group === name).map(({ version }) => version));
    return { name, versions: [...versions].sort(compareVersions) };
  });
}
