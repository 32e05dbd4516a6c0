import { expect } from "chai";
import { configMaps } from "../api/core/config-map.ts";
import { isAlreadyExists, StatusError } from "../api/meta/status.ts";
import type { Handler } from "../lib/http.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { createClient } from "./api-client.ts";
import { BulkCreator } from "./bulk-creator.ts";

describe("BulkCreator", () => {
  const stop = new AbortController();
  let server: FakeApiServer;
  beforeEach(() => (server = new FakeApiServer()));

  const creator = (handle: Handler = server.handle) => new BulkCreator(createClient(handle), configMaps, stop.signal);
  const configMap = (name: string) => ({ metadata: { namespace: "default", name } });
  const posts = () => server.requests.filter(({ method }) => method === "POST").map(({ path }) => path);
  const stored = async () =>
    (await createClient(server.handle).list(configMaps)).items.map((each) => each.metadata.name);

  it("creates what comes in one turn with one request, and a single object as everybody does", async () => {
    const bulk = creator();
    await Promise.all(["a", "b"].map((name) => bulk.create(configMap(name))));
    await bulk.create(configMap("c"));
    expect(posts()).to.deep.equal(["/apis/bulk.kctl.dev/v1/creations", "/api/v1/namespaces/default/configmaps"]);
    expect(await stored()).to.deep.equal(["a", "b", "c"]);
  });

  it("tells each caller of its own object", async () => {
    const bulk = creator();
    await bulk.create(configMap("taken"));
    const [taken, fresh] = await Promise.allSettled([bulk.create(configMap("taken")), bulk.create(configMap("a"))]);
    expect(taken.status === "rejected" && isAlreadyExists(taken.reason)).to.equal(true);
    expect(fresh.status).to.equal("fulfilled");
  });

  it("gathers what comes while requests are on their way, and creates all of it", async () => {
    const bulk = creator();
    await Promise.all(Array.from({ length: 450 }, (_, index) => bulk.create(configMap(`m-${index}`))));
    expect(await stored()).to.have.length(450);
    expect(posts()).to.have.length(5);
  });

  it("creates one by one where the server does not know better", async () => {
    const old: Handler = (request) => {
      if (!request.path.startsWith("/apis/bulk")) return server.handle(request);
      return Promise.reject(new StatusError("Forbidden", "no"));
    };
    const bulk = creator(old);
    await Promise.all(["a", "b"].map((name) => bulk.create(configMap(name))));
    expect(await stored()).to.deep.equal(["a", "b"]);
  });

  it("fails all of a batch whose answer is lost", async () => {
    server.failure = new StatusError("ServiceUnavailable", "away");
    const bulk = creator();
    const outcomes = await Promise.allSettled(["a", "b"].map((name) => bulk.create(configMap(name))));
    expect(outcomes.map(({ status }) => status)).to.deep.equal(["rejected", "rejected"]);
  });
});
