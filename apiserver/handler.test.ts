import { expect } from "chai";
import type { Log } from "../lib/log.ts";
import { judgedBy } from "../testing/authorizer.ts";
import { ApiHarness, textOf } from "../testing/api-harness.ts";
import { MemoryStore } from "./storage/memory-store.ts";
import { Unavailable } from "./storage/store.ts";

const PATH = "/api/v1/namespaces/default/configmaps";

describe("the API server", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  it("creates the namespaces that every cluster has", async () => {
    const { items } = (await api.get("/api/v1/namespaces")) as unknown as { items: { metadata: { name: string } }[] };
    const names = items.map(({ metadata }) => metadata.name);
    expect(names).to.deep.equal(["default", "kube-node-lease", "kube-public", "kube-system"]);
  });

  it("answers strangers with 401, except where they may look", async () => {
    for (const path of ["/healthz", "/livez", "/readyz", "/version"]) {
      expect((await api.call("GET", path, { user: null })).code, path).to.equal(200);
    }
    for (const path of ["/api", "/api/v1/pods", "/metrics", "/readyzz", "/x"]) {
      const { code, data } = await api.call("GET", path, { user: null });
      expect(code, path).to.equal(401);
      expect(data).to.include({ kind: "Status", reason: "Unauthorized", message: "Unauthorized" });
    }
  });

  it("asks the authorizer about every request of those that it knows", async () => {
    const asked: string[] = [];
    const strict = await ApiHarness.start({
      authorizer: judgedBy(({ verb, path }) => {
        asked.push(`${verb} ${path}`);
        return "because";
      }),
    });
    const { code, data } = await strict.call("GET", "/api/v1/pods?watch=true");
    const words =
      'pods is forbidden: User "admin" cannot watch resource "pods" in API group "" at the cluster scope: because';
    expect([code, data.message]).to.deep.equal([403, words]);
    const other = await strict.call("GET", "/apis");
    expect(other.data.message).to.equal('forbidden: User "admin" cannot get path "/apis": because');
    expect(asked).to.deep.equal(["watch /api/v1/pods", "get /apis"]);
    strict.stop();
  });

  it("tells those whom it knows who they are", async () => {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const user = { username: "jane", groups: ["devs", "system:authenticated"] };
    const { code, data } = await api.call("POST", path, { body: { kind: "SelfSubjectReview" }, user });
    expect([code, data.kind, data.status]).to.deep.equal([201, "SelfSubjectReview", { userInfo: user }]);
    expect((await api.call("POST", path, { body: {}, user: null })).code).to.equal(401);
  });

  it("refuses objects that are too large to be stored", async () => {
    const containers = [{ name: "a", image: "b", args: ["x".repeat(1_600_000)] }];
    const body = { metadata: { name: "large" }, spec: { containers } };
    const reply = await api.call("POST", "/api/v1/namespaces/default/pods", { body });
    expect(reply.data).to.include({ code: 413, reason: "RequestEntityTooLarge" });
  });

  const strays: [method: string, path: string, code: number][] = [
    ["DELETE", "/api/v1/nothing/x", 404],
    ["GET", "/apis/apps/v1/namespaces/default/nothing", 404],
    ["GET", "/api/v1/nothing", 404],
    ["GET", "/api/v1/pods/x", 404],
    ["GET", "/api/v1/namespaces/default/nodes", 404],
    ["GET", `${PATH}/a/nothing`, 404],
    ["GET", `${PATH}/a/status/more`, 404],
    ["POST", "/api/v1/nodes/n", 405],
    ["BREW", PATH, 405],
    ["GET", "/api/v1/namespaces/default/pods/p/binding", 405],
    ["PUT", "/apis/placement.kctl.dev/v1/placements", 405],
  ];
  for (const [method, path, code] of strays) {
    it(`answers ${method} ${path} with ${code}`, async () => {
      const { data, ...reply } = await api.call(method, path);
      expect(reply.code).to.equal(code);
      expect(data).to.include({ kind: "Status", apiVersion: "v1", status: "Failure", code });
      expect(data.details).to.deep.equal({});
      expect(data.message).to.equal(
        code === 404
          ? "the server could not find the requested resource"
          : "the server does not allow this method on the requested resource",
      );
    });
  }

  for (const path of ["/nothing", "/api/v2/pods", "/api/v2", "/apis/none", "/apis/none/v1/pods", "/apis/apps/v9/x"]) {
    it(`answers GET ${path} as Go's server does`, async () => {
      const { code, data, headers } = await api.call("GET", path);
      expect([code, data as unknown]).to.deep.equal([404, "404 page not found\n"]);
      expect(headers["content-type"]).to.equal("text/plain; charset=utf-8");
    });
  }

  it("lists at the root what else there is", async () => {
    const { paths } = (await api.get("/")) as unknown as { paths: string[] };
    expect(paths).to.include.members(["/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/openapi/v3"]);
    for (const path of paths) expect((await api.call("GET", path)).code, path).to.equal(200);
  });

  it("answers HEAD where Kubernetes does: at checks and documents of its own, and at no resource", async () => {
    const codes = async (paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => (await api.call("HEAD", path)).code));
    const refused = ["/api/v1/namespaces/default", "/api/v1/pods", "/api/v1", "/apis", "/version"];
    expect(await codes(refused)).to.deep.equal(refused.map(() => 405));
    expect((await api.call("HEAD", "/api/v1/pods")).data.message).to.equal(
      "the server does not allow this method on the requested resource",
    );
    const taken = ["/healthz", "/readyz", "/metrics", "/openapi/v2", "/"];
    expect(await codes(taken)).to.deep.equal(taken.map(() => 200));
  });

  it("asks the authorizer about the one object that a list can show", async () => {
    const asked: unknown[] = [];
    const strict = await ApiHarness.start({
      authorizer: judgedBy(({ verb, name }) => {
        asked.push([verb, name]);
        return undefined;
      }),
    });
    for (const query of ["fieldSelector=metadata.name%3Da", "watch=1&fieldSelector=metadata.name%3Da", ""]) {
      await strict.call("GET", `${PATH}?${query}`);
    }
    await strict.call("DELETE", `${PATH}?fieldSelector=metadata.name%3Da`);
    expect(asked).to.deep.equal([
      ["list", "a"],
      ["watch", "a"],
      ["list", undefined],
      ["deletecollection", undefined],
    ]);
    strict.stop();
  });

  const bodies: [title: string, text: string, type: string, code: number, message: string][] = [
    [
      "text that is no JSON",
      "{",
      "application/json",
      400,
      "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ",
    ],
    ["text that is no JSON at all", "half a page of other text", "application/json", 400, "(68616c662061"],
    ["JSON that is no object", "[]", "application/json", 400, "the object provided is unrecognized"],
    ["deep nesting", "[".repeat(100_000), "application/json", 400, "json parse error"],
    ["an unknown media type", "{}", "text/csv", 415, "application/json"],
    ["YAML that is no YAML", "a: [", "application/yaml", 400, "yaml parse error"],
    ["protobuf that is none", "k8s\0\xff", "application/vnd.kubernetes.protobuf", 400, "protobuf parse error"],
    ["a wrong type", '{"metadata":{"name":7}}', "application/json", 400, "cannot unmarshal number"],
    [
      "nothing",
      "",
      "application/json",
      400,
      "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    ],
  ];
  for (const [title, text, type, code, message] of bodies) {
    it(`refuses ${title} as a body with ${code}`, async () => {
      const { data, ...reply } = await api.call("POST", PATH, { text, headers: { "content-type": type } });
      expect(reply.code).to.equal(code);
      expect(data).to.include({ kind: "Status", code });
      expect(data.message).to.contain(message);
    });
  }

  it("keeps odd keys as plain data", async () => {
    const text = '{"metadata":{"name":"odd"},"data":{"__proto__":"x","constructor":"y"}}';
    expect((await api.call("POST", PATH, { text })).code).to.equal(201);
    const { response } = await api.call("GET", `${PATH}/odd`);
    expect(textOf(response)).to.contain('"data":{"__proto__":"x","constructor":"y"}');
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
  });

  it("keeps every digit of large integers", async () => {
    const toleration = '{"key":"k","operator":"Exists","effect":"NoExecute","tolerationSeconds":9007199254740993}';
    const spec = `{"containers":[{"name":"c","image":"i"}],"tolerations":[${toleration}]}`;
    const pods = "/api/v1/namespaces/default/pods";
    const created = await api.call("POST", pods, { text: `{"metadata":{"name":"p"},"spec":${spec}}` });
    expect(created.code).to.equal(201);
    for (const target of [`${pods}/p`, pods]) {
      expect(textOf((await api.call("GET", target)).response)).to.contain('"tolerationSeconds":9007199254740993');
    }
  });

  it("reads and writes YAML", async () => {
    const headers = { "content-type": "application/yaml", accept: "application/yaml" };
    const { code, response } = await api.call("POST", PATH, {
      text: "metadata:\n  name: web\ndata:\n  a: b\n",
      headers,
    });
    expect(code).to.equal(201);
    expect(response.headers["content-type"]).to.equal("application/yaml");
    expect(textOf(response)).to.match(/^apiVersion: v1\ndata:\n {2}a: b\nkind: ConfigMap\nmetadata:\n/);
  });

  it("refuses forms that it cannot make, and prefers those that it can", async () => {
    expect((await api.call("GET", PATH, { headers: { accept: "text/html" } })).code).to.equal(406);
    const both = { accept: "application/vnd.kubernetes.protobuf,application/json" };
    expect((await api.call("GET", PATH, { headers: both })).headers["content-type"]).to.equal("application/json");
  });

  it("turns a store that is away into 503, and tells when to come back", async () => {
    class BrokenStore extends MemoryStore {
      isBroken = false;
      override commit(...transaction: Parameters<MemoryStore["commit"]>): Promise<number> {
        return this.isBroken ? Promise.reject(new Unavailable("no quorum")) : super.commit(...transaction);
      }
    }
    const store = new BrokenStore();
    const broken = await ApiHarness.start({ store });
    store.isBroken = true;
    const { code, headers, data } = await broken.call("POST", PATH, { body: { metadata: { name: "a" } } });
    expect(code).to.equal(503);
    expect(headers["retry-after"]).to.equal("1");
    expect(data.message).to.equal("the store is unavailable: no quorum");
    broken.stop();
  });

  it("logs what nobody has foreseen, once, and answers 500", async () => {
    const lines: string[] = [];
    const log = { error: (message: string) => lines.push(message), warn() {}, info() {}, debug() {} } as unknown as Log;
    const authorizer = judgedBy(() => {
      throw new Error("a bug");
    });
    const faulty = await ApiHarness.start({ log, authorizer });
    const { code, data } = await faulty.call("GET", PATH);
    expect(code).to.equal(500);
    expect(data).to.include({ reason: "InternalError", message: "Internal error occurred: a bug" });
    expect(lines).to.deep.equal(["a request has failed unexpectedly"]);
    faulty.stop();
  });

  it("counts requests under Kubernetes' names", async () => {
    await api.call("GET", "/api/v1/namespaces/default/pods");
    const { data } = await api.call("GET", "/metrics");
    expect(data).to.contain(
      'apiserver_request_total{verb="LIST",dry_run="",group="",version="v1",resource="pods",subresource="",scope="namespace",component="apiserver",code="200"} 1',
    );
  });

  it("keeps no series for what clients make up", async () => {
    for (const word of ["x1", "x2"]) await api.call("GET", `/api/v1/namespaces/default/pods/a/${word}`);
    const { data } = await api.call("GET", "/metrics");
    expect(data).to.contain('resource="pods",subresource="",scope="resource",component="apiserver",code="404"} 2');
  });

  it("says whether it is ready, and what it looked at", async () => {
    const verbose = await api.call("GET", "/readyz?verbose");
    expect(verbose.data).to.equal("[+]ping ok\n[+]etcd ok\n[+]informer-sync ok\nreadyz check passed\n");
    expect((await api.call("GET", "/readyz/etcd")).data).to.equal("ok");
    await api.store.close();
    const failed = await api.call("GET", "/livez");
    expect(failed.code).to.equal(500);
    expect(failed.data).to.contain("[-]etcd failed:");
  });
});

describe("tables", () => {
  const TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };

  it("have the columns of the kind, and a row for each object", async () => {
    const api = await ApiHarness.start();
    await api.create(PATH, { metadata: { name: "a" }, data: { x: "1", y: "2" } });
    await api.clock.advance(90_000);
    const { data } = await api.call("GET", PATH, { headers: TABLE });
    const { columnDefinitions, rows } = data as unknown as {
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[]; object: { kind: string } }[];
    };
    expect(data).to.include({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
    expect(columnDefinitions.map(({ name }) => name)).to.deep.equal(["Name", "Data", "Age"]);
    expect(rows.map(({ cells }) => cells)).to.deep.equal([["a", 2, "90s"]]);
    expect(rows[0]?.object.kind).to.equal("PartialObjectMetadata");
    const whole = await api.call("GET", `${PATH}/a?includeObject=Object`, { headers: TABLE });
    expect(whole.data).to.have.nested.property("rows[0].object.kind", "ConfigMap");
    api.stop();
  });

  it("come event by event in a watch, with the columns named once", async () => {
    const api = await ApiHarness.start();
    const watch = await api.watch(`${PATH}?watch=true`, { headers: TABLE });
    for (const name of ["a", "b"]) await api.create(PATH, { metadata: { name } });
    await api.clock.advance(0);
    const tables = watch.events.map(({ object }) => object as { columnDefinitions: unknown; rows: unknown[] });
    expect(tables.map(({ columnDefinitions }) => columnDefinitions !== null)).to.deep.equal([true, false]);
    expect(tables.map(({ rows }) => rows.length)).to.deep.equal([1, 1]);
    await watch.stop();
    api.stop();
  });

  it("are not the only short form: metadata can be asked for alone", async () => {
    const api = await ApiHarness.start();
    await api.create(PATH, { metadata: { name: "a" }, data: { x: "1" } });
    const headers = { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" };
    const { data } = await api.call("GET", PATH, { headers });
    expect(data.kind).to.equal("PartialObjectMetadataList");
    expect(data).to.have.nested.property("items[0].kind", "PartialObjectMetadata");
    expect(data).to.not.have.nested.property("items[0].data");
    api.stop();
  });
});
