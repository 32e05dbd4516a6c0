import { text } from "node:stream/consumers";
import { expect } from "chai";
import { emptyRequestBody, type Handler, type HttpResponse, type Peer } from "../../lib/http.ts";
import { silentLog } from "../../lib/log.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { seededRandom } from "../../lib/random.ts";
import { spdyRequestHeaders } from "../../lib/spdy/accept-spdy.ts";
import { channelRequestHeaders, channelsOf } from "../../lib/websocket.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { spdyClientOf, spdyHeadersOf } from "../../testing/spdy-client.ts";
import { podOf } from "../../testing/pod-states.ts";
import { RuntimeSnapshot } from "../runtime-snapshot.ts";
import { FakeRuntime } from "../runtimes/fake.ts";
import { NodeMeter } from "../stats/measurement.ts";
import { createKubeletHandler } from "./kubelet-handler.ts";

const { signal } = new AbortController();
const apiServer: Peer = {
  address: "10.0.0.1",
  certificate: { commonName: "kube-apiserver-kubelet-client", organizations: ["system:masters"] },
};
const exec = (command: readonly string[], input: string) => ({
  code: command[0] === "fail" ? 3 : 0,
  output: `${command.join(" ")} ${input}`,
});

describe("the kubelet's endpoint", () => {
  let handle: Handler;
  const pod = podOf();

  before(async () => {
    const clock = new FakeClock();
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
      kubelet: { find: ({ name }) => (name === "web" ? pod : undefined), list: () => [pod] },
      snapshot,
      runtime,
      metrics: createMetrics(),
      meter: new NodeMeter({ snapshot, runtime, clock }),
      nodeName: "n1",
      machine: { memoryBytes: 1000 },
      nodeAddress: "192.168.0.1",
      clock,
      log: silentLog,
    });
  });

  const ask = (target: string, peer = apiServer, headers: Readonly<Record<string, string>> = {}) => {
    const [path = "", query = ""] = target.split("?");
    const body = emptyRequestBody;
    return handle({ method: "GET", path, query: new URLSearchParams(query), headers, body, peer, signal });
  };
  const textOf = async ({ status, body }: HttpResponse): Promise<string> => {
    const chunks: Uint8Array[] = body.kind === "bytes" ? [body.bytes] : [];
    if (body.kind === "stream") for await (const chunk of body.chunks) chunks.push(chunk);
    return `${status} ${Buffer.concat(chunks).toString()}`;
  };

  for (const [who, peer, status] of [
    ["nobody", { address: "" }, 401],
    [
      "another node",
      { address: "", certificate: { commonName: "system:node:n2", organizations: ["system:nodes"] } },
      403,
    ],
    ["a user", { address: "", user: { username: "eve", groups: ["system:authenticated"] } }, 403],
    ["an administrator", { address: "", certificate: { commonName: "admin", organizations: ["system:masters"] } }, 200],
    ["the API server", apiServer, 200],
  ] as const) {
    it(`answers ${who} with ${status}, whatever is asked for`, async () => {
      expect((await ask("/healthz", peer)).status).to.equal(status);
      expect((await ask("/containerLogs/default/web/main", peer)).status).to.equal(status);
    });
  }

  for (const [target, expected] of [
    ["/healthz", "200 ok"],
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
