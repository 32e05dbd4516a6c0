// WebSockets as Kubernetes uses them for exec, attach and port-forward: one connection that carries numbered byte
// channels, the first byte of each message naming the channel. Handshakes are plain HTTP upgrades (lib/http.ts), so the
// same code serves sockets and in-process callers. It never compresses, and never buffers without a bound.

import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { duplexPair } from "./duplex-pair.ts";
import { HttpError, type HttpRequest, type HttpResponse } from "./http.ts";
import type { Random } from "./random.ts";
import { closeCodes, closePayload, createReceiver, frame, opcodes } from "./websocket-frames.ts";

/** The channels of exec and attach. Port-forward uses 2n for the data and 2n + 1 for the errors of the n-th port. */
export const channelNumbers = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

/** The newest first. v5 adds that a side can close one channel, which is how the end of stdin is told. */
export const channelProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;

export interface StreamChannels {
  /** The subprotocol agreed on; "" where the client asked for none. */
  readonly protocol: string;
  /** What the other side sends, in order. For one reader; ends with the connection, throws when that breaks a rule of the protocol. While nobody reads, the other side is held back. */
  readonly messages: AsyncIterable<ChannelMessage>;
  /** Resolves when there is room for more: wait for it. Resolves at once, and does nothing, after the connection has ended. */
  send(channel: number, data: Uint8Array): Promise<void>;
  /** Tells the other side that no more comes on this channel. Does nothing below v5. */
  closeChannel(channel: number): Promise<void>;
  /** Ends the connection in order, after what has been sent. Idempotent. */
  close(): void;
  /** Resolves when the connection has ended, from whichever side and for whatever reason. */
  readonly closed: Promise<void>;
}

export interface ChannelMessage {
  readonly channel: number;
  /** Absent: the other side has closed the channel. */
  readonly data?: Uint8Array;
}

/** Larger data is sent in pieces of this size. */
const PIECE_BYTES = 32 * 1024;
/** Received and not yet read: beyond this the connection is not read from. */
const UNREAD_BYTES_MAX = 256 * 1024;
const CLOSE_CHANNEL = 255;

/**
 * The server's answer to a WebSocket request: 101 with the first of the client's protocols that is among `protocols`.
 * `serve` is called once the connection stands. Throws HttpError 400 for requests that are no such upgrade.
 */
export function acceptChannels(
  request: Pick<HttpRequest, "headers">,
  options: { readonly protocols: readonly string[]; serve(channels: StreamChannels): void },
): HttpResponse {
  return acceptWebSocket(request, options.protocols, (connection, agreed) =>
    options.serve(openChannels(connection, { ...agreed, side: "server" })),
  );
}

export interface AgreedWebSocket {
  readonly protocol: string;
  /** Bytes that arrived together with the handshake. */
  readonly head: Uint8Array;
}

/** The same for whatever is carried over the connection. */
export function acceptWebSocket(
  request: Pick<HttpRequest, "headers">,
  protocols: readonly string[],
  open: (connection: Duplex, agreed: AgreedWebSocket) => void,
): HttpResponse {
  const key = request.headers["sec-websocket-key"];
  if (request.headers.upgrade?.toLowerCase() !== "websocket" || !key) {
    throw new HttpError(400, "Upgrade request required");
  }
  const protocol = negotiate(request.headers["sec-websocket-protocol"], protocols);
  return {
    status: 101,
    headers: {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-accept": acceptOf(key),
      ...(protocol && { "sec-websocket-protocol": protocol }),
    },
    body: { kind: "upgrade", accept: (connection, head) => open(connection, { protocol, head }) },
  };
}

function negotiate(offered: string | undefined, served: readonly string[]): string {
  if (offered === undefined) return "";
  const wanted = offered.split(",").map((each) => each.trim());
  const protocol = wanted.find((each) => served.includes(each));
  if (protocol !== undefined) return protocol;
  throw new HttpError(
    400,
    `unable to negotiate protocol: client supports ${wanted.join(", ")}; server supports ${served.join(", ")}`,
  );
}

const acceptOf = (key: string) =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** The headers of a client's request for one of these protocols. */
export function channelRequestHeaders(random: Random, protocols: readonly string[]): Readonly<Record<string, string>> {
  return {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": Buffer.from(random.bytes(16)).toString("base64"),
    "sec-websocket-protocol": protocols.join(", "),
  };
}

/**
 * The client's end of the connection that a request with `headers` of channelRequestHeaders was answered with; undefined
 * where the server did not upgrade, and `response` says why.
 */
export function channelsOf(
  response: HttpResponse,
  headers: Readonly<Record<string, string>>,
): StreamChannels | undefined {
  if (response.body.kind !== "upgrade") return undefined;
  if (response.headers["sec-websocket-accept"] !== acceptOf(headers["sec-websocket-key"] ?? "")) {
    throw new HttpError(503, "the server's answer to the WebSocket request is not one");
  }
  const [near, far] = duplexPair();
  response.body.accept(far, new Uint8Array());
  const protocol = response.headers["sec-websocket-protocol"] ?? "";
  return openChannels(near, { protocol, head: new Uint8Array(), side: "client" });
}

interface ChannelOptions extends AgreedWebSocket {
  readonly side: "server" | "client";
}

function openChannels(connection: Duplex, { protocol, head, side }: ChannelOptions): StreamChannels {
  const unread = new UnreadMessages(connection);
  const closed = new Promise<void>((resolve) => connection.once("close", resolve));
  let closing = false;

  const write = (opcode: number, data: Uint8Array): boolean => {
    if (!connection.writable) return true;
    connection.cork();
    for (const part of frame(data, { opcode, mask: side === "client" })) connection.write(part);
    connection.uncork();
    return !connection.writableNeedDrain;
  };
  const close = (code: number) => {
    if (closing) return;
    closing = true;
    write(opcodes.close, closePayload(code));
    connection.end();
    // What still arrives is thrown away, so that the other side's closing frame is reached.
    connection.resume();
  };
  const send = async (channel: number, data: Uint8Array) => {
    for (let at = 0; at === 0 || at < data.length; at += PIECE_BYTES) {
      if (closing || !connection.writable) return;
      const message = Buffer.concat([Uint8Array.of(channel), data.subarray(at, at + PIECE_BYTES)]);
      if (!write(opcodes.binary, message)) await drained(connection);
    }
  };

  const receiver = createReceiver(side);
  receiver.on("message", (data: Buffer) => unread.add(parseMessage(data, protocol)));
  receiver.on("ping", (data: Buffer) => {
    // A flood of pings to which nobody reads the answers must not fill the memory.
    if (!connection.writableNeedDrain) write(opcodes.pong, data);
  });
  receiver.on("conclude", () => close(closeCodes.normal));
  receiver.on("error", (error: Error) => {
    unread.end(error);
    close(closeCodes.protocolError);
    // Whoever breaks the rules is not waited for.
    connection.end(() => connection.destroy());
  });
  connection.on("data", (chunk: Buffer) => void receiver.write(chunk));
  connection.on("error", (error: Error) => unread.end(error));
  connection.on("end", () => close(closeCodes.normal));
  connection.on("close", () => unread.end());
  if (head.length > 0) receiver.write(Buffer.from(head));

  return {
    protocol,
    messages: unread,
    send,
    closeChannel: (channel) =>
      protocol === "v5.channel.k8s.io" ? send(CLOSE_CHANNEL, Uint8Array.of(channel)) : Promise.resolve(),
    close: () => close(closeCodes.normal),
    closed,
  };
}

function parseMessage(data: Buffer, protocol: string): ChannelMessage {
  const channel = data[0] ?? 0;
  if (protocol === "v5.channel.k8s.io" && channel === CLOSE_CHANNEL) return { channel: data[1] ?? 0 };
  return { channel, data: data.subarray(1) };
}

function drained(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      connection.off("drain", done).off("close", done);
      resolve();
    };
    connection.on("drain", done).on("close", done);
  });
}

/** Messages received and not yet read; stops reading from the connection while they are too many. */
class UnreadMessages implements AsyncIterable<ChannelMessage> {
  private readonly queue: ChannelMessage[] = [];
  private bytes = 0;
  private ended = false;
  private error: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(private readonly connection: Duplex) {}

  add(message: ChannelMessage): void {
    if (this.ended) return;
    this.queue.push(message);
    this.bytes += sizeOf(message);
    if (this.bytes > UNREAD_BYTES_MAX) this.connection.pause();
    this.wake?.();
  }

  end(error?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.error = error;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<ChannelMessage> {
    for (;;) {
      const message = this.queue.shift();
      if (message) {
        this.bytes -= sizeOf(message);
        if (this.connection.isPaused() && this.bytes <= UNREAD_BYTES_MAX) this.connection.resume();
        yield message;
      } else if (this.ended) {
        if (this.error) throw this.error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }
}

/** Empty messages count too, so that a flood of them is bounded. */
const sizeOf = (message: ChannelMessage) => 64 + (message.data?.length ?? 0);
