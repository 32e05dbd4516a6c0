// One side of a SPDY/3.1 connection, as Go's spdystream speaks it: any number of streams, opened by either side, each
// with its own headers. There are no windows: when the reader of one stream falls behind, the connection is not read
// from. What the other side may have open, and what it may leave unread, is bounded.

import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import { encodeFrame, goAwayStatus, resetStatus, type Frame, type SentFrame } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { HeaderWriter, type SpdyHeaders } from "./header-block.ts";
import { SpdyError } from "./spdy-error.ts";
import { SpdyStream, type StreamCarrier } from "./spdy-stream.ts";

export interface SpdyOptions {
  readonly side: "server" | "client";
  /** Bytes that came together with the handshake. */
  readonly head: Uint8Array;
  readonly clock: Clock;
  /** Whether the other side may open a stream with these headers; it is refused otherwise. */
  admits(headers: SpdyHeaders): boolean;
  /** Called once; gives what is done with each stream that the other side opens. */
  begin(connection: SpdyConnection): (stream: SpdyStream) => void;
}

const STREAMS_MAX = 1000;
/** Answers to one who reads none of them. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/**
 * How long one who has been told of the end may take to read what was sent before: a pager may stand behind it. Go's
 * spdystream throws away what it has not handled when the connection closes, so it is left to the client to close.
 */
const CLOSE_LIMIT_MS = 4 * 3_600_000;
/** The same for one who has broken the rules, to read why. */
const REFUSAL_LIMIT_MS = 10_000;

export class SpdyConnection {
  /** Resolves when the connection has ended, from whichever side and for whatever reason. */
  readonly closed: Promise<void>;
  readonly #connection: Duplex;
  readonly #options: SpdyOptions;
  readonly #compress = new HeaderWriter();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #opening = new Map<number, (error?: Error) => void>();
  /** Streams whose readers have fallen behind. */
  readonly #behind = new Set<SpdyStream>();
  readonly #carrier: StreamCarrier;
  readonly #serve: (stream: SpdyStream) => void;
  #waiting: (() => void)[] = [];
  #lastReceivedId = 0;
  #nextId: number;
  #ending = false;
  /** The other side has broken the rules; what it sends is not looked at any more. */
  #refused = false;

  constructor(connection: Duplex, options: SpdyOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#nextId = options.side === "client" ? 1 : 2;
    this.#carrier = this.#carry();
    this.closed = new Promise((resolve) => (connection.closed ? resolve() : connection.once("close", resolve)));
    const reader = new FrameReader();
    if (options.head.length > 0) connection.unshift(Buffer.from(options.head));
    connection.on("data", (chunk: Buffer) => this.#receive(reader, chunk));
    connection.on("drain", () => this.#goOn());
    connection.on("error", () => connection.destroy());
    connection.on("end", () => connection.end(() => connection.destroy()));
    connection.on("close", () => this.#drop());
    this.#serve = options.begin(this);
    if (connection.destroyed) this.#drop();
  }

  /** Resolves when the other side has taken the stream; rejects when it refuses, or has gone. */
  open(headers: SpdyHeaders): Promise<SpdyStream> {
    if (this.#ending) return Promise.reject(new SpdyError("the connection is ending"));
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = this.#add(id, headers);
    return new Promise((resolve, reject) => {
      this.#opening.set(id, (error) => (error ? reject(error) : resolve(stream)));
      this.#send({ type: "synStream", streamId: id, headers, fin: false, unidirectional: false });
    });
  }

  /** Ends the connection in order: after what has been sent, and after the other side has let go of its streams. Idempotent. */
  close(): void {
    if (this.#ending) return;
    this.#send({ type: "goAway", lastStreamId: this.#lastReceivedId, status: goAwayStatus.ok });
    this.#finish();
  }

  /** Ends the connection at once. Idempotent. */
  destroy(): void {
    this.#connection.destroy();
  }

  #finish(): void {
    this.#ending = true;
    this.#destroyAfter(CLOSE_LIMIT_MS);
    this.#endWhenIdle();
  }

  #destroyAfter(limitMs: number): void {
    const cancel = this.#options.clock.setTimer(limitMs, () => this.#connection.destroy());
    void this.closed.then(cancel);
  }

  #endWhenIdle(): void {
    if (this.#ending && this.#streams.size === 0) this.#connection.end();
  }

  /** The connection is gone, and the streams with it. */
  #drop(): void {
    this.#ending = true;
    for (const stream of [...this.#streams.values()]) stream.receiveReset();
    for (const settle of this.#opening.values()) settle(new SpdyError("the connection has ended"));
    this.#opening.clear();
    this.#goOn();
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }

  #send(frame: SentFrame): boolean {
    if (!this.#connection.writable) return true;
    if (this.#connection.writableLength > UNSENT_BYTES_MAX) {
      this.#connection.destroy();
      return true;
    }
    return this.#connection.write(encodeFrame(frame, this.#compress));
  }

  #carry(): StreamCarrier {
    return {
      sendData: (streamId, data, sent) => {
        if (this.#connection.writableNeedDrain) {
          this.#waiting.push(() => this.#carrier.sendData(streamId, data, sent));
        } else if (this.#send({ type: "data", streamId, data, fin: false })) sent();
        else this.#waiting.push(sent);
      },
      sendEnd: (streamId) => this.#send({ type: "data", streamId, data: new Uint8Array(), fin: true }),
      readOn: (stream) => this.#readOn(stream),
      forget: (stream, { reset }) => {
        this.#streams.delete(stream.id);
        this.#readOn(stream);
        if (reset) this.#send({ type: "rstStream", streamId: stream.id, status: resetStatus.cancel });
        this.#endWhenIdle();
      },
    };
  }

  #readOn(stream: SpdyStream): void {
    if (this.#behind.delete(stream) && this.#behind.size === 0) this.#connection.resume();
  }

  #receive(reader: FrameReader, chunk: Buffer): void {
    if (this.#refused) return;
    try {
      for (const frame of reader.read(chunk)) this.#handle(frame);
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      this.#send({ type: "goAway", lastStreamId: this.#lastReceivedId, status: goAwayStatus.protocolError });
      this.#refused = true;
      this.#drop();
      this.#connection.end(() => this.#connection.destroy());
      this.#destroyAfter(REFUSAL_LIMIT_MS);
    }
  }

  #handle(frame: Frame): void {
    switch (frame.type) {
      case "data":
        return this.#handleData(frame.streamId, frame.data, frame.fin);
      case "synStream":
        return this.#handleOpening(frame);
      case "synReply":
        this.#settle(frame.streamId);
        return this.#handleData(frame.streamId, new Uint8Array(), frame.fin);
      case "headers":
        return this.#handleData(frame.streamId, new Uint8Array(), frame.fin);
      case "rstStream":
        this.#settle(frame.streamId, new SpdyError(`the stream was refused with status ${frame.status}`));
        return this.#streams.get(frame.streamId)?.receiveReset();
      case "ping":
        if (!this.#isOwn(frame.id)) this.#send(frame);
        return;
      case "goAway":
        if (!this.#ending) this.#finish();
        return;
      case "other":
    }
  }

  #settle(streamId: number, error?: Error): void {
    this.#opening.get(streamId)?.(error);
    this.#opening.delete(streamId);
  }

  /** Clients number what they begin with odd numbers, servers with even ones. */
  #isOwn(id: number): boolean {
    return (id % 2 === 1) === (this.#options.side === "client");
  }

  /** What comes for a stream that is no more is let go. */
  #handleData(streamId: number, data: Uint8Array, fin: boolean): void {
    const stream = this.#streams.get(streamId);
    if (!stream) return;
    if (!stream.receive(data)) {
      this.#behind.add(stream);
      this.#connection.pause();
    }
    if (fin) stream.receiveEnd();
  }

  #handleOpening({ streamId, headers, fin, unidirectional }: Frame & { readonly type: "synStream" }): void {
    if (this.#isOwn(streamId) || streamId <= this.#lastReceivedId) {
      throw new SpdyError(`stream ${streamId} cannot be opened after stream ${this.#lastReceivedId}`);
    }
    this.#lastReceivedId = streamId;
    const full = this.#ending || this.#streams.size >= STREAMS_MAX;
    if (full || unidirectional || !this.#options.admits(headers)) {
      this.#send({ type: "rstStream", streamId, status: resetStatus.refusedStream });
      return;
    }
    const stream = this.#add(streamId, headers);
    this.#send({ type: "synReply", streamId, headers: new Map(), fin: false });
    if (fin) stream.receiveEnd();
    this.#serve(stream);
  }

  #add(id: number, headers: SpdyHeaders): SpdyStream {
    const stream = new SpdyStream(id, headers, this.#carrier);
    this.#streams.set(id, stream);
    return stream;
  }
}
