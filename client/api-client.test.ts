import { expect } from "chai";
import { deployments } from "../api/apps/deployment.ts";
import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import { StatusError } from "../api/meta/status.ts";
import {
  HttpError,
  objectRequestBody,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  type ResponseBody,
} from "../lib/http.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { createClient } from "./api-client.ts";
import type { Client, WatchEvent } from "./client.ts";
import { inProcessTransport } from "./transport.ts";

const user = { username: "test", groups: [] };
const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { namespace: "default", name },
  data,
});

/** A handler that keeps the last request and gives one answer. */
function answering(response: Partial<HttpResponse> = {}) {
  const seen: HttpRequest[] = [];
  const object = { metadata: {}, items: [] };
  const handler: Handler = (request) => {
    seen.push(request);
    return Promise.resolve({
      status: 200,
      headers: {},
      body: { kind: "object", object, chunks: () => [] },
      ...response,
    });
  };
  return { handler, seen };
}

const failure = async (call: Promise<unknown>): Promise<StatusError> => {
  try {
    await call;
  } catch (error) {
    if (error instanceof StatusError) return error;
  }
  throw new Error("the call did not fail with a StatusError");
};

async function* chunksOf(...texts: string[]) {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

describe("createClient", () => {
  const cases: [string, (client: Client) => Promise<unknown>, string, unknown?][] = [
    ["get", (c) => c.get(nodes, { name: "n1" }), "GET /api/v1/nodes/n1"],
    [
      "get of a subresource",
      (c) => c.get(deployments, { namespace: "a", name: "b" }, { subresource: "scale" }),
      "GET /apis/apps/v1/namespaces/a/deployments/b/scale",
    ],
    ["list of all namespaces", (c) => c.list(pods), "GET /api/v1/pods"],
    [
      "list with selectors",
      (c) => c.list(pods, { namespace: "a", labelSelector: "x=y", limit: 5, continue: "t" }),
      "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=5&continue=t",
    ],
    [
      "create",
      (c) => c.create(configMaps, configMap("m"), { fieldManager: "me" }),
      "POST /api/v1/namespaces/default/configmaps?fieldManager=me",
      { apiVersion: "v1", kind: "ConfigMap", ...configMap("m") },
    ],
    [
      "dry run",
      (c) => c.create(configMaps, configMap("m"), { dryRun: true }),
      "POST /api/v1/namespaces/default/configmaps?dryRun=All",
      { apiVersion: "v1", kind: "ConfigMap", ...configMap("m") },
    ],
    [
      "json patch",
      (c) => c.patch(nodes, { name: "n" }, { type: "json", patch: [] }, { subresource: "status" }),
      "PATCH /api/v1/nodes/n/status",
      [],
    ],
    [
      "apply",
      (c) => c.patch(nodes, { name: "n" }, { type: "apply", patch: { a: 1 }, force: true }, { fieldManager: "me" }),
      "PATCH /api/v1/nodes/n?fieldManager=me&force=true",
      { a: 1 },
    ],
    [
      "delete",
      (c) => c.delete(pods, { namespace: "a", name: "b" }, { gracePeriodSeconds: 0, dryRun: true }),
      "DELETE /api/v1/namespaces/a/pods/b",
      { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: 0, dryRun: ["All"] },
    ],
    [
      "createSubresource",
      (c) => c.createSubresource(pods, { namespace: "a", name: "b", subresource: "binding" }, { x: 1 }),
      "POST /api/v1/namespaces/a/pods/b/binding",
      { x: 1 },
    ],
    ["names with a colon", (c) => c.get(nodes, { name: "system:node" }), "GET /api/v1/nodes/system:node"],
  ];
  for (const [title, call, line, body] of cases) {
    it(`sends ${title} as Kubernetes' clients do`, async () => {
      const { handler, seen } = answering();
      await call(createClient(handler));
      const [request] = seen;
      const query = request?.query.toString();
      expect(`${request?.method} ${request?.path}${query ? `?${query}` : ""}`).to.equal(line);
      expect(request?.body.object).to.deep.equal(body);
    });
  }

  it("names the patch's type", async () => {
    const { handler, seen } = answering();
    const client = createClient(handler);
    for (const type of ["merge", "strategic", "apply"] as const)
      await client.patch(nodes, { name: "n" }, { type, patch: {} });
    expect(seen.map(({ headers }) => headers["content-type"])).to.deep.equal([
      "application/merge-patch+json",
      "application/strategic-merge-patch+json",
      "application/apply-patch+yaml",
    ]);
  });

  for (const name of ["a/b", "..", ".", "a%2fb"]) {
    it(`refuses the name ${name}, which would lead to another path`, async () => {
      const { handler, seen } = answering();
      expect((await failure(createClient(handler).delete(pods, { namespace: "x", name }))).reason).to.equal(
        "BadRequest",
      );
      expect(seen).to.have.length(0);
    });
  }

  it("sends the fence with writes only", async () => {
    const { handler, seen } = answering();
    const client = createClient(handler, { userAgent: "gantry", fence: () => "ns/lease;me;1" });
    await client.get(nodes, { name: "n" });
    await client.delete(nodes, { name: "n" });
    await client.raw({ method: "POST", path: "/apis/placement.kctl.dev/v1/placements", body: objectRequestBody({}) });
    expect(seen.map(({ headers }) => headers["gantry-fence"])).to.deep.equal([
      undefined,
      "ns/lease;me;1",
      "ns/lease;me;1",
    ]);
    expect(seen[0]?.headers["user-agent"]).to.equal("gantry");
  });

  it("acts as the transport's user, whatever the request says", async () => {
    const { handler, seen } = answering();
    const root = { username: "root", groups: ["system:masters"] };
    await createClient(inProcessTransport(handler, user)).raw({
      method: "GET",
      path: "/",
      peer: { address: "", user: root },
    });
    expect(seen[0]?.peer.user).to.equal(user);
  });

  it("fills in the kind of list items, which kube-apiserver leaves out", async () => {
    const object = { metadata: { resourceVersion: "7", remainingItemCount: 3 }, items: [{ metadata: { name: "a" } }] };
    const { handler } = answering({ body: { kind: "object", object, chunks: () => [] } });
    const list = await createClient(handler).list(deployments);
    expect(list).to.deep.equal({
      items: [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" } }],
      resourceVersion: "7",
      continue: undefined,
      remainingItemCount: 3,
    });
  });

  const status = new StatusError("Forbidden", "no").toStatus();
  const bytes = (text: string): ResponseBody => ({ kind: "bytes", bytes: Buffer.from(text) });
  const json = { "content-type": "application/json" };
  const failures: [string, Partial<HttpResponse>, string, string][] = [
    ["a Status object", { status: 403, body: { kind: "object", object: status, chunks: () => [] } }, "Forbidden", "no"],
    ["an encoded Status", { status: 403, headers: json, body: bytes(JSON.stringify(status)) }, "Forbidden", "no"],
    [
      "a proxy's page",
      { status: 503, headers: { "content-type": "text/html" }, body: bytes("busy\n") },
      "ServiceUnavailable",
      "busy",
    ],
    ["broken JSON", { status: 500, headers: json, body: bytes("{") }, "InternalError", "{"],
    ["an empty failure", { status: 404, body: { kind: "empty" } }, "NotFound", "the server answered with status 404"],
    [
      "an answer that is no JSON",
      { status: 200, body: bytes("<html>") },
      "InternalError",
      "the server's answer is no JSON",
    ],
  ];
  for (const [title, response, reason, message] of failures) {
    it(`turns ${title} into a StatusError`, async () => {
      const error = await failure(createClient(answering(response).handler).get(nodes, { name: "n" }));
      expect(error.reason).to.equal(reason);
      expect(error.message).to.include(message);
    });
  }

  it("turns a lost connection into ServiceUnavailable, before the answer and within it", async () => {
    const lost = new HttpError(503, "the connection was lost");
    const refused = createClient(() => Promise.reject(lost));
    expect((await failure(refused.list(nodes))).reason).to.equal("ServiceUnavailable");
    const broken = async function* () {
      yield await Promise.resolve(Buffer.from("{"));
      throw lost;
    };
    const cut = () => createClient(answering({ body: { kind: "stream", chunks: broken() } }).handler);
    expect((await failure(cut().list(nodes))).message).to.equal("the connection was lost");
    const watching = async () => {
      for await (const event of cut().watch(nodes, { signal: new AbortController().signal })) expect.fail(event.type);
    };
    expect((await failure(watching())).reason).to.equal("ServiceUnavailable");
  });

  for (const encoded of [false, true]) {
    it(`round-trips objects and watches ${encoded ? "over bytes" : "without encoding"}`, async () => {
      const server = new FakeApiServer();
      server.encoded = encoded;
      const client = createClient(inProcessTransport(server.handle, user));
      const created = await client.create(configMaps, configMap("m", { a: "1" }));
      const updated = await client.update(configMaps, { ...created, data: { a: "2" } });
      await client.delete(configMaps, created.metadata);
      server.bookmark();
      const stop = new AbortController();
      const seen: WatchEvent<ConfigMap>[] = [];
      for await (const event of client.watch(configMaps, { resourceVersion: "0", signal: stop.signal })) {
        seen.push(event);
        if (event.type === "BOOKMARK") stop.abort();
      }
      expect(seen.slice(0, 2)).to.deep.equal([
        { type: "ADDED", object: created },
        { type: "MODIFIED", object: updated },
      ]);
      expect(seen.slice(2).map(({ type }) => type)).to.deep.equal(["DELETED", "BOOKMARK"]);
      expect((await failure(client.get(configMaps, created.metadata))).reason).to.equal("NotFound");
    });
  }

  it("reads watch lines however the stream is cut, and drops a last line that was cut off", async () => {
    const line = (name: string) => `${JSON.stringify({ type: "ADDED", object: { metadata: { name: `${name}é` } } })}\n`;
    const text = Buffer.from(line("a") + line("b") + line("c"));
    for (let size = 1; size < text.length; size += 7) {
      const pieces: Uint8Array[] = [];
      for (let start = 0; start < text.length - 5; start += size) {
        pieces.push(text.subarray(start, Math.min(start + size, text.length - 5)));
      }
      const chunks = (async function* () {
        for (const piece of pieces) yield await Promise.resolve(piece);
      })();
      const client = createClient(answering({ body: { kind: "stream", chunks } }).handler);
      const names: string[] = [];
      for await (const event of client.watch(nodes, { signal: new AbortController().signal })) {
        if (event.type === "ADDED") names.push(event.object.metadata.name);
      }
      expect(names).to.deep.equal(["aé", "bé"]);
    }
  });

  it("ends a watch with the error that the server sends", async () => {
    const event = { type: "ERROR", object: new StatusError("Expired", "too old resource version: 1 (2)").toStatus() };
    const body: ResponseBody = { kind: "stream", chunks: chunksOf(`${JSON.stringify(event)}\n`) };
    const client = createClient(answering({ body }).handler);
    const read = async () => {
      for await (const found of client.watch(nodes, { signal: new AbortController().signal })) expect.fail(found.type);
    };
    expect((await failure(read())).reason).to.equal("Expired");
  });
});
