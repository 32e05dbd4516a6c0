// The sockets of the DNS server: UDP, and TCP for what is too long for a datagram (RFC 7766). Knows bytes only.

import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { lengthOf } from "./upstream-exchange.ts";

export type Transport = "udp" | "tcp";

export interface DnsServerOptions {
  readonly address: string;
  /** 0 takes any that is free for both. */
  readonly port: number;
  /** Undefined: no answer at all. Never rejects. */
  answer(bytes: Buffer, transport: Transport): Buffer | undefined | Promise<Buffer | undefined>;
}

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Questions by UDP that wait for other servers; more are dropped, and asked again by those who want to know. */
const WAITING_MAX = 2000;
const CONNECTIONS_MAX = 1000;
const IDLE_MS = 10_000;
/** Questions of one connection that are not answered yet; then it is read no further. */
const PIPELINE_MAX = 64;
/** Holds a burst of some thousand questions while this process does something else. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

/** Rejects where the address cannot be listened at. */
export async function serveDns(options: DnsServerOptions): Promise<DnsServer> {
  const tcp = await listenTcp(options);
  const { port } = tcp.server.address() as AddressInfo;
  try {
    const udp = await listenUdp({ ...options, port });
    return { port, close: () => Promise.all([udp.close(), tcp.close()]).then(() => undefined) };
  } catch (error) {
    await tcp.close();
    throw error;
  }
}

async function listenUdp({ address, port, answer }: DnsServerOptions) {
  const socket = createSocket({ type: address.includes(":") ? "udp6" : "udp4", recvBufferSize: RECEIVE_BUFFER_BYTES });
  let waiting = 0;
  const send = (bytes: Buffer | undefined, { port: to, address: at }: RemoteInfo) => {
    // An asker that is gone, or that cannot be reached, is its own affair.
    if (bytes) socket.send(bytes, to, at, () => undefined);
  };
  socket.on("message", (bytes, from) => {
    const reply = waiting < WAITING_MAX ? answer(bytes, "udp") : undefined;
    if (!(reply instanceof Promise)) return send(reply, from);
    waiting += 1;
    void reply.then((late) => {
      waiting -= 1;
      if (!closed) send(late, from);
    });
  });
  let closed = false;
  socket.bind(port, address);
  await once(socket, "listening");
  // From here on, errors are of single datagrams that came back.
  socket.on("error", () => undefined);
  return {
    close: () =>
      new Promise<void>((resolve) => {
        closed = true;
        socket.close(() => resolve());
      }),
  };
}

async function listenTcp({ address, port, answer }: DnsServerOptions) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    void converse(socket, answer);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, address);
  await once(server, "listening");
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return { server, close };
}

/** Answers go out in the order in which they are known. */
async function converse(socket: Socket, answer: DnsServerOptions["answer"]): Promise<void> {
  let received = Buffer.alloc(0);
  const open = new Set<Promise<void>>();
  const serve = async (query: Buffer) => {
    const reply = await answer(query, "tcp");
    if (!reply) return void socket.destroy();
    if (socket.writable) socket.write(Buffer.concat([lengthOf(reply), reply]));
  };
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const served: Promise<void> = serve(Buffer.from(received.subarray(2, end))).finally(() => open.delete(served));
        open.add(served);
        received = received.subarray(end);
        if (open.size >= PIPELINE_MAX) await Promise.race(open);
      }
    }
    await Promise.all(open);
    socket.end();
  } catch {
    // The connection has broken; whoever wants an answer connects again.
    socket.destroy();
  }
}
