import { expect } from "chai";
import type { StatusError } from "../../api/meta/status.ts";
import { emptyRequestBody, HttpError, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import { proxyTo } from "./reverse-proxy.ts";

const ROOT = "/api/v1/namespaces/ns/pods/p/proxy";
const streamOf = (...texts: readonly string[]): HttpResponse["body"] => ({
  kind: "stream",
  chunks: (async function* () {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  })(),
});
const textOf = async ({ body }: HttpResponse): Promise<string> => {
  if (body.kind === "bytes") return Buffer.from(body.bytes).toString();
  if (body.kind !== "stream") return "";
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe("a request through the proxy", () => {
  let asked: HttpRequest | undefined;
  beforeEach(() => (asked = undefined));
  const ask = (path: string, answer: Partial<HttpResponse> | Error, request: Partial<HttpRequest> = {}) =>
    proxyTo(
      {
        host: "10.0.0.1:80",
        handler: (received) => {
          asked = received;
          if (answer instanceof Error) return Promise.reject(answer);
          return Promise.resolve({ status: 200, headers: {}, body: { kind: "empty" }, ...answer });
        },
      },
      {
        method: "GET",
        path: ROOT + path,
        query: new URLSearchParams(),
        headers: {},
        body: emptyRequestBody,
        peer: { address: "192.0.2.9" },
        signal: new AbortController().signal,
        ...request,
      },
      path,
    );

  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`keeps the method ${method}, the path, the query and the body`, async () => {
      const body = { bytes: () => Promise.resolve(Buffer.from("body")) };
      const response = await ask("/a b/c/", { status: 418 }, { method, body, query: new URLSearchParams("x=1&x=2") });
      expect(response.status).to.equal(418);
      expect([asked?.method, asked?.path, asked?.query.toString()]).to.deep.equal([method, "/a b/c/", "x=1&x=2"]);
      expect(Buffer.from((await asked?.body.bytes(100)) ?? []).toString()).to.equal("body");
    });
  }

  it("tells the backend who asked, and nothing that would let it ask in their name", async () => {
    const headers = {
      ...{ authorization: "Bearer secret", "impersonate-user": "admin", "gantry-fence": "f", host: "api" },
      ...{ connection: "keep-alive, x-hop", "x-hop": "1", te: "trailers", "accept-encoding": "gzip" },
      ...{ cookie: "session=1", accept: "text/html", "x-forwarded-for": "198.51.100.1" },
    };
    await ask("/a", {}, { headers });
    expect(asked?.headers).to.deep.equal({
      cookie: "session=1",
      accept: "text/html",
      "x-forwarded-for": "198.51.100.1, 192.0.2.9",
      "x-forwarded-uri": `${ROOT}/a`,
    });
  });

  it("is sent to the root first, so that relative links work", async () => {
    for (const method of ["GET", "HEAD"]) {
      const response = await ask("", {}, { method, query: new URLSearchParams("method=GET") });
      expect([response.status, response.headers.location]).to.deep.equal([301, `${ROOT}/?method=GET`]);
      expect(asked).to.equal(undefined);
    }
    await ask("", {}, { method: "POST" });
    expect(asked?.path).to.equal("/");
    await ask("/", {});
    expect(asked?.path).to.equal("/");
  });

  it("is answered with redirects that lead through the proxy", async () => {
    const location = async (to: string) =>
      (await ask("/a", { status: 302, headers: { location: to } })).headers.location;
    expect(await location("/b")).to.equal(`${ROOT}/b`);
    expect(await location("http://10.0.0.1:80/b?c=1")).to.equal(`${ROOT}/b?c=1`);
    expect(await location("https://elsewhere.example/b")).to.equal("https://elsewhere.example/b");
  });

  it("is answered with pages whose links lead through the proxy", async () => {
    const headers = { "content-type": "text/html; charset=utf-8", "content-length": "20" };
    const response = await ask("/", { headers, body: streamOf("<a hr", 'ef="/x">é</a>') });
    expect(await textOf(response)).to.equal(`<a href="${ROOT}/x">é</a>`);
    expect(response.headers).to.deep.equal({ "content-type": "text/html; charset=utf-8" });
  });

  it("is answered with everything else as it is", async () => {
    const page = '<a href="/x">';
    const plain = await ask("/", { headers: { "content-type": "text/plain" }, body: streamOf(page) });
    expect(await textOf(plain)).to.equal(page);
    const packed = { "content-type": "text/html", "content-encoding": "gzip" };
    expect(await textOf(await ask("/", { headers: packed, body: streamOf(page) }))).to.equal(page);
    const large = await ask("/", { headers: { "content-type": "text/html" }, body: streamOf(page, "x".repeat(5e6)) });
    expect((await textOf(large)).length).to.equal(page.length + 5e6);
  });

  const failure = (outcome: Promise<unknown>) =>
    outcome.then(
      () => "none",
      ({ code, reason, message }: StatusError) => `${code} ${reason}: ${message}`,
    );

  it("fails with 503 where the backend cannot be reached", async () => {
    expect(await failure(ask("/a", new HttpError(503, "It refused the connection.")))).to.equal(
      "503 ServiceUnavailable: error trying to reach service: It refused the connection.",
    );
  });

  describe("to upgrade the connection", () => {
    const headers = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "k", authorization: "secret" };

    it("is passed on as such", async () => {
      const body: HttpResponse["body"] = { kind: "upgrade", accept() {} };
      const response = await ask("", { status: 101, headers: { upgrade: "websocket" }, body }, { headers });
      expect(response.status).to.equal(101);
      expect(asked?.headers).to.include({ connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": "k" });
      expect(asked?.headers).to.not.have.property("authorization");
    });

    it("fails with the backend's own refusal, or for an answer that is none", async () => {
      expect((await ask("/a", { status: 403 }, { headers })).status).to.equal(403);
      expect(await failure(ask("/a", { status: 200 }, { headers }))).to.equal(
        "500 InternalError: invalid upgrade response: status code 200",
      );
    });
  });
});
