import { expect } from "chai";
import type { HttpRequest, HttpResponse } from "../lib/http.ts";
import { emptyRequestBody } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { TestCluster } from "../testing/cluster.ts";
import { createComponentHandler } from "./component-handler.ts";

const certificate = (commonName: string, ...organizations: string[]) => ({
  certificate: { commonName, organizations },
});
const ADMINISTRATOR = certificate("admin", "system:masters");

const metricsReader = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "reader" },
    rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reader" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "prometheus" }],
  },
];

describe("a component's own endpoint", () => {
  let cluster: TestCluster;
  let isReady = true;
  before(async () => {
    cluster = await TestCluster.start();
    await cluster.apply(...metricsReader);
  });
  after(() => cluster.stop());
  beforeEach(() => (isReady = true));

  async function ask(path: string, request: Partial<HttpRequest> & { readonly from?: object } = {}) {
    const { client, metrics } = cluster;
    const configuration = { componentconfig: { kind: "TestConfiguration" } };
    const handler = createComponentHandler({ client, metrics, log: silentLog, configuration, isReady: () => isReady });
    const answer = await handler({
      method: "GET",
      path,
      query: new URLSearchParams(),
      headers: {},
      body: emptyRequestBody,
      signal: new AbortController().signal,
      ...request,
      peer: { address: "192.0.2.1", ...request.from },
    });
    return { code: answer.status, text: textOf(answer) };
  }

  for (const path of ["/healthz", "/livez", "/readyz"]) {
    it(`tells everybody ${path}`, async () => {
      expect(await ask(path)).to.deep.equal({ code: 200, text: "ok" });
    });
  }

  it("is not ready before it has seen the cluster", async () => {
    isReady = false;
    const { code, text } = await ask("/readyz");
    expect(code).to.equal(500);
    expect(text).to.contain("informer-sync failed");
    expect((await ask("/livez")).code).to.equal(200);
  });

  for (const [title, path, request, code, part] of [
    ["figures to administrators", "/metrics", { from: ADMINISTRATOR }, 200, "# TYPE"],
    [
      "its configuration to them",
      "/configz",
      { from: ADMINISTRATOR },
      200,
      '{"componentconfig":{"kind":"TestConfiguration"}}',
    ],
    ["them what there is not", "/debug", { from: ADMINISTRATOR }, 404, "404 page not found"],
    [
      "them that nothing is written here",
      "/configz",
      { from: ADMINISTRATOR, method: "POST" },
      405,
      "Method Not Allowed",
    ],
    ["figures to who may read them", "/metrics", { from: certificate("prometheus") }, 200, "# TYPE"],
    [
      "nothing else to those",
      "/configz",
      { from: certificate("prometheus") },
      403,
      'forbidden: User \\"prometheus\\" cannot get path \\"/configz\\"',
    ],
    ["nothing to who does not say who it is", "/metrics", {}, 403, 'User \\"system:anonymous\\" cannot get path'],
    [
      "nothing to a token that nobody has",
      "/metrics",
      { headers: { authorization: "Bearer x.y.z" } },
      401,
      "Unauthorized",
    ],
    ["nothing to other credentials", "/metrics", { headers: { authorization: "Basic YTpi" } }, 401, "Unauthorized"],
    ["nobody which paths there are", "/debug", {}, 403, "forbidden"],
  ] as const) {
    it(`tells ${title}`, async () => {
      const answer = await ask(path, request);
      expect(answer.code).to.equal(code);
      expect(answer.text).to.contain(part);
    });
  }

  it("tells nothing while the API server does not say who may know it", async () => {
    const { metrics } = cluster;
    const client = { ...cluster.client, create: () => Promise.reject(new Error("no route to host")) };
    const handler = createComponentHandler({ client, metrics, log: silentLog, configuration: {}, isReady: () => true });
    const answer = await handler({
      method: "GET",
      path: "/metrics",
      query: new URLSearchParams(),
      headers: {},
      body: emptyRequestBody,
      peer: { address: "192.0.2.1", ...ADMINISTRATOR },
      signal: new AbortController().signal,
    });
    expect([answer.status, textOf(answer)]).to.deep.equal([500, "the component failed to answer; its log says why\n"]);
  });
});

function textOf({ body }: HttpResponse): string {
  return body.kind === "bytes" ? Buffer.from(body.bytes).toString() : "";
}
