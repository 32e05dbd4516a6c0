import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { expect } from "chai";
import { container } from "../../testing/pod-states.ts";
import { systemClock } from "../../lib/clock.ts";
import { FakeRuntime } from "../runtimes/fake.ts";
import { execProbe } from "./exec.ts";
import { grpcProbe } from "./grpc.ts";
import { httpProbe } from "./http.ts";
import { resolvePort, type ProbeResult, type ProbeTarget } from "./probe.ts";
import { tcpProbe } from "./tcp.ts";

const { signal } = new AbortController();
const runtime = new FakeRuntime({ clock: systemClock() });

const targetOf = (port: number): ProbeTarget => ({
  container: container("main", { ports: [{ name: "web", containerPort: port }] }),
  containerId: "c1",
  host: "127.0.0.1",
  runtime,
});
const portOf = (server: { address(): AddressInfo | string | null }) => (server.address() as AddressInfo).port;
const messageOf = (result: ProbeResult) => (result.ok ? "passed" : result.message);

describe("the probes of a container", () => {
  describe("http", () => {
    let server: Server;
    let seen: { url?: string; headers?: NodeJS.Dict<string | string[]> } = {};
    before((done) => {
      server = createServer((request, response) => {
        seen = { url: request.url, headers: request.headers };
        const status = Number(/\/status\/(\d+)/.exec(request.url ?? "")?.[1] ?? 200);
        if (request.url !== "/hangs") response.writeHead(status, { location: "http://198.51.100.1/" }).end();
      }).listen(0, "127.0.0.1", done);
    });
    after(() => server.closeAllConnections());
    after((done) => void server.close(done));

    for (const [path, expected] of [
      ["/status/200", "passed"],
      ["/status/302", "passed"],
      ["/status/404", "HTTP probe failed with statuscode: 404"],
      ["/status/500", "HTTP probe failed with statuscode: 500"],
    ] as const) {
      it(`${path}: ${expected}`, async () => {
        const result = await httpProbe.run({ httpGet: { path, port: "web" } }, targetOf(portOf(server)), signal);
        expect(messageOf(result)).to.equal(expected);
      });
    }

    it("sends the headers that the probe names, and says who it is", async () => {
      const httpHeaders = [
        { name: "Host", value: "example.com" },
        { name: "X-Colour", value: "red" },
      ];
      await httpProbe.run({ httpGet: { path: "/x?y=1", port: "web", httpHeaders } }, targetOf(portOf(server)), signal);
      expect(seen.url).to.equal("/x?y=1");
      expect(seen.headers).to.include({ host: "example.com", "x-colour": "red", "user-agent": "kube-probe/1.33" });
    });

    it("fails when its time is up", async () => {
      const over = AbortSignal.timeout(20);
      const port = portOf(server);
      const result = await httpProbe.run({ httpGet: { path: "/hangs", port: "web" } }, targetOf(port), over);
      expect(messageOf(result)).to.equal(
        `Get "http://127.0.0.1:${port}/hangs": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      );
    });
  });

  describe("tcp", () => {
    it("passes where the port accepts, and fails where it does not", async () => {
      const server = createTcpServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const port = portOf(server);
      expect(messageOf(await tcpProbe.run({ tcpSocket: { port } }, targetOf(port), signal))).to.equal("passed");
      await new Promise((resolve) => server.close(resolve));
      expect(messageOf(await tcpProbe.run({ tcpSocket: { port } }, targetOf(port), signal))).to.equal(
        `dial tcp 127.0.0.1:${port}: connect: connection refused`,
      );
    });
  });

  describe("exec", () => {
    it("passes with 0 and fails with the output", async () => {
      const exec = (command: readonly string[]) => ({ code: command[0] === "good" ? 0 : 1, output: "broken" });
      const own = new FakeRuntime({ clock: systemClock(), program: () => ({ exec }) });
      const pod = { namespace: "d", name: "p", uid: "u" };
      const { id } = await own.createSandbox({ pod, attempt: 0, hostname: "p" }, signal);
      const spec = { name: "main", attempt: 0, image: "i", env: [], mounts: [] };
      const started = await own.startContainer(id, spec, signal);
      const target = { ...targetOf(1), containerId: started.id, runtime: own };
      expect(messageOf(await execProbe.run({ exec: { command: ["good"] } }, target, signal))).to.equal("passed");
      expect(messageOf(await execProbe.run({ exec: { command: ["bad"] } }, target, signal))).to.equal("broken");
    });
  });

  describe("grpc", () => {
    let server: Http2Server;
    before((done) => {
      server = createHttp2Server((request, response) => {
        const asked: Buffer[] = [];
        request.on("data", (chunk: Buffer) => asked.push(chunk));
        request.on("end", () => {
          const service = Buffer.concat(asked).subarray(7).toString();
          const status = service === "sick" ? 2 : 1;
          response.setHeader("content-type", "application/grpc");
          response.addTrailers({ "grpc-status": service === "unknown" ? "5" : "0" });
          response.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
        });
      }).listen(0, "127.0.0.1", done);
    });
    after((done) => void server.close(done));

    for (const [service, expected] of [
      ["", "passed"],
      ["well", "passed"],
      ["sick", 'service unhealthy (responded with "NOT_SERVING")'],
      ["unknown", "error: health rpc failed with code 5"],
    ] as const) {
      it(`of the service "${service}": ${expected}`, async () => {
        const port = portOf(server);
        const result = await grpcProbe.run({ grpc: { port, service } }, targetOf(port), signal);
        expect(messageOf(result)).to.equal(expected);
      });
    }

    it("fails where nobody listens", async () => {
      const closed = createTcpServer();
      await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
      const port = portOf(closed);
      await new Promise((resolve) => closed.close(resolve));
      const result = await grpcProbe.run({ grpc: { port } }, targetOf(port), signal);
      expect(messageOf(result)).to.contain("connection refused");
    });
  });

  it("finds ports by name and number", () => {
    const target = targetOf(8080);
    expect(resolvePort("web", target.container)).to.equal(8080);
    expect(resolvePort(81, target.container)).to.equal(81);
    expect(() => resolvePort("no", target.container)).to.throw("couldn't find port no in container main");
  });
});
