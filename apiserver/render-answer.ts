// Puts an answer into the form that the client asked for. JSON of stored objects is taken from the cache's entries as it is;
// tables, partial metadata and YAML are made for the one request.

import { Buffer } from "node:buffer";
import { deepFreeze } from "../lib/deep-freeze.ts";
import type { EncodableEvent, HttpResponse, ResponseBody } from "../lib/http.ts";
import { indentJson } from "../lib/indent-json.ts";
import { renderJson } from "../lib/json.ts";
import { renderYaml } from "../lib/render-yaml.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { StatusError } from "../api/meta/status.ts";
import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";
import type { Answer, ListMetadata, WatchChange } from "./answer.ts";
import type { ApiRequest } from "./api-request.ts";
import { encodeEvent } from "./encode-event.ts";
import type { AnswerForm } from "./negotiation.ts";
import { renderObject } from "./render-object.ts";
import type { Entry } from "./storage/cache-entry.ts";
import {
  buildRows,
  buildTable,
  buildTableHead,
  partialMetadataOf,
  type IncludeObject,
  type TableOptions,
} from "./table.ts";

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
      return render.entry(answer.status ?? 200, answer.entry);
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
  const chunks = () => {
    if (encoding === "yaml") return [Buffer.from(renderYaml(object))];
    const json = [Buffer.from(renderObject(object))];
    return pretty ? indentJson(json) : json;
  };
  return { status, headers: { "content-type": CONTENT_TYPES[encoding] }, body: { kind: "object", object, chunks } };
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

  entry(status: number, entry: Entry): HttpResponse {
    if (!this.#isPlain) return this.object(status, entry.object);
    return { ...jsonResponse({ kind: "object", object: entry.object, chunks: () => [entry.bytes()] }), status };
  }

  list(entries: readonly Entry[], metadata: ListMetadata): HttpResponse {
    const resource = this.#request.version;
    const { as, version } = this.#request.form;
    switch (as) {
      case "table": {
        const options = this.#tableOptions({ metadata });
        return this.#long(buildTableHead(options), "rows", () => encoded(buildRows(objectsOf(entries), options)));
      }
      case "metadata":
        throw notAcceptable(
          `you requested PartialObjectMetadata, but the requested object is a list (${goType(resource)}List)`,
        );
      case "metadata-list": {
        const head = { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${version}`, metadata };
        return this.#long(head, "items", () => encoded(partialsOf(entries, version)));
      }
      case "object": {
        const head = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata };
        return this.#long(head, "items", () => entries);
      }
    }
  }

  /** A list that is encoded while it is sent, in pieces that leave the event loop free. */
  #long(head: object, field: string, items: () => Iterable<Item>): HttpResponse {
    const { encoding, pretty } = this.#request.form;
    let made: object | undefined;
    const body: ResponseBody = {
      kind: "object",
      get object() {
        return (made ??= Object.freeze({ ...head, [field]: Array.from(items(), ({ object }) => object) }));
      },
      chunks: () => {
        if (encoding === "yaml") return yamlListChunks(head, field, items());
        const chunks = listChunks(head, field, items());
        return pretty ? indentJson(chunks) : chunks;
      },
    };
    return { status: 200, headers: { "content-type": CONTENT_TYPES[encoding] }, body };
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
    if (this.#request.form.as !== "table") {
      return { type: change.type, object: partialMetadataOf(object, this.#request.form.version) };
    }
    const { resourceVersion } = object.metadata;
    const rows = change.type === "BOOKMARK" ? [] : [object];
    return { type: change.type, object: this.#table(rows, { metadata: { resourceVersion }, omitColumns }) };
  }

  #transformed(object: KubeObject): object {
    const { version: resource, form } = this.#request;
    if (form.as === "object" || !isOfKind(object, resource)) return object;
    if (form.as === "metadata") return partialMetadataOf(object, form.version);
    if (form.as === "metadata-list") {
      throw notAcceptable(
        `you requested PartialObjectMetadataList, but the requested object is not a list (${goType(resource)})`,
      );
    }
    const { resourceVersion } = object.metadata;
    return this.#table([object], { metadata: { resourceVersion } });
  }

  #table(objects: readonly KubeObject[], rest: TableRest): object {
    return buildTable(objects, this.#tableOptions(rest));
  }

  #tableOptions(rest: TableRest): TableOptions {
    const { version, http, form } = this.#request;
    return {
      resource: version,
      include: readInclude(http.query),
      version: form.version,
      nowMs: this.#nowMs,
      ...rest,
    };
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

type TableRest = Pick<TableOptions, "metadata" | "omitColumns">;

function readInclude(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") || "Metadata";
  if (value === "None" || value === "Metadata" || value === "Object") return value;
  throw new StatusError(
    "BadRequest",
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

const notAcceptable = (message: string) => new StatusError("NotAcceptable", message);
/** The name by which Kubernetes' errors call the type. */
const goType = ({ version, kind }: ResourceDefinition) => `*${version}.${kind}`;

/** What a list holds: an entry of a cache, or what was made of one. */
interface Item {
  readonly object: object;
  bytes(): Uint8Array;
}

function* objectsOf(entries: readonly Entry[]): Generator<KubeObject> {
  for (const { object } of entries) yield object;
}

function* partialsOf(entries: readonly Entry[], version: string): Generator<object> {
  for (const object of objectsOf(entries)) yield partialMetadataOf(object, version);
}

function* encoded(objects: Iterable<object>): Generator<Item> {
  for (const object of objects) yield { object: deepFreeze(object), bytes: () => Buffer.from(renderObject(object)) };
}

/** A list is sent in pieces of about this size: large enough to be cheap, small enough for back-pressure. */
const CHUNK_BYTES = 64 * 1024;
const COMMA = Buffer.from(",");

function* listChunks(head: object, field: string, items: Iterable<Item>): Generator<Uint8Array> {
  let pieces: Uint8Array[] = [Buffer.from(`${renderJson(head).slice(0, -1)},${JSON.stringify(field)}:[`)];
  let bytes = 0;
  let isFirst = true;
  for (const item of items) {
    if (!isFirst) pieces.push(COMMA);
    isFirst = false;
    const encodedItem = item.bytes();
    pieces.push(encodedItem);
    bytes += encodedItem.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    [pieces, bytes] = [[], 0];
  }
  yield Buffer.concat([...pieces, Buffer.from("]}")]);
}

/** The same in YAML, an item at a time: its keys are in order, so that some of the head come before the list and some after it. */
function* yamlListChunks(head: object, field: string, items: Iterable<Item>): Generator<Uint8Array> {
  const frame = renderYaml({ ...head, [field]: [] });
  const emptyList = `${field}: []\n`;
  // Only what is at the top begins its line with a name.
  const at = frame.search(new RegExp(`^${field}: \\[\\]$`, "m"));
  let isEmpty = true;
  for (const { object } of items) {
    const item = renderYaml([object]);
    yield Buffer.from(isEmpty ? `${frame.slice(0, at)}${field}:\n${item}` : item);
    isEmpty = false;
  }
  yield Buffer.from(isEmpty ? frame : frame.slice(at + emptyList.length));
}
