import { expect } from "chai";
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { systemClock } from "../../lib/clock.ts";
import { describeProxyBackend, newEntry, type ProxyFixture } from "../../testing/proxy-conformance.ts";
import type { Target } from "../service-table.ts";
import { UserspaceBackend } from "./userspace.ts";

const NODE = "127.96.13.254";

async function listen(serve: (socket: Socket) => void): Promise<{ readonly server: Server; readonly target: Target }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, target: { ip: "127.0.0.1", port: (server.address() as AddressInfo).port } };
}

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

/** Everything that the other side sends until it ends; undefined where it refuses or resets. */
function readAll(address: string, port: number, request?: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port, allowHalfOpen: true });
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
    socket.on("error", () => resolve(undefined));
    socket.on("end", () => {
      socket.end();
      resolve(text === "" ? undefined : text);
    });
    if (request !== undefined) socket.end(request);
  });
}

async function openUserspace(): Promise<ProxyFixture & { readonly backend: UserspaceBackend }> {
  const servers: Server[] = [];
  return Promise.resolve({
    backend: new UserspaceBackend({ clock: systemClock(), nodeAddress: NODE }),
    nodeAddress: NODE,
    async endpoint(name: string) {
      const { server, target } = await listen((socket) => socket.end(name));
      servers.push(server);
      return target;
    },
    connect: (address: string, port: number) => readAll(address, port),
    async close() {
      await Promise.all(servers.map(close));
    },
  });
}

describeProxyBackend("userspace", openUserspace);

describe("the userspace proxy", () => {
  let fixture: Awaited<ReturnType<typeof openUserspace>>;
  beforeEach(async () => {
    fixture = await openUserspace();
  });
  afterEach(async () => {
    await fixture.backend.cleanup();
    await fixture.close();
  });
  const VIP = "127.96.13.1";

  it("tries the next endpoint when one does not answer", async () => {
    const { server, target: dead } = await listen(() => undefined);
    await close(server);
    await fixture.backend.sync({ entries: [newEntry([dead, await fixture.endpoint("alive")])] });
    for (let time = 0; time < 4; time++) expect(await readAll(VIP, 8080)).to.equal("alive");
  });

  it("passes on that one side has finished while the other still sends", async () => {
    const { server, target } = await listen((socket) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.on("end", () => socket.end(text.toUpperCase()));
    });
    await fixture.backend.sync({ entries: [newEntry([target])] });
    expect(await readAll(VIP, 8080, "hello")).to.equal("HELLO");
    await close(server);
  });

  it("carries a megabyte without loss", async () => {
    const { server, target } = await listen((socket) => socket.pipe(socket));
    await fixture.backend.sync({ entries: [newEntry([target])] });
    const text = "0123456789abcdef".repeat(65_536);
    expect((await readAll(VIP, 8080, text)) === text).to.equal(true);
    await close(server);
  });

  it("lets a connection live on when its endpoint leaves the table", async () => {
    const { server, target } = await listen((socket) => socket.pipe(socket));
    await fixture.backend.sync({ entries: [newEntry([target])] });
    const client = createConnection({ host: VIP, port: 8080 });
    client.write("before");
    expect(String((await once(client, "data"))[0])).to.equal("before");
    await fixture.backend.sync({ entries: [newEntry([])] });
    client.write("after");
    expect(String((await once(client, "data"))[0])).to.equal("after");
    client.destroy();
    await close(server);
  });

  it("names the service whose port it cannot pass or cannot listen on", async () => {
    const taken = createServer();
    taken.listen(8080, VIP);
    await once(taken, "listening");
    const sctp = newEntry([], { id: "default/dns:", service: { namespace: "default", name: "dns" }, protocol: "SCTP" });
    const problems = await fixture.backend.sync({ entries: [sctp, newEntry([])] });
    await close(taken);
    expect(problems.map(({ service }) => service.name)).to.deep.equal(["dns", "web"]);
    expect(problems[0]?.message).to.match(/passes TCP and UDP/);
    expect(problems[1]?.message).to.match(/^127\.96\.13\.1:8080 cannot be listened on: .*EADDRINUSE/);
    expect(await fixture.backend.sync({ entries: [newEntry([])] })).to.deep.equal([]);
  });

  describe("with UDP", () => {
    const servers: DatagramSocket[] = [];
    afterEach(() => servers.splice(0).forEach((server) => server.close()));

    async function udpServer(name: string): Promise<Target> {
      const server = createSocket("udp4");
      servers.push(server);
      server.on("message", (bytes, from) => server.send(`${name} ${bytes.toString()}`, from.port, from.address));
      server.bind(0, "127.0.0.1");
      await once(server, "listening");
      return { ip: "127.0.0.1", port: server.address().port };
    }
    function udpClient() {
      const client = createSocket("udp4");
      servers.push(client);
      return async (text: string): Promise<string> => {
        client.send(text, 8080, VIP);
        const [bytes] = (await once(client, "message", { signal: AbortSignal.timeout(5000) })) as [Buffer];
        return bytes.toString();
      };
    }
    const udp = (...endpoints: Target[]) => newEntry(endpoints, { id: "default/web:udp", protocol: "UDP" });

    it("carries datagrams both ways, beside a TCP service at the same port", async () => {
      const [overUdp, overTcp] = [await udpServer("u"), await fixture.endpoint("t")];
      expect(await fixture.backend.sync({ entries: [udp(overUdp), newEntry([overTcp])] })).to.deep.equal([]);
      expect(await udpClient()("hello")).to.equal("u hello");
      expect(await readAll(VIP, 8080)).to.equal("t");
    });

    it("deals clients out in turn, and each stays where it is", async () => {
      await fixture.backend.sync({ entries: [udp(await udpServer("a"), await udpServer("b"))] });
      const [one, other] = [udpClient(), udpClient()];
      expect([await one("1"), await other("1"), await one("2"), await other("2")].join()).to.equal("a 1,b 1,a 2,b 2");
    });

    it("leads a client on when its endpoint has gone", async () => {
      const [a, b] = [await udpServer("a"), await udpServer("b")];
      await fixture.backend.sync({ entries: [udp(a)] });
      const ask = udpClient();
      expect(await ask("1")).to.equal("a 1");
      await fixture.backend.sync({ entries: [udp(b)] });
      expect(await ask("2")).to.equal("b 2");
    });
  });
});
