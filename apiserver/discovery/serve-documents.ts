// Serves documents that change only when the set of kinds does: built at the first request, kept with their hash, and not
// sent again to clients that have them.

import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";

export interface DocumentSource {
  readonly contentType: string;
  /** JSON data. */
  build(): unknown;
  /** What is sent of it; JSON text unless given. */
  encode?(): Uint8Array;
}

interface Document {
  readonly bytes: Uint8Array;
  readonly object: unknown;
  readonly etag: string;
}

export class Documents {
  /** At most one per source. */
  readonly #built = new Map<string, Document>();

  /** `name` tells the documents apart. Answers 304 where the client names the hash of what it has. */
  serve(http: HttpRequest, name: string, source: DocumentSource): HttpResponse {
    const { bytes, object, etag } = this.#document(name, source);
    const headers = { "content-type": source.contentType, etag, vary: "Accept" };
    if (http.headers["if-none-match"] === etag) return { status: 304, headers, body: { kind: "empty" } };
    return { status: 200, headers, body: { kind: "object", object, chunks: () => [bytes] } };
  }

  #document(name: string, { build, encode }: DocumentSource): Document {
    const before = this.#built.get(name);
    if (before) return before;
    const object = build();
    const bytes = encode?.() ?? Buffer.from(JSON.stringify(object));
    const hash = createHash("sha512").update(bytes).digest("hex").toUpperCase();
    const document = { bytes, object, etag: `"${hash}"` };
    this.#built.set(name, document);
    return document;
  }
}
