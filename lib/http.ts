// HTTP without sockets: the API server is a function of this type, the HTTP client is one, and so is anything between
// them (authentication, faults of the simulator). lib/http-server.ts puts a Handler on a socket; lib/http-client.ts is a
// Handler that sends the request over one. In-process callers pass frozen objects through, with no encoding.

import type { Duplex } from "node:stream";

/** Servers answer every request and never reject; clients of a remote server reject with HttpError 503 when it cannot be reached. */
export type Handler = (request: HttpRequest) => Promise<HttpResponse>;

export interface HttpRequest {
  readonly method: string;
  /** Canonical and percent-decoded once, such as `/api/v1/namespaces/default/pods/web`: routing and authorization both use it. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  readonly peer: Peer;
  /** Aborted when the client has gone or the request's time is up. */
  readonly signal: AbortSignal;
}

export interface RequestBody {
  /** Set by in-process callers instead of bytes: JSON data, which the receiver may keep but not change. */
  readonly object?: unknown;
  /** Reads the whole body. Rejects with HttpError: 413 past `bytesMax`, before reading further; 408 when it takes too long. */
  bytes(bytesMax: number): Promise<Uint8Array>;
}

/** Who is at the other end of the connection. */
export interface Peer {
  readonly address: string;
  /** The subject of a verified client certificate. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[] };
  /** The identity that an in-process caller acts under. Never set from a socket. */
  readonly user?: UserInfo;
}

/** As authentication.k8s.io/v1 UserInfo. */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. Content-Length and Transfer-Encoding are the server's affair. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ResponseBody;
}

export type ResponseBody =
  | { readonly kind: "empty" }
  /** Frozen JSON data. `chunks` encodes it, piece by piece for long lists; in-process callers take `object` and never call it. */
  | { readonly kind: "object"; readonly object: unknown; chunks(): Iterable<Uint8Array> }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Ends when the source ends; the reader's going away returns the iterator. */
  | { readonly kind: "stream"; readonly chunks: AsyncIterable<Uint8Array> }
  /** A watch. Each event is encoded at most once, however many watchers get it. */
  | { readonly kind: "events"; readonly events: AsyncIterable<readonly EncodableEvent[]> }
  /** 101: the connection becomes a raw byte stream, to be taken over by `accept`. */
  | { readonly kind: "upgrade"; accept(connection: Duplex, head: Uint8Array): void };

/** A watch event, with its JSON line (newline included) made on demand and kept. */
export interface EncodableEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
  /** The same bytes at every call; not to be changed. */
  line(): Uint8Array;
}

export const emptyRequestBody: RequestBody = { bytes: () => Promise.resolve(new Uint8Array()) };

/**
 * A failure at the level of HTTP, below the API's own errors. `code` is the status that describes it: 400 malformed, 408
 * too slow, 413 too large, 415 unreadable encoding; 503 where a client could not reach the other end, or lost it. The
 * message is a sentence for people. Receivers turn it into the Status of that code.
 */
export class HttpError extends Error {
  constructor(
    readonly code: 400 | 403 | 408 | 413 | 415 | 503,
    message: string,
  ) {
    super(message);
    this.name = "HttpError";
  }
}

/** The body of an in-process request. */
export function objectRequestBody(object: unknown): RequestBody {
  return { object, bytes: () => Promise.resolve(Buffer.from(JSON.stringify(object))) };
}
