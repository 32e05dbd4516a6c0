import { expect } from "chai";
import { createClient } from "../../client/api-client.ts";
import { emptyRequestBody, type Handler } from "../../lib/http.ts";
import { silentLog } from "../../lib/log.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { KubeletAccess } from "./kubelet-access.ts";

/** An API server that knows one token, and lets its owner read figures while `allowed`. */
class Reviewer {
  questions: string[] = [];
  allowed = true;
  isUp = true;

  readonly handle: Handler = async ({ path, body }) => {
    const { spec } = JSON.parse(Buffer.from(await body.bytes(1e6)).toString()) as Review;
    if (!this.isUp) throw new Error("no route to host");
    const isToken = path.endsWith("/tokenreviews");
    this.questions.push(isToken ? "token" : JSON.stringify(spec.resourceAttributes));
    const known = spec.token === "good" ? { authenticated: true, user: { username: "eve" } } : {};
    const object = { status: isToken ? known : { allowed: this.allowed } };
    return { status: 201, headers: {}, body: { kind: "object", object, chunks: () => [] } };
  };
}

interface Review {
  readonly spec: { readonly token?: string; readonly resourceAttributes?: object };
}

describe("access to the kubelet's endpoint", () => {
  const clock = new FakeClock();
  let reviewer: Reviewer;
  let access: KubeletAccess;
  beforeEach(() => {
    reviewer = new Reviewer();
    access = new KubeletAccess({ client: createClient(reviewer.handle), nodeName: "n1", clock, log: silentLog });
  });
  const refuse = (path: string, token: string) =>
    access.refuse({
      method: "GET",
      path,
      query: new URLSearchParams(),
      headers: { authorization: `Bearer ${token}` },
      body: emptyRequestBody,
      peer: { address: "" },
      signal: new AbortController().signal,
    });

  it("is asked for once in a while, not for each request", async () => {
    const figures = '{"verb":"get","version":"v1","resource":"nodes","subresource":"metrics","name":"n1"}';
    for (let round = 0; round < 3; round++) expect(await refuse("/metrics", "good")).to.equal(undefined);
    expect(reviewer.questions).to.deep.equal(["token", figures]);
    await clock.advance(120_000);
    expect(await refuse("/metrics/cadvisor", "good")).to.equal(undefined);
    expect(reviewer.questions).to.deep.equal(["token", figures, "token"]);
    await clock.advance(180_000);
    reviewer.allowed = false;
    expect(await refuse("/metrics", "good")).to.have.property("status", 403);
  });

  it("comes sooner than it goes", async () => {
    reviewer.allowed = false;
    expect(await refuse("/pods", "good")).to.deep.equal({
      status: 403,
      message: "Forbidden (user=eve, verb=get, resource=nodes, subresource(s)=[pods proxy])\n",
    });
    reviewer.allowed = true;
    expect(await refuse("/pods", "good")).to.have.property("status", 403);
    await clock.advance(30_000);
    expect(await refuse("/pods", "good")).to.equal(undefined);
  });

  it("is refused to others, and believed again as soon as they are known", async () => {
    expect(await refuse("/metrics", "bad")).to.deep.equal({ status: 401, message: "Unauthorized" });
    expect(reviewer.questions).to.deep.equal(["token"]);
  });

  it("goes on without the API server for who was let in before, and for nobody else", async () => {
    await refuse("/metrics", "good");
    reviewer.isUp = false;
    expect(await refuse("/metrics", "good")).to.equal(undefined);
    expect(await refuse("/pods", "good")).to.deep.equal({
      status: 500,
      message: "Authorization error (user=eve, verb=get, resource=nodes, subresource(s)=[pods proxy])",
    });
    expect(await refuse("/metrics", "other")).to.deep.equal({ status: 401, message: "Unauthorized" });
  });
});
