// One question to another DNS server, over UDP or TCP. Each has a socket, and with it a port, of its own: nobody can guess both
// that and the id (RFC 5452).

import { createSocket } from "node:dgram";
import { createConnection } from "node:net";

export interface UpstreamServer {
  readonly address: string;
  readonly port: number;
}

export interface ExchangeOptions {
  /** Which bytes are the answer; others are not listened to. */
  accepts(bytes: Buffer): boolean;
  /** Aborting it rejects with its reason. */
  readonly signal: AbortSignal;
}

export interface UpstreamExchange {
  datagram(server: UpstreamServer, query: Buffer, options: ExchangeOptions): Promise<Buffer>;
  stream(server: UpstreamServer, query: Buffer, options: ExchangeOptions): Promise<Buffer>;
}

export const systemExchange = (): UpstreamExchange => ({ datagram, stream });

function datagram(server: UpstreamServer, query: Buffer, { accepts, signal }: ExchangeOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    const end = (settle: () => void) => {
      signal.removeEventListener("abort", abort);
      socket.close();
      settle();
    };
    const abort = () => end(() => reject(signal.reason as Error));
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", (error) => end(() => reject(error)));
    socket.on("message", (bytes) => {
      if (accepts(bytes)) end(() => resolve(bytes));
    });
    // A connected socket hears its server only.
    socket.connect(server.port, server.address, () => socket.send(query));
  });
}

function stream(server: UpstreamServer, query: Buffer, { accepts, signal }: ExchangeOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: server.address, port: server.port, signal });
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("close", () => reject(new Error(`${server.address} has ended the connection without an answer`)));
    socket.once("connect", () => socket.write(Buffer.concat([lengthOf(query), query])));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const bytes = received.subarray(2, 2 + received.readUInt16BE(0));
      end(() => (accepts(bytes) ? resolve(bytes) : reject(new Error(`${server.address} has answered something else`))));
    });
  });
}

/** What goes before a message on a stream (RFC 1035, 4.2.2). */
export function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return length;
}
