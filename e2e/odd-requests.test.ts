// Requests that make no sense, over HTTPS: each is answered by a Status with a fitting code, and none keeps the server busy.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect } from "chai";
import { InProcessCluster } from "./in-process-cluster.ts";
import { RawClient, type Sent } from "./raw-client.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const TYPES = {
  yaml: { "content-type": "application/yaml" },
  merge: { "content-type": "application/merge-patch+json" },
  strategic: { "content-type": "application/strategic-merge-patch+json" },
  json: { "content-type": "application/json-patch+json" },
  protobuf: { "content-type": "application/vnd.kubernetes.protobuf" },
};
/** Far above what a request may take and far below what a bomb would: server, test and other work share two cores. */
const DELAY_MAX_MS = 2000;

type Case = readonly [title: string, method: string, path: string, code: number, sent?: () => Sent];

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const TARGET = `${CONFIG_MAPS}/target`;

const paths: readonly Case[] = [
  ["a dot segment", "GET", `${CONFIG_MAPS}/../secrets`, 400],
  ["an encoded slash", "GET", `${CONFIG_MAPS}/a%2Fb`, 400],
  ["half an escape", "GET", `${CONFIG_MAPS}/%e4%a`, 400],
  ["an unknown kind", "GET", "/api/v1/namespaces/default/nothings", 404],
  ["an unknown subresource", "GET", `${TARGET}/nothing`, 404],
  ["a method that is none of HTTP's", "PROPFIND", CONFIG_MAPS, 405],
  ["OPTIONS", "OPTIONS", CONFIG_MAPS, 405],
  ["an update of a collection", "PUT", CONFIG_MAPS, 405],
  ["a creation with a name in the path", "POST", TARGET, 405],
];

const queries: readonly Case[] = [
  ["a limit that is no number", "GET", `${CONFIG_MAPS}?limit=1e3`, 400],
  ["a version that is no number", "GET", `${CONFIG_MAPS}?resourceVersion=-1`, 400],
  ["options that contradict each other", "GET", `${CONFIG_MAPS}?resourceVersionMatch=Exact`, 422],
  ["a token that leads elsewhere", "GET", `${CONFIG_MAPS}?continue=${token("../../secrets/x\u0000")}`, 400],
  ["a token that is none", "GET", `${CONFIG_MAPS}?continue=${"A".repeat(50_000)}`, 400],
  ["a selector of 100,000 brackets", "GET", `${CONFIG_MAPS}?labelSelector=a+in+${"(".repeat(100_000)}`, 400],
  ["a field selector of 50,000 terms", "GET", `${CONFIG_MAPS}?fieldSelector=${"a%3Db,".repeat(30_000)}`, 400],
  ["a time that is no number", "GET", `${CONFIG_MAPS}?watch=1&timeoutSeconds=soon`, 400],
  ["a grace period that is no number", "DELETE", `${TARGET}?gracePeriodSeconds=x`, 400],
  ["an unknown policy", "DELETE", `${TARGET}?propagationPolicy=Never`, 422],
];

function token(start: string): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: 1, start })).toString("base64url");
}

const bodies: readonly Case[] = [
  ["a cycle in YAML", "POST", CONFIG_MAPS, 400, () => ({ body: "a: &a {b: *a}", headers: TYPES.yaml })],
  ["several documents", "POST", CONFIG_MAPS, 400, () => ({ body: "a: 1\n---\nb: 2\n", headers: TYPES.yaml })],
  ["YAML nested 100,000 deep", "POST", CONFIG_MAPS, 400, () => ({ body: "[".repeat(100_000), headers: TYPES.yaml })],
  ["100,000 anchors", "POST", CONFIG_MAPS, 400, () => ({ body: `[${"&a 1,".repeat(100_000)}`, headers: TYPES.yaml })],
  ["protobuf that is cut", "POST", CONFIG_MAPS, 400, () => ({ body: "k8s\0\x0a\x7f", headers: TYPES.protobuf })],
  ["3 MB of opening quotes", "POST", CONFIG_MAPS, 400, () => ({ body: '{"'.repeat(1_500_000) })],
  ["3 MB of one number", "POST", CONFIG_MAPS, 400, () => ({ body: "1".repeat(3_000_000) })],
  ["a surrogate that stands alone", "POST", CONFIG_MAPS, 422, () => ({ body: '{"metadata":{"name":"\\ud800"}}' })],
  ["an odd encoding", "POST", CONFIG_MAPS, 415, () => ({ body: "{}", headers: { "content-encoding": "br" } })],
  ["options of another kind", "DELETE", TARGET, 400, () => ({ body: '{"kind":"Pod"}' })],
  ["options of the wrong type", "DELETE", TARGET, 400, () => ({ body: '{"gracePeriodSeconds":"1"}' })],
  ["a deep merge patch", "PATCH", TARGET, 400, () => ({ body: nested('{"a":', "}", 50_000), headers: TYPES.merge })],
  ["a merge patch of the wrong type", "PATCH", TARGET, 422, () => ({ body: '{"data":[1]}', headers: TYPES.merge })],
  ["a null for a merge patch", "PATCH", TARGET, 400, () => ({ body: "null", headers: TYPES.merge })],
  ["a JSON patch that is none", "PATCH", TARGET, 400, () => ({ body: "{}", headers: TYPES.json })],
  ["a directive without a meaning", "PATCH", `${DEPLOYMENTS}/d`, 404, () => strategic('{"$patch":"odd"}')],
  ["a patch of an unknown type", "PATCH", TARGET, 415, () => ({ body: "{}" })],
];

const strategic = (body: string): Sent => ({ body, headers: TYPES.strategic });

const directives: readonly [patch: string, message: string][] = [
  ['{"$patch":"odd"}', "unknown patch type"],
  ['{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}', "does not contain declared merge key: name"],
  ['{"spec":{"template":{"spec":{"containers":[{"$patch":"merge","name":"c"}]}}}}', "merging lists cannot yet"],
  ['{"spec":{"template":{"spec":{"$setElementOrder/containers":"c"}}}}', "setElementOrder list"],
  ['{"metadata":{"$deleteFromPrimitiveList/finalizers":"x"}}', "primitive list"],
  ['{"spec":{"strategy":{"$retainKeys":"type"}}}', "retainKeys"],
  ['{"spec":{"strategy":{"$retainKeys":["rollingUpdate"],"type":"Recreate"}}}', "retainKeys list"],
];

const forms: readonly Case[] = [
  ["a form that cannot be made", "GET", CONFIG_MAPS, 406, () => ({ headers: { accept: "image/png" } })],
  ["an Accept of 50,000 clauses", "GET", CONFIG_MAPS, 406, () => ({ headers: { accept: "a/b,".repeat(50_000) } })],
  ["an unknown table", "GET", `${CONFIG_MAPS}?includeObject=x`, 400, () => ({ headers: { accept: TABLE } })],
];
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

describe("odd requests", () => {
  let cluster: InProcessCluster;
  let client: RawClient;
  const delay = monitorEventLoopDelay({ resolution: 5 });
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver"]);
    client = RawClient.of(cluster.kubeconfig, cluster.port);
    await client.ask("POST", CONFIG_MAPS, { body: '{"metadata":{"name":"target"},"data":{"a":"1"}}' });
    const template = '{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}';
    const spec = `{"selector":{"matchLabels":{"a":"b"}},"template":${template}}`;
    const { code, text } = await client.ask("POST", DEPLOYMENTS, {
      body: `{"metadata":{"name":"odd"},"spec":${spec}}`,
    });
    if (code !== 201) throw new Error(text);
  });
  after(() => cluster.remove());
  beforeEach(() => {
    delay.reset();
    delay.enable();
  });
  afterEach(async () => {
    delay.disable();
    expect(delay.max / 1e6, "the longest time without a turn of the event loop").to.be.lessThan(DELAY_MAX_MS);
    expect((await client.ask("GET", "/readyz")).text).to.equal("ok");
  });

  for (const [group, cases] of Object.entries({ paths, queries, bodies, forms })) {
    describe(`by their ${group}`, () => {
      for (const [title, method, path, code, sent] of cases) {
        it(`are refused with ${code}: ${title}`, async () => {
          const { data, text, ...reply } = await client.ask(method, path, sent?.());
          expect([reply.code, data.kind], text.slice(0, 300)).to.deep.equal([code, "Status"]);
          expect(data.message).to.not.equal("");
        });
      }
    });
  }

  for (const [patch, message] of directives) {
    it(`are told what is wrong with the patch ${patch}`, async () => {
      const { code, data } = await client.ask("PATCH", `${DEPLOYMENTS}/odd`, strategic(patch));
      expect([code, data.kind]).to.deep.equal([400, "Status"]);
      expect(data.message).to.contain(message);
    });
  }
});
