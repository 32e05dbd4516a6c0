import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { StatusError } from "../../api/meta/status.ts";
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

  it("says in plain words that it does not come over SPDY", async () => {
    const offers = [
      { upgrade: "SPDY/3.1" },
      { upgrade: "websocket", "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io" },
    ];
    for (const headers of offers) {
      const unasked = access(() => Promise.reject(new Error("the kubelet is not to be asked")));
      const forwarded = streamFromPod(unasked, requestOf({ headers, method: "POST" }), { pod, stream: "portforward" });
      expect(await failure(forwarded)).to.match(/^400 BadRequest: this server does not speak SPDY/);
    }
  });

  it("is read with GET only, where it is a log", async () => {
    expect(await failure(log(() => Promise.resolve(text(200, "")), { method: "POST" }))).to.contain(
      "405 MethodNotAllowed",
    );
  });
});
