// Serves discovery: which groups, versions and resources there are, in the form that the Accept header asks for.

import type { ResourceDefinition } from "../../api/resource.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { parseAccept } from "../negotiation.ts";
import {
  buildAggregated,
  buildApiVersions,
  buildGroup,
  buildGroupList,
  buildResourceList,
  buildRootPaths,
} from "./discovery-documents.ts";
import { listGroups, listResources, type DiscoveredGroup, type DiscoveredResource } from "./resource-list.ts";
import { Documents, type DocumentSource } from "./serve-documents.ts";

export class Discovery {
  readonly #resources: readonly DiscoveredResource[];
  readonly #groups: readonly DiscoveredGroup[];
  readonly #documents = new Documents();
  readonly #serverAddress: () => string;

  /** `serverAddress`: where clients of the cluster find this server, `host:port`; empty as long as that is not known. */
  constructor(resources: readonly ResourceDefinition[], serverAddress: () => string) {
    this.#serverAddress = serverAddress;
    this.#resources = listResources(resources);
    this.#groups = listGroups(this.#resources);
  }

  /** Undefined for paths that are not discovery's, and for groups and versions that are not served. */
  serve(http: HttpRequest): HttpResponse | undefined {
    const path = http.path.replace(/\/$/, "");
    const source = this.#aggregated(path, http) ?? this.#plain(path);
    return source && this.#documents.serve(http, `${path} ${source.contentType} ${this.#serverAddress()}`, source);
  }

  #aggregated(path: string, http: HttpRequest): DocumentSource | undefined {
    if (path !== "/api" && path !== "/apis") return undefined;
    const version = aggregatedVersion(http.headers.accept ?? "");
    if (!version) return undefined;
    const groups = this.#groups.filter(({ name }) => (name === "") === (path === "/api"));
    return {
      contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      build: () => buildAggregated({ groups, resources: this.#resources, version }),
    };
  }

  #plain(path: string): DocumentSource | undefined {
    const isRoot = path === "" || path === "/index.html";
    const build = isRoot ? () => buildRootPaths(this.#groups) : this.#builder(path);
    return build && { contentType: "application/json", build };
  }

  #builder(path: string): (() => object) | undefined {
    if (path === "/api") return () => buildApiVersions(this.#serverAddress());
    if (path === "/apis") return () => buildGroupList(this.#groups);
    const [, root, first = "", second, ...rest] = path.split("/");
    if (rest.length > 0) return undefined;
    if (root === "api") return second === undefined ? this.#listBuilder("", first) : undefined;
    if (root !== "apis" || first === "") return undefined;
    const group = this.#groups.find(({ name }) => name === first);
    if (!group) return undefined;
    return second === undefined ? () => buildGroup(group) : this.#listBuilder(first, second);
  }

  #listBuilder(group: string, version: string): (() => object) | undefined {
    const served = this.#resources.filter((resource) => resource.group === group && resource.version === version);
    if (served.length === 0) return undefined;
    return () => buildResourceList(served, group ? `${group}/${version}` : version);
  }
}

/** The first clause that this server can satisfy decides; plain JSON means the older documents. */
function aggregatedVersion(accept: string): string | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== "application/json" && type !== "*/*") continue;
    const { as, g, v } = parameters;
    if (as === undefined) return undefined;
    if (as === "APIGroupDiscoveryList" && g === "apidiscovery.k8s.io" && (v === "v2" || v === "v2beta1")) return v;
  }
  return undefined;
}
