// Streams between users and kubelets: pods' logs, exec, attach and port-forward. Requests are
// rebuilt, not passed on: a user's credentials never reach a kubelet, and a kubelet's redirects are never followed.

import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { reasonOf, StatusError } from "../../api/meta/status.ts";
import { emptyRequestBody, HttpError, type Handler, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import { spdyRequestHeaders } from "../../lib/spdy/accept-spdy.ts";
import { acceptWebSocketBytes } from "../../lib/websocket-bytes.ts";
import { buildKubeletRequest, type KubeletRequest, type PodStream } from "./kubelet-request.ts";

export interface KubeletAccess {
  /** The node, as stored; undefined where it does not exist. */
  readNode(name: string): Promise<Node | undefined>;
  /** How to reach the kubelet of a node. */
  nodeHandler(node: Node): Handler;
}

/** What the kubelet may be told; everything else of the user's request stays here. */
const FORWARDED =
  /^(accept|accept-encoding|content-type|connection|upgrade|user-agent|sec-websocket-.*|x-stream-protocol-version)$/;
const NOT_RETURNED = new Set(["set-cookie", "www-authenticate", "location", "content-length"]);
const ERROR_TEXT_BYTES_MAX = 10_000;

/** Serves `pods/NAME/{log,exec,attach,portforward}`. Rejects with StatusError. */
export async function streamFromPod(
  access: KubeletAccess,
  http: HttpRequest,
  { pod, stream }: { readonly pod: Pod; readonly stream: PodStream },
): Promise<HttpResponse> {
  requireMethod(http.method, stream === "log" ? ["GET"] : ["GET", "POST"]);
  const request = buildKubeletRequest(stream, pod, http.query);
  if (!request) return { status: 200, headers: { "content-type": "text/plain" }, body: { kind: "empty" } };
  const node = await access.readNode(pod.spec.nodeName ?? "");
  if (!node) throw new StatusError("NotFound", `nodes "${pod.spec.nodeName}" not found`);
  const kubelet = access.nodeHandler(node);
  if (stream === "portforward" && isTunnel(http)) return tunnelPorts(kubelet, http, request);
  const response = await send(kubelet, http, { ...request, method: http.method });
  if (response.status >= 400) throw await kubeletError(response);
  return response;
}

/** What kubectl since 1.31 forwards ports with: SPDY inside a WebSocket. Kubelets know nothing of the WebSocket. */
const TUNNEL = "SPDY/3.1+portforward.k8s.io";

const isTunnel = ({ headers }: HttpRequest): boolean =>
  headers["sec-websocket-protocol"]?.split(",").some((each) => each.trim() === TUNNEL) ?? false;

async function tunnelPorts(kubelet: Handler, http: HttpRequest, request: KubeletRequest): Promise<HttpResponse> {
  let inner: HttpResponse["body"] = { kind: "empty" };
  const outer = acceptWebSocketBytes(http, {
    protocol: TUNNEL,
    serve(bytes) {
      if (inner.kind === "upgrade") inner.accept(bytes, new Uint8Array());
    },
  });
  const headers = spdyRequestHeaders(["portforward.k8s.io"]);
  const response = await send(kubelet, { ...http, headers }, { ...request, method: "POST" });
  if (response.status >= 400) throw await kubeletError(response);
  if (response.body.kind !== "upgrade") {
    throw new StatusError("InternalError", "the kubelet did not upgrade the connection to SPDY");
  }
  inner = response.body;
  return outer;
}

function requireMethod(method: string, allowed: readonly string[]): void {
  if (!allowed.includes(method)) {
    throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  }
}

type Forwarded = KubeletRequest & Pick<HttpRequest, "method"> & Partial<Pick<HttpRequest, "body">>;

async function send(kubelet: Handler, user: HttpRequest, request: Forwarded): Promise<HttpResponse> {
  const headers = Object.entries(user.headers).filter(([name]) => FORWARDED.test(name));
  const response = await kubelet({
    ...request,
    headers: Object.fromEntries(headers),
    body: request.body ?? emptyRequestBody,
    peer: { address: "" },
    signal: user.signal,
  }).catch((error: unknown) => {
    if (!(error instanceof HttpError)) throw error;
    throw new StatusError("InternalError", `error dialing backend: ${error.message}`);
  });
  if (response.status >= 300 && response.status < 400) {
    throw new StatusError("InternalError", "the kubelet answered with a redirect, which is not followed");
  }
  const returned = Object.entries(response.headers).filter(([name]) => !NOT_RETURNED.has(name));
  return { ...response, headers: Object.fromEntries(returned) };
}

/** A kubelet's errors are plain text, which becomes the message of a Status. */
async function kubeletError({ status, body }: HttpResponse): Promise<StatusError> {
  const text = await readText(body);
  const reason = status >= 500 ? "InternalError" : reasonOf(status);
  return new StatusError(reason, text.trim() || `the kubelet answered with status ${status}`, { code: status });
}

async function readText(body: HttpResponse["body"]): Promise<string> {
  if (body.kind === "bytes") return Buffer.from(body.bytes).toString().slice(0, ERROR_TEXT_BYTES_MAX);
  if (body.kind !== "stream") return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body.chunks) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > ERROR_TEXT_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString().slice(0, ERROR_TEXT_BYTES_MAX);
}
