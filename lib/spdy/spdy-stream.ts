// One stream of a SPDY connection, as a Duplex: ending it closes this side only, destroying it before both sides have
// ended resets it. It buffers up to its high-water mark; beyond that the whole connection waits, for SPDY as Kubernetes'
// clients speak it has no window of its own for each stream.

import { Duplex } from "node:stream";
import type { SpdyHeaders } from "./header-block.ts";
import { SpdyError } from "./spdy-error.ts";

const UNREAD_BYTES_MAX = 64 * 1024;
/** Larger data is sent in frames of this size, so that streams take turns. */
const PIECE_BYTES = 32 * 1024;

/** What a stream needs of its connection. */
export interface StreamCarrier {
  /** `sent` is called when there is room for more. */
  sendData(streamId: number, data: Uint8Array, sent: () => void): void;
  sendEnd(streamId: number): void;
  /** The reader of this stream has caught up. */
  readOn(stream: SpdyStream): void;
  /** `reset`: the other side has to be told. */
  forget(stream: SpdyStream, how: { readonly reset: boolean }): void;
}

export class SpdyStream extends Duplex {
  /** Nothing more comes from the other side; it may still lie here unread. */
  #endReceived = false;
  #resetReceived = false;

  constructor(
    readonly id: number,
    readonly headers: SpdyHeaders,
    private readonly carrier: StreamCarrier,
  ) {
    super({ readableHighWaterMark: UNREAD_BYTES_MAX, writableHighWaterMark: PIECE_BYTES });
    // Writing to a stream that the other side has reset tells the writer, and must not end the process.
    this.on("error", () => undefined);
  }

  /** For the connection: bytes that have come. False when too many lie unread. */
  receive(data: Uint8Array): boolean {
    return this.#endReceived || data.length === 0 || this.push(data);
  }

  /** For the connection: the other side has ended its half. */
  receiveEnd(): void {
    if (this.#endReceived) return;
    this.#endReceived = true;
    this.push(null);
    // Nothing more comes for it, however late its reader is: it need not hold up the others.
    this.carrier.readOn(this);
  }

  /** For the connection: the stream is no more. What has come before is still there to be read. */
  receiveReset(): void {
    this.#resetReceived = true;
    if (this.readableLength === 0) {
      this.destroy();
      return;
    }
    this.receiveEnd();
    this.once("end", () => this.destroy());
  }

  override _read(): void {
    this.carrier.readOn(this);
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const sendFrom = (at: number) => {
      if (this.#resetReceived) return done(new SpdyError("the stream was reset"));
      if (at >= chunk.length || this.destroyed) return done();
      this.carrier.sendData(this.id, chunk.subarray(at, at + PIECE_BYTES), () => sendFrom(at + PIECE_BYTES));
    };
    sendFrom(0);
  }

  override _final(done: () => void): void {
    this.carrier.sendEnd(this.id);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const ended = this.#endReceived && this.writableFinished;
    this.carrier.forget(this, { reset: !this.#resetReceived && !ended });
    done(error);
  }
}
