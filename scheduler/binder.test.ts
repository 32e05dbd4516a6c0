import { expect } from "chai";
import { StatusError } from "../api/meta/status.ts";
import type { PlacementBinding } from "../api/placement/placement.ts";
import { createClient } from "../client/api-client.ts";
import type { HttpRequest, HttpResponse } from "../lib/http.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Binder } from "./binder.ts";

const answer = (status: number, object: unknown): HttpResponse => ({
  status,
  headers: {},
  body: { kind: "object", object, chunks: () => [] },
});
const binding = (name: string, node = "n1"): PlacementBinding => ({ namespace: "default", name, uid: name, node });

describe("Binder", () => {
  let clock: FakeClock;
  let requests: HttpRequest[];
  let release: (() => void)[];
  let results: string[];

  beforeEach(() => {
    clock = new FakeClock();
    requests = [];
    release = [];
    results = [];
  });

  function binderFor(respond: (request: HttpRequest) => HttpResponse, hold = false) {
    const client = createClient(async (request) => {
      requests.push(request);
      if (hold) await new Promise<void>((resolve) => release.push(resolve));
      return respond(request);
    });
    const onResult = ({ name }: PlacementBinding, error: unknown) =>
      results.push(`${name}: ${error instanceof Error ? error.message : "bound"}`);
    return new Binder({ client, onResult });
  }

  const sent = (request: HttpRequest) => (request.body.object as { bindings: PlacementBinding[] }).bindings;
  const bindAll = (request: HttpRequest) =>
    answer(200, { results: sent(request).map((each) => ({ ...each, bound: true })) });

  it("sends what is added in one turn as one request", async () => {
    const binder = binderFor(bindAll);
    for (const name of ["a", "b", "c"]) binder.add(binding(name));
    await clock.advance(0);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      "POST /apis/placement.kctl.dev/v1/placements",
    ]);
    expect(requests[0]?.body.object).to.deep.equal({
      mode: "Incremental",
      bindings: ["a", "b", "c"].map((name) => binding(name)),
    });
    expect(results).to.deep.equal(["a: bound", "b: bound", "c: bound"]);
    expect(binder.pending).to.equal(0);
  });

  it("sends what belongs together in a request of its own, which is made whole or not at all", async () => {
    const binder = binderFor(bindAll);
    binder.add(binding("a"));
    binder.addTogether([binding("g1"), binding("g2")]);
    await clock.advance(0);
    expect(requests.map(({ body }) => body.object)).to.deep.equal([
      { mode: "AllOrNothing", bindings: [binding("g1"), binding("g2")] },
      { mode: "Incremental", bindings: [binding("a")] },
    ]);
    expect(results).to.have.members(["a: bound", "g1: bound", "g2: bound"]);
    expect(binder.pending).to.equal(0);
  });

  it("binds nothing one by one that belongs together", async () => {
    const binder = binderFor(() => answer(404, new StatusError("NotFound", "no placements").toStatus()));
    binder.addTogether([binding("g1"), binding("g2")]);
    await clock.advance(0);
    expect(requests).to.have.lengthOf(1);
    expect(results).to.deep.equal(["g1: no placements", "g2: no placements"]);
  });

  it("reports each refusal to its own binding", async () => {
    const refusal = new StatusError("Conflict", "no room").toStatus();
    const binder = binderFor((request) =>
      answer(200, {
        results: sent(request).map((each) => (each.name === "b" ? { ...each, bound: false, status: refusal } : each)),
      }),
    );
    for (const name of ["a", "b", "c"]) binder.add(binding(name));
    await clock.advance(0);
    expect(results).to.deep.equal(["a: bound", "b: no room", "c: bound"]);
  });

  it("gathers bindings while requests are on their way, in batches of at most fifty", async () => {
    const binder = binderFor(bindAll, true);
    for (let index = 0; index < 900; index++) binder.add(binding(`p${index}`));
    await clock.advance(0);
    expect(requests.map((request) => sent(request).length)).to.deep.equal([50, 50, 50, 50]);
    while (results.length < 900) {
      release.splice(0).forEach((go) => go());
      await clock.advance(0);
    }
    expect(requests).to.have.length(18);
  });

  it("makes the scheduler wait when a thousand bindings have no answer", async () => {
    const binder = binderFor(bindAll, true);
    for (let index = 0; index < 1000; index++) binder.add(binding(`p${index}`));
    let room = false;
    void binder.room().then(() => (room = true));
    await clock.advance(0);
    expect(room).to.equal(false);
    release.shift()?.();
    await clock.advance(0);
    expect(room).to.equal(true);
  });

  it("reports a failed request to all of its bindings", async () => {
    const binder = binderFor(() => answer(503, new StatusError("ServiceUnavailable", "away").toStatus()));
    for (const name of ["a", "b"]) binder.add(binding(name));
    await binder.drained();
    await clock.advance(0);
    expect(results).to.deep.equal(["a: away", "b: away"]);
  });

  for (const [code, reason] of [
    [404, "NotFound"],
    [403, "Forbidden"],
  ] as const) {
    it(`binds one by one where the server answers the bulk form with ${code}, and asks for it once only`, async () => {
      const binder = binderFor(({ path }) => {
        if (path.endsWith("/placements")) return answer(code, new StatusError(reason, "no such path").toStatus());
        if (path.includes("/b/")) return answer(409, new StatusError("Conflict", "already assigned").toStatus());
        return answer(201, {});
      });
      for (const name of ["a", "b"]) binder.add(binding(name));
      await clock.advance(0);
      binder.add(binding("c", "n2"));
      await clock.advance(0);
      expect(requests.map(({ path }) => path)).to.deep.equal([
        "/apis/placement.kctl.dev/v1/placements",
        "/api/v1/namespaces/default/pods/a/binding",
        "/api/v1/namespaces/default/pods/b/binding",
        "/api/v1/namespaces/default/pods/c/binding",
      ]);
      expect(requests[3]?.body.object).to.deep.equal({
        apiVersion: "v1",
        kind: "Binding",
        metadata: { namespace: "default", name: "c", uid: "c" },
        target: { apiVersion: "v1", kind: "Node", name: "n2" },
      });
      expect(results).to.deep.equal(["a: bound", "b: already assigned", "c: bound"]);
    });
  }
});
