// Requests through the API server to pods and services, over HTTPS and to real backends, as Kubernetes' conformance tests for
// the proxy make them; and the attacks S4 and S6 of the project's list, which would make the server a tool.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import { InProcessCluster } from "./in-process-cluster.ts";
import { RawClient } from "./raw-client.ts";

const NAMESPACE = "/api/v1/namespaces/default";
/** An address that only pods that are processes have. */
const POD_IP = "127.64.99.7";
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Says what it was asked for. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method, url = "", headers } = request;
  if (url.startsWith("/page")) return void response.setHeader("content-type", "text/html").end('<a href="/next">');
  if (url.startsWith("/moved")) return void response.writeHead(302, { location: "/next" }).end();
  if (url.startsWith("/teapot")) return void response.writeHead(418).end("short and stout");
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ method, url, authorization: headers.authorization, from: headers["x-forwarded-for"] }));
}

describe("the proxy to pods and services", () => {
  let cluster: InProcessCluster;
  let client: RawClient;
  let backend: Server;
  let port: number;
  const asked: string[] = [];
  const isEchoing = (request: IncomingMessage) => request.url === "/echo";
  before(async () => {
    backend = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
    backend.on("upgrade", (request: IncomingMessage, socket: Socket) => {
      asked.push(`UPGRADE ${request.url}`);
      if (!isEchoing(request)) return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
      socket.pipe(socket);
    });
    backend.listen(0, POD_IP);
    await once(backend, "listening");
    port = (backend.address() as AddressInfo).port;
    cluster = await InProcessCluster.start(["apiserver"]);
    client = RawClient.of(cluster.kubeconfig, cluster.port);
    await create("serviceaccounts", { metadata: { name: "default" } });
    await createPod("web", POD_IP);
    await create("services", { metadata: { name: "web" }, spec: { ports: [{ name: "http", port: 80 }] } });
    const targetRef = { kind: "Pod", name: "web", namespace: "default" };
    const subsets = [{ addresses: [{ ip: POD_IP, targetRef }], ports: [{ name: "http", port }] }];
    await create("endpoints", { metadata: { name: "web" }, subsets });
  });
  after(async () => {
    backend.closeAllConnections();
    backend.close();
    await cluster.remove();
  });
  beforeEach(() => void asked.splice(0));

  const create = async (plural: string, object: object) => {
    const { code, text } = await client.ask("POST", `${NAMESPACE}/${plural}`, { body: JSON.stringify(object) });
    if (code !== 201) throw new Error(text);
  };
  const createPod = async (name: string, podIP: string) => {
    const containers = [{ name: "a", image: "b", ports: [{ containerPort: port }] }];
    await create("pods", { metadata: { name }, spec: { containers } });
    const body = JSON.stringify({ status: { podIP, podIPs: [{ ip: podIP }] } });
    const headers = { "content-type": "application/merge-patch+json" };
    const { code, text } = await client.ask("PATCH", `${NAMESPACE}/pods/${name}/status`, { body, headers });
    if (code !== 200) throw new Error(text);
  };
  const ways = () => [
    `${NAMESPACE}/pods/web/proxy`,
    `${NAMESPACE}/pods/web:${port}/proxy`,
    `${NAMESPACE}/pods/http:web:${port}/proxy`,
    `${NAMESPACE}/services/web:http/proxy`,
    `${NAMESPACE}/services/web:80/proxy`,
    `${NAMESPACE}/services/http:web:http/proxy`,
  ];

  it("keeps the method, the path and the query, and no credentials", async () => {
    for (const way of ways()) {
      for (const method of METHODS) {
        const body = method === "GET" ? undefined : "{}";
        const { code, text } = await client.ask(method, `${way}/some/path/?method=${method}&a=%26`, { body });
        expect(code, way).to.equal(200);
        const url = `/some/path/?method=${method}&a=%26`;
        expect(JSON.parse(text)).to.deep.equal({ method, url, from: "127.0.0.1" });
      }
    }
  });

  it("sends readers of the root to where links work, and others on", async () => {
    for (const way of ways()) {
      for (const method of ["GET", "HEAD"]) {
        const { code, headers } = await client.ask(method, `${way}?method=${method}`);
        expect([code, headers.location]).to.deep.equal([301, `${way}/?method=${method}`]);
      }
      expect((await client.ask("POST", way)).text).to.contain('"url":"/"');
    }
  });

  it("gives the backend's own answers, with links that lead back through it", async () => {
    for (const way of ways()) {
      expect((await client.ask("GET", `${way}/page`)).text).to.equal(`<a href="${way}/next">`);
      expect((await client.ask("GET", `${way}/moved`)).headers.location).to.equal(`${way}/next`);
      const teapot = await client.ask("GET", `${way}/teapot`);
      expect([teapot.code, teapot.text]).to.deep.equal([418, "short and stout"]);
    }
  });

  const refusals: [target: string, code: number, message: string | RegExp][] = [
    ["pods/nobody/proxy/", 404, 'pods "nobody" not found'],
    ["pods/ftp:web:21/proxy/", 400, 'invalid pod request "ftp:web:21"'],
    ["pods/web:1/proxy/", 503, /^error trying to reach service: /],
    ["services/web:443/proxy/", 503, 'no service port 443 found for service "web"'],
    ["services/web:admin/proxy/", 503, 'no endpoints available for service "web:admin"'],
    ["services/nobody/proxy/", 404, 'endpoints "nobody" not found'],
    ["configmaps/web/proxy/", 404, "the server could not find the requested resource"],
  ];
  for (const [target, code, message] of refusals) {
    it(`says why ${target} cannot be served`, async () => {
      const { data, ...reply } = await client.ask("GET", `${NAMESPACE}/${target}`);
      expect([reply.code, data.kind]).to.deep.equal([code, "Status"]);
      if (typeof message === "string") expect(data.message).to.equal(message);
      else expect(data.message).to.match(message);
    });
  }

  it("S6: connects to no address that is not a pod's", async () => {
    for (const [index, address] of ["127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "::1"].entries()) {
      await createPod(`odd-${index}`, address);
      const { code, data } = await client.ask("GET", `${NAMESPACE}/pods/odd-${index}:${port}/proxy/`);
      expect([code, data.message], address).to.deep.equal([400, "address not allowed"]);
    }
    expect(asked).to.deep.equal([]);
  });

  const upgrade = async (path: string) => {
    const socket = await client.connect();
    const received: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    const target = `${NAMESPACE}/pods/web/proxy${path}`;
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`);
    return { socket, text: () => Buffer.concat(received).toString() };
  };

  it("joins an upgraded connection", async () => {
    const { socket, text } = await upgrade("/echo");
    await once(socket, "data");
    expect(text()).to.match(/^HTTP\/1.1 101 /);
    socket.write("hello");
    while (!text().endsWith("hello")) await once(socket, "data");
    socket.destroy();
  });

  it("S4: ends the connection when an upgrade fails, and passes on nothing more of it", async () => {
    const { socket, text } = await upgrade("/refused");
    socket.write(`GET ${NAMESPACE}/pods/web/proxy/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`);
    if (!socket.closed) await once(socket, "close");
    expect(text()).to.match(/^HTTP\/1.1 403 [^]*\r\n\r\nno$/);
    expect(asked).to.deep.equal(["UPGRADE /refused"]);
  });
});
