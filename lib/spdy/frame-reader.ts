// Turns the bytes of one direction of a SPDY/3 connection into frames. Data comes in pieces as it arrives, so that the size
// of a data frame needs no bound; control frames are kept until they are whole, and are bounded.

import { CONTROL_BIT, controlTypes, frameFlags, HEAD_BYTES, VERSION, type Frame } from "./frame.ts";
import { HeaderReader } from "./header-block.ts";
import { SpdyError } from "./spdy-error.ts";

const CONTROL_BYTES_MAX = 16 * 1024;
const STREAM_ID_MASK = 0x7fff_ffff;

interface OpenData {
  readonly streamId: number;
  readonly fin: boolean;
  readonly left: number;
}

interface Head {
  readonly first: number;
  readonly flags: number;
  readonly length: number;
}

type Parse = (payload: Buffer, flags: number, headers: HeaderReader) => Frame;

/** By type: the shortest payload there is, whether it is the only length, and the meaning. */
const parsers: Readonly<Record<number, { readonly bytes: number; readonly exact: boolean; readonly parse: Parse }>> = {
  [controlTypes.synStream]: {
    bytes: 10,
    exact: false,
    parse: (payload, flags, headers) => ({
      type: "synStream",
      streamId: streamIdOf(payload),
      headers: headers.read(payload.subarray(10)),
      fin: hasFin(flags),
      unidirectional: (flags & frameFlags.unidirectional) !== 0,
    }),
  },
  [controlTypes.synReply]: { bytes: 4, exact: false, parse: parseHeaders("synReply") },
  [controlTypes.headers]: { bytes: 4, exact: false, parse: parseHeaders("headers") },
  [controlTypes.rstStream]: {
    bytes: 8,
    exact: true,
    parse: (payload) => ({ type: "rstStream", streamId: streamIdOf(payload), status: payload.readUInt32BE(4) }),
  },
  [controlTypes.ping]: { bytes: 4, exact: true, parse: (payload) => ({ type: "ping", id: payload.readUInt32BE() }) },
  [controlTypes.goAway]: {
    bytes: 8,
    exact: true,
    parse: (payload) => ({
      type: "goAway",
      lastStreamId: payload.readUInt32BE() & STREAM_ID_MASK,
      status: payload.readUInt32BE(4),
    }),
  },
};

function parseHeaders(type: "synReply" | "headers"): Parse {
  return (payload, flags, headers) => ({
    type,
    streamId: streamIdOf(payload),
    headers: headers.read(payload.subarray(4)),
    fin: hasFin(flags),
  });
}

export class FrameReader {
  readonly #headers = new HeaderReader();
  #pending: Buffer = Buffer.alloc(0);
  /** The data frame whose bytes are coming. */
  #data: OpenData | undefined;

  /** The frames that are there with these bytes. Throws SpdyError, after which the connection cannot be read on. */
  *read(chunk: Uint8Array): Generator<Frame> {
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : bufferOf(chunk);
    for (;;) {
      const frame = this.#data ? this.#nextPiece(this.#data) : this.#nextFrame();
      if (frame === "none") return;
      if (frame) yield frame;
    }
  }

  #nextPiece({ streamId, fin, left }: OpenData): Frame | "none" {
    if (this.#pending.length === 0 && left > 0) return "none";
    const data = this.#take(Math.min(left, this.#pending.length));
    const rest = left - data.length;
    this.#data = rest > 0 ? { streamId, fin, left: rest } : undefined;
    return { type: "data", streamId, data, fin: fin && rest === 0 };
  }

  /** Undefined where a data frame begins. */
  #nextFrame(): Frame | "none" | undefined {
    if (this.#pending.length < HEAD_BYTES) return "none";
    const head = readHead(this.#pending);
    if (head.first < CONTROL_BIT) {
      this.#take(HEAD_BYTES);
      if (head.first === 0) throw new SpdyError("data comes on stream 0, which does not exist");
      this.#data = { streamId: head.first, fin: hasFin(head.flags), left: head.length };
      return undefined;
    }
    requireControl(head);
    if (this.#pending.length < HEAD_BYTES + head.length) return "none";
    this.#take(HEAD_BYTES);
    return parseControl(head, this.#take(head.length), this.#headers);
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }
}

const bufferOf = (chunk: Uint8Array) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);

const readHead = (bytes: Buffer): Head => ({
  first: bytes.readUInt32BE(),
  flags: bytes.readUInt8(4),
  length: bytes.readUIntBE(5, 3),
});

function requireControl({ first, length }: Head): void {
  const version = (first >>> 16) & 0x7fff;
  if (version !== VERSION) throw new SpdyError(`a frame of SPDY/${version} came, and only SPDY/${VERSION} is spoken`);
  if (length > CONTROL_BYTES_MAX) {
    throw new SpdyError(`a control frame of ${length} bytes came; at most ${CONTROL_BYTES_MAX} are taken`);
  }
}

function parseControl({ first, flags }: Head, payload: Buffer, headers: HeaderReader): Frame {
  const code = first & 0xffff;
  const known = parsers[code];
  if (!known) return { type: "other", code };
  const fits = known.exact ? payload.length === known.bytes : payload.length >= known.bytes;
  if (!fits) throw new SpdyError(`a control frame of type ${code} has ${payload.length} bytes, not ${known.bytes}`);
  return known.parse(payload, flags, headers);
}

function streamIdOf(payload: Buffer): number {
  const id = payload.readUInt32BE() & STREAM_ID_MASK;
  if (id === 0) throw new SpdyError("a frame names stream 0, which does not exist");
  return id;
}

const hasFin = (flags: number) => (flags & frameFlags.fin) !== 0;
