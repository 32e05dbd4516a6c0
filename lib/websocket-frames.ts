// The frames of WebSockets, read and written by the ws package, which takes no part in anything else.

import type { Writable } from "node:stream";
import * as ws from "ws";

/** The largest message taken; larger ones end the connection. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
export const opcodes = { binary: 2, close: 8, ping: 9, pong: 10 } as const;
export const closeCodes = { normal: 1000, protocolError: 1002 } as const;

// ws exports its reader and writer of frames, which its type declarations leave out.
interface Framing {
  Receiver: new (options: { isServer: boolean; maxPayload: number; skipUTF8Validation: boolean }) => Writable;
  Sender: { frame(data: Uint8Array, options: Readonly<Record<string, unknown>>): Uint8Array[] };
}
const framing = ws as unknown as Framing;

export const createReceiver = (side: "server" | "client") =>
  new framing.Receiver({ isServer: side === "server", maxPayload: MESSAGE_BYTES_MAX, skipUTF8Validation: true });

export const frame = (data: Uint8Array, { opcode, mask }: { opcode: number; mask: boolean }) =>
  framing.Sender.frame(Buffer.from(data), { fin: true, rsv1: false, opcode, mask, readOnly: false });

/** The payload of a closing frame. */
export const closePayload = (code: number) => Uint8Array.of(code >> 8, code & 255);
