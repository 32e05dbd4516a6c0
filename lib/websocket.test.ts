import type { Duplex } from "node:stream";
import { expect } from "chai";
import { duplexPair } from "./duplex-pair.ts";
import type { HttpResponse } from "./http.ts";
import { seededRandom } from "./random.ts";
import {
  acceptChannels,
  channelNumbers,
  channelProtocols,
  channelRequestHeaders,
  channelsOf,
  type ChannelMessage,
  type StreamChannels,
} from "./websocket.ts";

/** Both ends of one connection, and the bytes' path between them. */
function connect(protocols: readonly string[] = channelProtocols) {
  const headers = channelRequestHeaders(seededRandom(1), protocols);
  let server: StreamChannels | undefined;
  const response = acceptChannels(
    { headers },
    { protocols: channelProtocols, serve: (channels) => (server = channels) },
  );
  const client = channelsOf(response, headers);
  if (!server || !client) throw new Error("not connected");
  return { client, server, response };
}

/** A server's end, and the raw connection of whoever is at the other. */
function connectRaw(): { server: StreamChannels; wire: Duplex } {
  const [wire, far] = duplexPair();
  let server: StreamChannels | undefined;
  const headers = channelRequestHeaders(seededRandom(1), channelProtocols);
  const { body } = acceptChannels(
    { headers },
    { protocols: channelProtocols, serve: (channels) => (server = channels) },
  );
  if (body.kind === "upgrade") body.accept(far, new Uint8Array());
  if (!server) throw new Error("not connected");
  return { server, wire };
}

const refused: HttpResponse = { status: 403, headers: {}, body: { kind: "empty" } };

async function collect(channels: StreamChannels): Promise<{ channel: number; text: string | undefined }[]> {
  const messages: ChannelMessage[] = [];
  for await (const message of channels.messages) messages.push(message);
  return messages.map(({ channel, data }) => ({ channel, text: data && Buffer.from(data).toString() }));
}

describe("the channels of a WebSocket", () => {
  it("agree on the client's first protocol that the server has", () => {
    const { response, client, server } = connect(["v9.channel.k8s.io", "v4.channel.k8s.io", "v5.channel.k8s.io"]);
    expect(response.status).to.equal(101);
    expect(client.protocol).to.equal("v4.channel.k8s.io");
    expect(server.protocol).to.equal("v4.channel.k8s.io");
  });

  it("computes the accept header of RFC 6455", () => {
    const headers = { upgrade: "websocket", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const response = acceptChannels({ headers }, { protocols: [], serve: () => undefined });
    expect(response.headers["sec-websocket-accept"]).to.equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  it("carries messages both ways, in order, until closed", async () => {
    const { client, server } = connect();
    await client.send(channelNumbers.stdin, Buffer.from("in"));
    await server.send(channelNumbers.stdout, Buffer.from("out"));
    await server.send(channelNumbers.stderr, Buffer.from(""));
    await server.send(channelNumbers.error, Buffer.from("{}"));
    server.close();
    expect(await collect(client)).to.deep.equal([
      { channel: 1, text: "out" },
      { channel: 2, text: "" },
      { channel: 3, text: "{}" },
    ]);
    expect(await collect(server)).to.deep.equal([{ channel: 0, text: "in" }]);
    await Promise.all([client.closed, server.closed]);
  });

  it("closes a single channel under v5, and says nothing under v4", async () => {
    const v5 = connect(["v5.channel.k8s.io"]);
    await v5.client.closeChannel(channelNumbers.stdin);
    v5.client.close();
    expect(await collect(v5.server)).to.deep.equal([{ channel: 0, text: undefined }]);

    const v4 = connect(["v4.channel.k8s.io"]);
    await v4.client.closeChannel(channelNumbers.stdin);
    v4.client.close();
    expect(await collect(v4.server)).to.deep.equal([]);
  });

  it("holds the sender back while the receiver does not read, and loses nothing", async () => {
    const { client, server } = connect();
    const total = 4 * 1024 * 1024;
    let sent = false;
    const sending = client.send(channelNumbers.stdin, Buffer.alloc(total, 7)).then(() => (sent = true));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).to.equal(false);

    let received = 0;
    for await (const { data } of server.messages) {
      received += data?.length ?? 0;
      if (received === total) break;
    }
    await sending;
    expect(received).to.equal(total);
  });

  it("lets a send end when the connection goes", async () => {
    const { server, wire } = connectRaw();
    const sending = server.send(channelNumbers.stdout, Buffer.alloc(1024 * 1024));
    wire.destroy();
    await sending;
    await server.send(channelNumbers.stdout, Buffer.from("late"));
    await server.closed;
  });

  it("ends the connection at a message that is too large", async () => {
    const { server, wire } = connectRaw();
    // A masked binary frame that announces 16 MiB.
    wire.write(Uint8Array.of(0x82, 0x80 | 127, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4));
    wire.resume();
    let failure: unknown;
    await collect(server).catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(RangeError);
    await server.closed;
  });

  it("ends the connection at an unmasked frame", async () => {
    const { server, wire } = connectRaw();
    wire.write(Uint8Array.of(0x82, 1, 0));
    wire.resume();
    let failure: unknown;
    await collect(server).catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(RangeError);
  });

  it("answers a ping with its bytes", async () => {
    const { wire } = connectRaw();
    wire.write(Uint8Array.of(0x89, 0x82, 0, 0, 0, 0, 104, 105));
    const [pong] = (await wire.take(1).toArray()) as Buffer[];
    expect([...(pong ?? [])]).to.deep.equal([0x8a, 2, 104, 105]);
  });

  it("refuses requests that are no WebSocket upgrade, or share no protocol", () => {
    const accept = (headers: Record<string, string>) => () =>
      acceptChannels({ headers }, { protocols: channelProtocols, serve: () => undefined });
    expect(accept({})).to.throw("Upgrade request required");
    expect(accept({ upgrade: "SPDY/3.1" })).to.throw("Upgrade request required");
    expect(accept({ ...channelRequestHeaders(seededRandom(1), ["v3.channel.k8s.io"]) })).to.throw(
      "unable to negotiate protocol: client supports v3.channel.k8s.io; server supports v5.channel.k8s.io, v4.channel.k8s.io",
    );
  });

  it("are absent where the server refused, and an answer to another request's key is an error", () => {
    const headers = channelRequestHeaders(seededRandom(1), channelProtocols);
    expect(channelsOf(refused, headers)).to.equal(undefined);
    const other = channelRequestHeaders(seededRandom(2), channelProtocols);
    const response = acceptChannels({ headers: other }, { protocols: channelProtocols, serve: () => undefined });
    expect(() => channelsOf(response, headers)).to.throw("not one");
  });
});
