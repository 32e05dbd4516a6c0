// A WebSocket as a plain stream of bytes, whatever messages they come in: what another protocol is carried through by
// clients whose proxies let only WebSockets pass.

import { Duplex } from "node:stream";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { closeCodes, closePayload, createReceiver, frame, opcodes } from "./websocket-frames.ts";
import { acceptWebSocket } from "./websocket.ts";

/**
 * The server's answer to a request for a WebSocket that carries `protocol`; `serve` gets its bytes once it stands. Throws
 * HttpError 400 for requests that are no such upgrade.
 */
export function acceptWebSocketBytes(
  request: Pick<HttpRequest, "headers">,
  { protocol, serve }: { readonly protocol: string; serve(bytes: Duplex): void },
): HttpResponse {
  return acceptWebSocket(request, [protocol], (connection, { head }) => serve(new WebSocketBytes(connection, head)));
}

/** The server's end. Ending it, or the other side's closing frame, ends the connection in both directions: WebSockets have no half. */
class WebSocketBytes extends Duplex {
  readonly #connection: Duplex;
  #closing = false;

  constructor(connection: Duplex, head: Uint8Array) {
    super();
    this.#connection = connection;
    const receiver = createReceiver("server");
    receiver.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return this.#fail();
      if (data.length > 0 && !this.#closing && !this.push(data)) connection.pause();
    });
    receiver.on("ping", (data: Buffer) => {
      // A flood of pings to which nobody reads the answers must not fill the memory.
      if (!connection.writableNeedDrain) this.#send(opcodes.pong, data);
    });
    receiver.on("conclude", () => this.#close(closeCodes.normal));
    receiver.on("error", () => this.#fail());
    connection.on("data", (chunk: Buffer) => void receiver.write(chunk));
    connection.on("end", () => this.#close(closeCodes.normal));
    connection.on("error", () => this.destroy());
    connection.on("close", () => this.destroy());
    if (head.length > 0) receiver.write(Buffer.from(head));
    if (connection.destroyed) this.destroy();
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    if (this.#closing || this.#send(opcodes.binary, chunk)) return done();
    const settle = () => {
      this.#connection.off("drain", settle).off("close", settle);
      done();
    };
    this.#connection.on("drain", settle).on("close", settle);
  }

  override _final(done: () => void): void {
    this.#close(closeCodes.normal);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#closing) this.#connection.destroy();
    done(error);
  }

  /** False when there is no room for more. */
  #send(opcode: number, data: Uint8Array): boolean {
    if (!this.#connection.writable) return true;
    for (const part of frame(data, { opcode, mask: false })) this.#connection.write(part);
    return !this.#connection.writableNeedDrain;
  }

  #close(code: number): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#send(opcodes.close, closePayload(code));
    this.#connection.end();
    // What still arrives is thrown away, so that the other side's closing frame is reached.
    this.#connection.resume();
    this.push(null);
  }

  /** Whoever breaks the rules is not waited for. */
  #fail(): void {
    this.#close(closeCodes.protocolError);
    this.#connection.end(() => this.#connection.destroy());
  }
}
