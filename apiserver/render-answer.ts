// Puts an answer into the form that the client asked for. JSON of stored objects is taken from the cache's entries as it is;
// tables, partial metadata and YAML are made for the one request.

import { Buffer } from "node:buffer";
import { deepFreeze } from "../lib/deep-freeze.ts";
import type { EncodableEvent, HttpResponse, ResponseBody } from "../lib/http.ts";
import { renderJson } from "../lib/json.ts";
import { renderYaml } from "../lib/render-yaml.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { StatusError } from "../api/meta/status.ts";
import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";
import type { Answer, ListMetadata, WatchChange } from "./answer.ts";
import type { ApiRequest } from "./api-request.ts";
import { encodeEvent } from "./encode-event.ts";
import type { AnswerForm } from "./negotiation.ts";
import type { Entry } from "./storage/cache-entry.ts";
import { buildTable, partialMetadataOf, type IncludeObject } from "./table.ts";

const CONTENT_TYPES = { json: "application/json", yaml: "application/yaml" } as const;

export function renderAnswer(answer: Answer, request: ApiRequest, nowMs: number): HttpResponse {
  const render = new Renderer(request, nowMs);
  switch (answer.kind) {
    case "response":
      return answer.response;
    case "data":
      return renderData(answer.status, answer.data, request.form);
    case "object":
      return render.object(answer.status, answer.object);
    case "entry":
      return render.entry(answer.entry);
    case "list":
      return render.list(answer.entries, answer.metadata);
    case "watch":
      return render.watch(answer.changes);
  }
}

/** Any JSON data; `object` bodies of in-process callers stay as they are. */
export function renderData(
  status: number,
  data: unknown,
  { encoding, pretty }: Pick<AnswerForm, "encoding" | "pretty">,
): HttpResponse {
  const object = deepFreeze(data);
  return {
    status,
    headers: { "content-type": CONTENT_TYPES[encoding] },
    body: { kind: "object", object, chunks: () => [Buffer.from(renderText(object, encoding, pretty ? 2 : 0))] },
  };
}

function renderText(data: unknown, encoding: AnswerForm["encoding"], indent: 0 | 2): string {
  if (encoding === "yaml") return renderYaml(data);
  return indent === 0 ? renderJson(data) : `${JSON.stringify(data, undefined, indent)}\n`;
}

class Renderer {
  readonly #request: ApiRequest;
  readonly #nowMs: number;

  constructor(request: ApiRequest, nowMs: number) {
    this.#request = request;
    this.#nowMs = nowMs;
  }

  object(status: number, object: KubeObject): HttpResponse {
    return renderData(status, this.#transformed(object), this.#request.form);
  }

  entry(entry: Entry): HttpResponse {
    if (!this.#isPlain) return this.object(200, entry.object);
    return jsonResponse({ kind: "object", object: entry.object, chunks: () => [entry.bytes()] });
  }

  list(entries: readonly Entry[], metadata: ListMetadata): HttpResponse {
    const resource = this.#request.version;
    const { as, version } = this.#request.form;
    const objects = entries.map(({ object }) => object);
    if (as === "table") return renderData(200, this.#table(objects, { metadata }), this.#request.form);
    if (as === "metadata") {
      const items = objects.map((object) => partialMetadataOf(object, version));
      const list = { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${version}`, metadata, items };
      return renderData(200, list, this.#request.form);
    }
    const list = Object.freeze({
      kind: `${resource.kind}List`,
      apiVersion: apiVersionOf(resource),
      metadata,
      items: objects,
    });
    if (!this.#isPlain) return renderData(200, list, this.#request.form);
    return jsonResponse({ kind: "object", object: list, chunks: () => listChunks(list, entries) });
  }

  watch(changes: AsyncIterable<readonly WatchChange[]>): HttpResponse {
    if (this.#request.form.encoding !== "json") {
      throw new StatusError(
        "NotAcceptable",
        "only the following media types are accepted: application/json;stream=watch",
      );
    }
    return jsonResponse({ kind: "events", events: this.#events(changes) });
  }

  async *#events(changes: AsyncIterable<readonly WatchChange[]>): AsyncGenerator<readonly EncodableEvent[], void> {
    let isFirst = true;
    for await (const batch of changes) {
      yield batch.map((change) => {
        const omitColumns = !isFirst;
        isFirst = false;
        return encodeEvent(this.#request.form.as === "object" ? change : this.#transformedChange(change, omitColumns));
      });
    }
  }

  #transformedChange(change: WatchChange, omitColumns: boolean): WatchChange {
    if (change.type === "ERROR") return change;
    const object = change.object as KubeObject;
    if (this.#request.form.as === "metadata") {
      return { type: change.type, object: partialMetadataOf(object, this.#request.form.version) };
    }
    const { resourceVersion } = object.metadata;
    const rows = change.type === "BOOKMARK" ? [] : [object];
    return { type: change.type, object: this.#table(rows, { metadata: { resourceVersion }, omitColumns }) };
  }

  #transformed(object: KubeObject): object {
    const { as, version } = this.#request.form;
    if (as === "object" || !isOfKind(object, this.#request.version)) return object;
    if (as === "metadata") return partialMetadataOf(object, version);
    const { resourceVersion } = object.metadata;
    return this.#table([object], { metadata: { resourceVersion } });
  }

  #table(objects: readonly KubeObject[], rest: { readonly metadata: object; readonly omitColumns?: boolean }): object {
    const { version, http, form } = this.#request;
    return buildTable(objects, {
      resource: version,
      include: readInclude(http.query),
      version: form.version,
      nowMs: this.#nowMs,
      ...rest,
    });
  }

  /** JSON of the objects as they are stored. */
  get #isPlain(): boolean {
    const { as, encoding, pretty } = this.#request.form;
    return as === "object" && encoding === "json" && !pretty;
  }
}

/** Subresources have kinds of their own, which the columns of the resource do not fit. */
const isOfKind = ({ kind }: KubeObject, resource: ResourceDefinition) => kind === resource.kind;

const JSON_HEADERS = { "content-type": "application/json" } as const;
const jsonResponse = (body: ResponseBody): HttpResponse => ({ status: 200, headers: JSON_HEADERS, body });

function readInclude(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") || "Metadata";
  if (value === "None" || value === "Metadata" || value === "Object") return value;
  throw new StatusError("BadRequest", `unrecognized includeObject value: ${JSON.stringify(value)}`);
}

/** A list is sent in pieces of about this size: large enough to be cheap, small enough for back-pressure. */
const CHUNK_BYTES = 64 * 1024;
const COMMA = Buffer.from(",");

function* listChunks(
  { kind, apiVersion, metadata }: { readonly kind: string; readonly apiVersion: string; readonly metadata: object },
  entries: readonly Entry[],
): Generator<Uint8Array> {
  let pieces: Uint8Array[] = [
    Buffer.from(
      `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`,
    ),
  ];
  let bytes = 0;
  for (const [index, entry] of entries.entries()) {
    if (index > 0) pieces.push(COMMA);
    const encoded = entry.bytes();
    pieces.push(encoded);
    bytes += encoded.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    [pieces, bytes] = [[], 0];
  }
  yield Buffer.concat([...pieces, Buffer.from("]}")]);
}
