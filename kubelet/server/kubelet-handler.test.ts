import { text } from "node:stream/consumers";
import { expect } from "chai";
import { emptyRequestBody, type Handler, type HttpResponse, type Peer } from "../../lib/http.ts";
import { silentLog } from "../../lib/log.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { spdyRequestHeaders } from "../../lib/spdy/accept-spdy.ts";
import { channelRequestHeaders, channelsOf } from "../../lib/websocket.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { spdyClientOf, spdyHeadersOf } from "../../testing/spdy-client.ts";
import { podOf } from "../../testing/pod-states.ts";
import { RuntimeSnapshot } from "../runtime-snapshot.ts";
import { FakeRuntime } from "../runtimes/fake.ts";
import { NodeMeter } from "../stats/measurement.ts";
import { createKubeletHandler } from "./kubelet-handler.ts";

const { signal } = new AbortController();
const apiServer: Peer = {
  address: "10.0.0.1",
  certificate: { commonName: "system:kube-apiserver", organizations: [] },
};
const scraper: Peer = { address: "", certificate: { commonName: "scraper", organizations: [] } };
const looker: Peer = { address: "", certificate: { commonName: "looker", organizations: [] } };

/** Lets a user read some subresources of nodes. */
const letRead = (name: string, resources: readonly string[]) => [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules: [{ apiGroups: [""], resources, verbs: ["get"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }],
  },
];

const exec = (command: readonly string[], input: string) => ({
  code: command[0] === "fail" ? 3 : 0,
  output: `${command.join(" ")} ${input}`,
});

describe("the kubelet's endpoint", () => {
  let handle: Handler;
  let cluster: TestCluster;
  const pod = podOf();

  before(async () => {
    cluster = await TestCluster.start();
    await cluster.apply(
      ...letRead("scraper", ["nodes/metrics"]),
      ...letRead("looker", ["nodes/pods", "nodes/healthz"]),
    );
    const { clock } = cluster;
    const runtime = new FakeRuntime({ clock, program: () => ({ output: "one\ntwo\nthree\n", exec }) });
    const identity = { namespace: "default", name: "web", uid: "u1" };
    const { id } = await runtime.createSandbox({ pod: identity, attempt: 0, hostname: "web" }, signal);
    const spec = { name: "main", attempt: 0, image: "i", env: [], mounts: [] };
    const first = await runtime.startContainer(id, spec, signal);
    await runtime.stopContainer(first.id, 0, signal);
    await clock.advance(1000);
    await runtime.startContainer(id, { ...spec, attempt: 1 }, signal);
    const snapshot = new RuntimeSnapshot({ runtime, clock }, signal);
    await snapshot.refresh();
    handle = createKubeletHandler({
      client: cluster.client,
      prober: { counts: () => [{ podUid: "u1", container: "main", type: "Liveness", result: "failed", count: 2 }] },
      configuration: { maxPods: 7 },
      kubelet: { find: ({ name }) => (name === "web" ? pod : undefined), list: () => [pod] },
      snapshot,
      runtime,
      metrics: createMetrics(),
      meter: new NodeMeter({ snapshot, runtime, clock }),
      nodeName: "n1",
      machine: { cpuMillis: 2000, memoryBytes: 1000 },
      nodeAddress: "192.168.0.1",
      clock,
      log: silentLog,
    });
  });

  after(() => cluster.stop());

  const ask = (target: string, peer = apiServer, headers: Readonly<Record<string, string>> = {}) => {
    const [path = "", query = ""] = target.split("?");
    const method = path.startsWith("/run/") && query ? "POST" : "GET";
    const body = emptyRequestBody;
    return handle({ method, path, query: new URLSearchParams(query), headers, body, peer, signal });
  };
  const textOf = async ({ status, body }: HttpResponse): Promise<string> => {
    const chunks: Uint8Array[] = body.kind === "bytes" ? [body.bytes] : [];
    if (body.kind === "object") chunks.push(...body.chunks());
    if (body.kind === "stream") for await (const chunk of body.chunks) chunks.push(chunk);
    return `${status} ${Buffer.concat(chunks).toString()}`;
  };

  const FORBIDDEN = "403 Forbidden (user=scraper, verb=get, resource=nodes, subresource(s)=";
  const TABLE: readonly [who: string, peer: Peer, target: string, expected: string][] = [
    ["nobody", { address: "" }, "/healthz", "401 Unauthorized"],
    ["the API server", apiServer, "/healthz", "200 ok"],
    ["an administrator", { address: "", user: { username: "x", groups: ["system:masters"] } }, "/healthz", "200 ok"],
    ["who may read figures", scraper, "/pods", `${FORBIDDEN}[pods proxy])\n`],
    ["who may read figures", scraper, "/stats/summary", `${FORBIDDEN}[stats])\n`],
    ["who may read figures", scraper, "/exec/default/web/main", `${FORBIDDEN}[proxy])\n`],
    ["who may read figures", scraper, "/logs/messages", `${FORBIDDEN}[log])\n`],
    ["who may see pods", looker, "/healthz", "200 ok"],
    [
      "another node",
      { address: "", certificate: { commonName: "system:node:n2", organizations: ["system:nodes"] } },
      "/containerLogs/default/web/main",
      "403 Forbidden (user=system:node:n2, verb=get, resource=nodes, subresource(s)=[proxy])\n",
    ],
  ];
  for (const [who, peer, target, expected] of TABLE) {
    it(`answers ${who} that asks for ${target} with ${expected.trim()}`, async () => {
      expect(await textOf(await ask(target, peer))).to.equal(expected);
    });
  }

  it("lets those in who may read what they ask for", async () => {
    expect((await ask("/metrics", scraper)).status).to.equal(200);
    expect((await ask("/pods", looker)).status).to.equal(200);
    expect((await ask("/metrics", looker)).status).to.equal(403);
  });

  it("knows no token that the API server does not", async () => {
    const headers = { authorization: "Bearer x.y.z" };
    expect(await textOf(await ask("/metrics", { address: "" }, headers))).to.equal("401 Unauthorized");
    expect((await ask("/metrics", { address: "" }, { authorization: "Basic YTpi" })).status).to.equal(401);
  });

  for (const [target, expected] of [
    ["/healthz", "200 ok"],
    ["/spec", "404 404 page not found"],
    ["/run/default/web/main", "405 405: Method Not Allowed"],
    ["/logs/", "405 logs endpoint is disabled."],
    [
      "/configz",
      '200 {"kubeletconfig":{"maxPods":7,"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1"}}',
    ],
    ["/containerLogs/default/web/main", "200 one\ntwo\nthree\n"],
    ["/containerLogs/default/web/main?tailLines=1", "200 three\n"],
    ["/containerLogs/default/web/main?limitBytes=6", "200 one\ntw"],
    ["/containerLogs/default/web/main?previous=true&tailLines=2", "200 two\nthree\n"],
    ["/containerLogs/default/web/main?timestamps=true&tailLines=1", "200 2026-01-01T00:00:01.000000000Z three\n"],
    ["/containerLogs/default/web/main?tailLines=x", '400 tailLines: "x" is not a whole number'],
    ["/containerLogs/default/web/main?sinceTime=x", '400 sinceTime: "x" is not a time'],
    ["/containerLogs/default/web/other", '400 container "other" in pod "web" is waiting to start: ContainerCreating'],
    [
      "/containerLogs/default/web/other?previous=true",
      '400 previous terminated container "other" in pod "web" not found',
    ],
    ["/containerLogs/default/no/main", '404 pod "no" not found in namespace "default"'],
    ["/exec/default/web/main", "400 you must specify at least one command"],
    ["/exec/default/web/main?command=ls", "400 Upgrade request required"],
    ["/exec/default/web/other?command=ls", '404 container not found ("other" of pod "web" is not running)'],
    ["/portForward/default/web?port=x", '400 invalid port number "x"'],
    ["/metrics/resource/x", "404 404 page not found"],
    ["/stats", "404 404 page not found"],
    ["/constructor", "404 404 page not found"],
    ["/containerLogs/default/web", "404 404 page not found"],
  ] as const) {
    it(`${target}: ${expected}`, async () => {
      expect(await textOf(await ask(target))).to.equal(expected);
    });
  }

  it("tells how often probes ended how", async () => {
    const { uid } = pod.metadata;
    expect(uid).to.equal("u1");
    const labels = `container="main",namespace="default",pod="web",pod_uid="u1",probe_type="Liveness",result="failed"`;
    expect(await textOf(await ask("/metrics/probes"))).to.contain(`prober_probe_total{${labels}} 2\n`);
  });

  it("runs a program to its end", async () => {
    const post = async (command: string) => textOf(await ask(`/run/default/web/main?cmd=${command}`, apiServer));
    expect(await post("echo one")).to.equal("200 echo one ");
    expect(await post("fail")).to.equal("500 command terminated with exit code 3: fail ");
  });

  const overSpdy = spdyRequestHeaders(["v4.channel.k8s.io"]);

  for (const [target, headers, expected] of [
    ["/exec/default/web/main", overSpdy, "400 you must specify at least one command"],
    ["/portForward/default/web", {}, '400 query parameter "port" is required, at most 100 times'],
    [
      "/portForward/default/web",
      overSpdy,
      "403 unable to upgrade: unable to negotiate protocol: client supports [v4.channel.k8s.io], server accepts [portforward.k8s.io]",
    ],
    [
      "/portForward/default/no",
      spdyRequestHeaders(["portforward.k8s.io"]),
      '404 pod "no" not found in namespace "default"',
    ],
    ["/attach/default/web/other", overSpdy, '404 container not found ("other" of pod "web" is not running)'],
  ] as const) {
    it(`${target} over ${"upgrade" in headers ? "SPDY" : "nothing"}: ${expected}`, async () => {
      expect(await textOf(await ask(target, apiServer, headers))).to.equal(expected);
    });
  }

  it("runs a program over SPDY", async () => {
    const client = spdyClientOf(await ask("/exec/default/web/main?command=fail&input=1&output=1", apiServer, overSpdy));
    const open = (streamtype: string) => client.open(spdyHeadersOf({ streamtype }));
    const [error, stdin, stdout] = [await open("error"), await open("stdin"), await open("stdout")];
    stdin.end("hello");
    expect(await text(stdout)).to.equal("fail hello");
    expect(JSON.parse(await text(error))).to.deep.include({ status: "Failure", reason: "NonZeroExitCode" });
    client.close();
  });

  it("forwards ports over SPDY without being told them before", async () => {
    const headers = spdyRequestHeaders(["portforward.k8s.io"]);
    const { status, headers: answered } = await ask("/portForward/default/web", apiServer, headers);
    expect([status, answered]).to.deep.equal([101, headers]);
  });

  it("runs a program over the channels of WebSockets' fourth version", async () => {
    const headers = channelRequestHeaders(seededRandom(1), ["v4.channel.k8s.io"]);
    const response = await ask("/exec/default/web/main?command=fail&output=1", apiServer, headers);
    const channels = channelsOf(response, headers);
    if (!channels) return expect.fail("the server did not upgrade");
    const received: Record<number, string> = {};
    for await (const { channel, data } of channels.messages) {
      received[channel] = (received[channel] ?? "") + Buffer.from(data ?? []).toString();
    }
    expect(received[1]).to.equal("fail ");
    expect(JSON.parse(received[3] ?? "")).to.deep.include({ reason: "NonZeroExitCode" });
  });

  for (const [command, stdout, status] of [
    ["echo", "echo hello", { status: "Success" }],
    [
      "fail",
      "fail hello",
      {
        status: "Failure",
        reason: "NonZeroExitCode",
        message: "command terminated with non-zero exit code: exit status 3",
        details: { causes: [{ reason: "ExitCode", message: "3" }] },
      },
    ],
  ] as const) {
    it(`runs ${command} and tells its output and how it ended`, async () => {
      const headers = channelRequestHeaders(seededRandom(1), ["v5.channel.k8s.io"]);
      const response = await ask(`/exec/default/web/main?command=${command}&input=1&output=1`, apiServer, headers);
      const channels = channelsOf(response, headers);
      if (!channels) return expect.fail("the server did not upgrade");
      await channels.send(0, Buffer.from("hello"));
      await channels.closeChannel(0);
      const received: Record<number, string> = {};
      for await (const { channel, data } of channels.messages) {
        received[channel] = (received[channel] ?? "") + Buffer.from(data ?? []).toString();
      }
      expect(received[1]).to.equal(stdout);
      expect(JSON.parse(received[3] ?? "")).to.deep.include(status);
    });
  }
});
