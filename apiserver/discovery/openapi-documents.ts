// Serves the OpenAPI documents: version 2 as one, version 3 one by one with an index that names each by its hash, so that
// clients fetch what they do not have.

import type { ResourceDefinition } from "../../api/resource.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { buildOpenApiV2 } from "../openapi/openapi-v2.ts";
import { buildOpenApiV3, buildOpenApiV3Index } from "../openapi/openapi-v3.ts";
import { versionInfo } from "../version-info.ts";
import { Documents } from "./serve-documents.ts";

const INFO = { title: "Gantry", version: versionInfo.gitVersion };
const JSON_TYPE = "application/json";
const V3_ROOT = "/openapi/v3";

export class OpenApiDocuments {
  readonly #resources: readonly ResourceDefinition[];
  readonly #documents = new Documents();
  #v3: ReturnType<typeof buildOpenApiV3> | undefined;

  constructor(resources: readonly ResourceDefinition[]) {
    this.#resources = resources;
  }

  /** Undefined for other paths, and for groups and versions that are not served. */
  serve(http: HttpRequest): HttpResponse | undefined {
    const { path } = http;
    if (path === "/openapi/v2") return this.#serve(http, () => buildOpenApiV2(this.#resources, INFO));
    if (path === V3_ROOT) return this.#serve(http, () => buildOpenApiV3Index(this.#v3Documents()));
    if (!path.startsWith(`${V3_ROOT}/`)) return undefined;
    const document = this.#v3Documents().get(path.slice(V3_ROOT.length + 1));
    return document && this.#serve(http, () => document);
  }

  #serve(http: HttpRequest, build: () => unknown): HttpResponse {
    return this.#documents.serve(http, http.path, { contentType: JSON_TYPE, build });
  }

  #v3Documents() {
    this.#v3 ??= buildOpenApiV3(this.#resources, INFO);
    return this.#v3;
  }
}
