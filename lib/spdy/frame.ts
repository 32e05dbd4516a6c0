// The frames of SPDY/3, as data, and their bytes. All have a head of 8 bytes: control frames one with version, type, flags
// and length, data frames one with stream, flags and length.

import type { HeaderWriter, SpdyHeaders } from "./header-block.ts";

export type Frame =
  | DataFrame
  | ({ readonly type: "synStream"; readonly unidirectional: boolean } & HeadersFrame)
  | ({ readonly type: "synReply" } & HeadersFrame)
  | ({ readonly type: "headers" } & HeadersFrame)
  | { readonly type: "rstStream"; readonly streamId: number; readonly status: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goAway"; readonly lastStreamId: number; readonly status: number }
  /** SETTINGS, WINDOW_UPDATE and what is not known: nothing follows from them, as in the library that Kubernetes uses. */
  | { readonly type: "other"; readonly code: number };

export interface DataFrame {
  readonly type: "data";
  readonly streamId: number;
  /** Of a received frame a piece: the next may come with the bytes that follow. */
  readonly data: Uint8Array;
  /** Nothing follows on this stream. */
  readonly fin: boolean;
}

interface HeadersFrame {
  readonly streamId: number;
  readonly headers: SpdyHeaders;
  readonly fin: boolean;
}

export type SentFrame = Exclude<Frame, { readonly type: "other" }>;

export const controlTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7, headers: 8 } as const;
export const frameFlags = { fin: 1, unidirectional: 2 } as const;
export const resetStatus = { protocolError: 1, refusedStream: 3, cancel: 5 } as const;
export const goAwayStatus = { ok: 0, protocolError: 1 } as const;

export const HEAD_BYTES = 8;
export const VERSION = 3;
export const CONTROL_BIT = 0x8000_0000;

/** `compress` belongs to the connection: blocks have to be sent in the order in which they were encoded. */
export function encodeFrame(frame: SentFrame, compress: HeaderWriter): Buffer {
  switch (frame.type) {
    case "data":
      return Buffer.concat([head(frame.streamId, finFlag(frame.fin), frame.data.length), frame.data]);
    case "synStream": {
      const flags = finFlag(frame.fin) | (frame.unidirectional ? frameFlags.unidirectional : 0);
      // It belongs to no other stream, and has the highest priority.
      return control("synStream", [words(frame.streamId, 0), Buffer.alloc(2), compress.write(frame.headers)], flags);
    }
    case "synReply":
    case "headers":
      return control(frame.type, [words(frame.streamId), compress.write(frame.headers)], finFlag(frame.fin));
    case "rstStream":
      return control("rstStream", [words(frame.streamId, frame.status)]);
    case "ping":
      return control("ping", [words(frame.id)]);
    case "goAway":
      return control("goAway", [words(frame.lastStreamId, frame.status)]);
  }
}

const finFlag = (fin: boolean) => (fin ? frameFlags.fin : 0);

function control(type: keyof typeof controlTypes, parts: readonly Buffer[], flags = 0): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const first = CONTROL_BIT + VERSION * 0x1_0000 + controlTypes[type];
  return Buffer.concat([head(first, flags, length), ...parts]);
}

const head = (first: number, flags: number, length: number) => words(first, flags * 0x100_0000 + length);

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
}
