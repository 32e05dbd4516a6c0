import { once } from "node:events";
import { Transform, type Duplex } from "node:stream";
import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { StatusError } from "../../api/meta/status.ts";
import { duplexPair } from "../../lib/duplex-pair.ts";
import { emptyRequestBody, HttpError, type Handler, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import { streamFromPod, type KubeletAccess } from "./kubelet-stream.ts";

const pod = {
  metadata: { namespace: "default", name: "web" },
  spec: { nodeName: "n1", containers: [{ name: "main", image: "i" }] },
} as unknown as Pod;
const node = { metadata: { name: "n1" } } as unknown as Node;

const requestOf = (request: Partial<HttpRequest>): HttpRequest => ({
  method: "GET",
  path: "/",
  query: new URLSearchParams(),
  headers: {},
  body: emptyRequestBody,
  peer: { address: "10.0.0.9" },
  signal: new AbortController().signal,
  ...request,
});
const text = (status: number, body: string, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: { kind: "bytes", bytes: Buffer.from(body) },
});
const access = (kubelet: Handler, known = true): KubeletAccess => ({
  readNode: () => Promise.resolve(known ? node : undefined),
  nodeHandler: () => kubelet,
});
const failure = (outcome: Promise<unknown>) =>
  outcome.then(
    () => "none",
    ({ code, reason, message }: StatusError) => `${code} ${reason}: ${message}`,
  );

describe("a stream from a pod", () => {
  const log = (kubelet: Handler, request: Partial<HttpRequest> = {}) =>
    streamFromPod(access(kubelet), requestOf(request), { pod, stream: "log" });

  it("is the kubelet's, without a word of the user's credentials", async () => {
    let asked: HttpRequest | undefined;
    const response = await streamFromPod(
      access((request) => {
        asked = request;
        return Promise.resolve({
          status: 101,
          headers: { upgrade: "websocket" },
          body: { kind: "upgrade", accept() {} },
        });
      }),
      requestOf({
        query: new URLSearchParams("command=ls&stdout=true"),
        headers: {
          authorization: "Bearer secret",
          cookie: "secret",
          "impersonate-user": "admin",
          "gantry-fence": "f",
          upgrade: "websocket",
          connection: "Upgrade",
          "sec-websocket-key": "k",
        },
      }),
      { pod, stream: "exec" },
    );
    expect(response.status).to.equal(101);
    expect(`${asked?.path}?${asked?.query.toString()}`).to.equal("/exec/default/web/main?output=1&command=ls");
    expect(asked?.headers).to.deep.equal({ upgrade: "websocket", connection: "Upgrade", "sec-websocket-key": "k" });
    expect(asked?.peer).to.deep.equal({ address: "" });
  });

  it("carries the kubelet's errors as a Status", async () => {
    const waiting = 'container "main" in pod "web" is waiting to start: ContainerCreating';
    expect(await failure(log(() => Promise.resolve(text(400, `${waiting}\n`))))).to.equal(`400 BadRequest: ${waiting}`);
    expect(await failure(log(() => Promise.resolve(text(500, "broken"))))).to.equal("500 InternalError: broken");
    expect(await failure(log(() => Promise.resolve(text(503, ""))))).to.equal(
      "503 InternalError: the kubelet answered with status 503",
    );
  });

  it("never follows a kubelet's redirect, and keeps none of its cookies", async () => {
    const redirect = text(302, "", { location: "https://127.0.0.1:2379/" });
    expect(await failure(log(() => Promise.resolve(redirect)))).to.contain("redirect, which is not followed");
    const { headers } = await log(() =>
      Promise.resolve(text(200, "x", { "set-cookie": "a=b", "content-type": "text/plain" })),
    );
    expect(headers).to.deep.equal({ "content-type": "text/plain" });
  });

  it("says that the kubelet cannot be reached, or that the node is gone", async () => {
    const unreachable = new HttpError(503, "The server at https://10.0.0.5:10250 did not answer in time.");
    expect(await failure(log(() => Promise.reject(unreachable)))).to.equal(
      "500 InternalError: error dialing backend: The server at https://10.0.0.5:10250 did not answer in time.",
    );
    const gone = streamFromPod(
      access(() => Promise.reject(new Error()), false),
      requestOf({}),
      { pod, stream: "log" },
    );
    expect(await failure(gone)).to.equal('404 NotFound: nodes "n1" not found');
  });

  it("is SPDY as the client speaks it, byte for byte", async () => {
    let asked: HttpRequest | undefined;
    const headers = { upgrade: "SPDY/3.1", connection: "Upgrade", "x-stream-protocol-version": "v4.channel.k8s.io" };
    const answer: HttpResponse = { status: 101, headers, body: { kind: "upgrade", accept() {} } };
    const kubelet = access((request) => {
      asked = request;
      return Promise.resolve(answer);
    });
    const query = new URLSearchParams("command=ls");
    const response = await streamFromPod(kubelet, requestOf({ headers, query, method: "POST" }), {
      pod,
      stream: "exec",
    });
    expect(response).to.deep.equal(answer);
    expect(asked?.headers).to.deep.equal(headers);
  });

  const tunnelHeaders = {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": "k",
    "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io",
  };
  const forward = (kubelet: Handler, headers: Record<string, string> = tunnelHeaders) =>
    streamFromPod(access(kubelet), requestOf({ headers }), { pod, stream: "portforward" });

  it("is unpacked for the kubelet, where it is SPDY in a WebSocket", async () => {
    let asked: HttpRequest | undefined;
    const { body, headers } = await forward((request) => {
      asked = request;
      const upper = new Transform({ transform: (chunk, _, done) => done(null, String(chunk).toUpperCase()) });
      const accept = (connection: Duplex) => void connection.pipe(upper).pipe(connection);
      return Promise.resolve({ status: 101, headers: { upgrade: "SPDY/3.1" }, body: { kind: "upgrade", accept } });
    });
    expect(headers["sec-websocket-protocol"]).to.equal("SPDY/3.1+portforward.k8s.io");
    expect([asked?.method, asked?.path]).to.deep.equal(["POST", "/portForward/default/web"]);
    expect(asked?.headers).to.deep.equal({
      upgrade: "SPDY/3.1",
      connection: "Upgrade",
      "x-stream-protocol-version": "portforward.k8s.io",
    });
    if (body.kind !== "upgrade") return expect.fail("the server did not upgrade");
    const [near, far] = duplexPair();
    body.accept(far, new Uint8Array());
    const received: Buffer[] = [];
    near.on("data", (chunk: Buffer) => received.push(chunk));
    // A masked binary message with the mask 0, and a closing one.
    near.write(Uint8Array.of(0x82, 0x80 | 2, 0, 0, 0, 0, 0x61, 0x62));
    await once(near, "data");
    near.write(Uint8Array.of(0x88, 0x80 | 2, 0, 0, 0, 0, 0x03, 0xe8));
    await once(near, "end");
    expect(Buffer.concat(received).toString("latin1")).to.equal("\x82\x02AB\x88\x02\x03\xe8");
  });

  it("tells why the kubelet refuses it, where it is SPDY in a WebSocket", async () => {
    const refusal = () => Promise.resolve(text(400, 'pod "web" is not running'));
    expect(await failure(forward(refusal))).to.equal('400 BadRequest: pod "web" is not running');
    const plain = () => Promise.resolve(text(200, "hello"));
    expect(await failure(forward(plain))).to.contain("500 InternalError: the kubelet did not upgrade");
    const unasked = () => Promise.reject(new Error("the kubelet is not to be asked"));
    const headers = { "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io" };
    expect(await forward(unasked, headers).catch((error: Error) => error.message)).to.equal("Upgrade request required");
  });

  it("is read with GET only, where it is a log", async () => {
    expect(await failure(log(() => Promise.resolve(text(200, "")), { method: "POST" }))).to.contain(
      "405 MethodNotAllowed",
    );
  });
});
