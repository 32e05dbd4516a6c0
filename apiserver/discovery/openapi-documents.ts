// Serves the OpenAPI documents: version 2 as one, version 3 one by one with an index that names each by its hash, so that
// clients fetch what they do not have. Each is built at its first request, in a turn of the event loop of its own.

import type { ResourceDefinition } from "../../api/resource.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { inTurns } from "../../lib/steps.ts";
import type { Json } from "../openapi/definitions.ts";
import { encodeOpenApiV2 } from "../openapi/encode-openapi-v2.ts";
import { buildOpenApiV2 } from "../openapi/openapi-v2.ts";
import { buildDocument, buildOpenApiV3Index, documentNameOf } from "../openapi/openapi-v3.ts";
import { versionInfo } from "../version-info.ts";
import { Documents } from "./serve-documents.ts";

const INFO = { title: "Gantry", version: versionInfo.gitVersion };
const JSON_TYPE = "application/json";
const V2_PATH = "/openapi/v2";
const V3_ROOT = "/openapi/v3";
const PROTOBUF_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** Many clients ask with an @, which is no valid media type, and must not be answered with it. */
const ASKS_FOR_PROTOBUF = /application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf/;

export class OpenApiDocuments {
  readonly #resources: readonly ResourceDefinition[];
  readonly #documents = new Documents();
  #v2: Promise<Json> | undefined;
  #v2Protobuf: Promise<Uint8Array> | undefined;
  #index: Promise<Json> | undefined;
  #v3: Promise<ReadonlyMap<string, Json>> | undefined;

  constructor(resources: readonly ResourceDefinition[]) {
    this.#resources = resources;
  }

  /** Undefined for other paths, and for groups and versions that are not served. */
  async serve(http: HttpRequest): Promise<HttpResponse | undefined> {
    const { path } = http;
    if (path === V2_PATH) return this.#serveV2(http);
    if (path !== V3_ROOT && !path.startsWith(`${V3_ROOT}/`)) return undefined;
    const documents = await (this.#v3 ??= this.#buildV3());
    const document =
      path === V3_ROOT
        ? await (this.#index ??= inTurns(buildOpenApiV3Index(documents)))
        : documents.get(path.slice(V3_ROOT.length + 1));
    return document && this.#documents.serve(http, path, { contentType: JSON_TYPE, build: () => document });
  }

  async #serveV2(http: HttpRequest): Promise<HttpResponse> {
    const document = await (this.#v2 ??= this.#buildV2());
    if (!ASKS_FOR_PROTOBUF.test(http.headers.accept ?? "")) {
      return this.#documents.serve(http, V2_PATH, { contentType: JSON_TYPE, build: () => document });
    }
    const encoded = await (this.#v2Protobuf ??= this.#encodeV2());
    return this.#documents.serve(http, PROTOBUF_TYPE, {
      contentType: PROTOBUF_TYPE,
      build: () => document,
      encode: () => encoded,
    });
  }

  async #buildV2(): Promise<Json> {
    await nextTurn();
    return inTurns(buildOpenApiV2(this.#resources, INFO));
  }

  async #encodeV2(): Promise<Uint8Array> {
    return inTurns(encodeOpenApiV2(await (this.#v2 ??= this.#buildV2())));
  }

  async #buildV3(): Promise<ReadonlyMap<string, Json>> {
    const documents = new Map<string, Json>();
    for (const name of [...new Set(this.#resources.map(documentNameOf))].sort()) {
      await nextTurn();
      const described = this.#resources.filter((resource) => documentNameOf(resource) === name);
      documents.set(name, await inTurns(buildDocument(described, INFO)));
    }
    await nextTurn();
    return documents;
  }
}
