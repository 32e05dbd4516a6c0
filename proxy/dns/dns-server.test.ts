import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createConnection } from "node:net";
import { expect } from "chai";
import { serveDns, type DnsServer } from "./dns-server.ts";
import { lengthOf, systemExchange } from "./upstream-exchange.ts";

describe("the DNS server's sockets", () => {
  let server: DnsServer;
  let late: (() => void)[];
  beforeEach(async () => {
    late = [];
    server = await serveDns({
      address: "127.0.0.1",
      port: 0,
      answer: (bytes, transport) => {
        const text = bytes.toString();
        const answer = Buffer.from(`${text} by ${transport}`);
        if (text === "nothing") return undefined;
        return text === "later" ? new Promise((resolve) => late.push(() => resolve(answer))) : answer;
      },
    });
  });
  afterEach(() => server.close());

  const exchange = systemExchange();
  const ask = (how: "datagram" | "stream", text: string) =>
    exchange[how]({ address: "127.0.0.1", port: server.port }, Buffer.from(text), {
      accepts: () => true,
      signal: AbortSignal.timeout(5000),
    }).then(String);

  it("answers by UDP and by TCP at one port", async () => {
    expect(await ask("datagram", "a")).to.equal("a by udp");
    expect(await ask("stream", "a")).to.equal("a by tcp");
  });

  it("holds nobody up for an answer that comes later", async () => {
    const later = ask("datagram", "later");
    while (late.length === 0) expect(await ask("datagram", "now")).to.equal("now by udp");
    late[0]?.();
    expect(await later).to.equal("later by udp");
  });

  it("answers what it can and sends nothing for what has no answer", async () => {
    const socket = createSocket("udp4");
    const received: string[] = [];
    socket.on("message", (bytes) => received.push(bytes.toString()));
    for (const text of ["nothing", "last"]) socket.send(text, server.port, "127.0.0.1");
    await once(socket, "message");
    expect(received).to.deep.equal(["last by udp"]);
    socket.close();
  });

  it("answers many questions of one connection, in pieces or together, and closes it after the last", async () => {
    const socket = createConnection(server.port, "127.0.0.1");
    const both = Buffer.concat(["one", "two"].flatMap((text) => [lengthOf(Buffer.from(text)), Buffer.from(text)]));
    socket.write(both.subarray(0, 3));
    await once(socket, "connect");
    socket.end(both.subarray(3));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    expect(text).to.contain("one by tcp").and.to.contain("two by tcp");
  });

  it("ends a connection whose question has no answer", async () => {
    const error = await ask("stream", "nothing").then(
      () => undefined,
      (cause: Error) => cause.message,
    );
    expect(error).to.match(/ended the connection|ECONNRESET/);
  });

  it("says where it cannot listen", async () => {
    const error = await serveDns({ address: "127.0.0.1", port: server.port, answer: () => undefined }).then(
      () => undefined,
      (cause: NodeJS.ErrnoException) => cause.code,
    );
    expect(error).to.equal("EADDRINUSE");
  });
});
