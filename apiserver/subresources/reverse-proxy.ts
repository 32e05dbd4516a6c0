// Passes a request on to a backend and its answer back, as Kubernetes' proxy does: without the user's credentials, with the
// links of pages and redirects rewritten, and upgrades joined. A failing upgrade ends the connection, so that nothing that
// follows on it can reach the backend as this server's own request (CVE-2018-1002105): lib/http-server.ts does that.

import { StatusError } from "../../api/meta/status.ts";
import { emptyRequestBody, HttpError, type Handler, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import { rewriteHtml, rewriteUrl, type LinkRules } from "./rewrite-links.ts";

export interface Backend {
  readonly handler: Handler;
  /** `host:port`, as it may stand in the backend's links. */
  readonly host: string;
}

/** What belongs to one connection, or to this server alone: who the user is, and what they may write as. */
const NOT_FORWARDED = new Set([
  ...["authorization", "gantry-fence", "host", "content-length", "accept-encoding"],
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "http2-settings"],
]);
const NOT_RETURNED = new Set(["connection", "keep-alive", "proxy-connection", "trailer", "upgrade"]);
const UPGRADING = new Set(["connection", "upgrade"]);

const REQUEST_BYTES_MAX = 16 * 2 ** 20;
/** Longer pages are passed on as they are. */
const PAGE_BYTES_MAX = 4 * 2 ** 20;

/** `path`: what follows `/proxy` in the request's path; empty, or with a leading slash. Rejects with StatusError. */
export async function proxyTo({ handler, host }: Backend, http: HttpRequest, path: string): Promise<HttpResponse> {
  const isUpgrade = http.headers.upgrade !== undefined;
  // A page at `…/proxy` could not have relative links.
  if (path === "" && !isUpgrade && ["GET", "HEAD"].includes(http.method)) return redirectToRoot(http);
  const response = await handler({
    method: http.method,
    path: path || "/",
    query: http.query,
    headers: forwardedHeaders(http, isUpgrade),
    body: isUpgrade ? emptyRequestBody : { bytes: () => http.body.bytes(REQUEST_BYTES_MAX) },
    peer: { address: "" },
    signal: http.signal,
  }).catch((error: unknown) => {
    if (!(error instanceof HttpError) || error.code !== 503) throw error;
    throw new StatusError("ServiceUnavailable", `error trying to reach service: ${error.message}`);
  });
  if (response.status === 101) return response;
  if (isUpgrade && response.status < 400) {
    throw new StatusError("InternalError", `invalid upgrade response: status code ${response.status}`);
  }
  const prefix = http.path.slice(0, http.path.length - path.length);
  return withRewrittenLinks(response, { prefix, hosts: [host, http.headers.host ?? ""].filter(Boolean) });
}

function redirectToRoot({ path, query }: HttpRequest): HttpResponse {
  const text = query.toString();
  return { status: 301, headers: { location: `${encodeURI(path)}/${text && `?${text}`}` }, body: { kind: "empty" } };
}

function forwardedHeaders(http: HttpRequest, isUpgrade: boolean): HttpRequest["headers"] {
  const named = new Set((http.headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
  const kept = Object.entries(http.headers).filter(([name]) => {
    if (isUpgrade && UPGRADING.has(name)) return true;
    return !NOT_FORWARDED.has(name) && !named.has(name) && !/^(:|impersonate-)/.test(name);
  });
  const before = http.headers["x-forwarded-for"];
  return {
    ...Object.fromEntries(kept),
    "x-forwarded-for": [before, http.peer.address].filter(Boolean).join(", "),
    "x-forwarded-uri": http.path,
  };
}

async function withRewrittenLinks(response: HttpResponse, rules: LinkRules): Promise<HttpResponse> {
  const kept = Object.fromEntries(Object.entries(response.headers).filter(([name]) => !NOT_RETURNED.has(name)));
  const { location, "content-type": type = "", "content-encoding": encoding } = kept;
  if (location) return { ...response, headers: { ...kept, location: rewriteUrl(location, rules) } };
  const isPage = type.split(";", 1)[0]?.trim() === "text/html" && encoding === undefined;
  if (!isPage || response.body.kind !== "stream") return { ...response, headers: kept };
  return rewritePage({ ...response, headers: kept }, response.body.chunks, rules);
}

async function rewritePage(
  response: HttpResponse,
  chunks: AsyncIterable<Uint8Array>,
  rules: LinkRules,
): Promise<HttpResponse> {
  const source = chunks[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let length = 0;
  for (let next = await source.next(); !next.done; next = await source.next()) {
    read.push(next.value);
    length += next.value.length;
    if (length > PAGE_BYTES_MAX) return { ...response, body: { kind: "stream", chunks: continued(read, source) } };
  }
  const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => name !== "content-length"));
  const page = Buffer.concat(read).toString("latin1");
  // Bytes are characters here: what is rewritten is ASCII, and everything else stays as it was.
  return { ...response, headers, body: { kind: "bytes", bytes: Buffer.from(rewriteHtml(page, rules), "latin1") } };
}

async function* continued(read: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* read;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
