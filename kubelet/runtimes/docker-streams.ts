// Docker's streams of a program's input and output. Without a terminal Docker sends frames: a byte for the stream, three
// zero bytes, a length of four bytes, and the data.

import type { Duplex, Readable } from "node:stream";
import { onAbort } from "./abort.ts";
import type { ProcessStreams } from "./runtime.ts";

export interface Frame {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

const HEADER_BYTES = 8;

/** Data are passed on as they come, so that a frame of any length needs no buffer. */
export async function* readFrames(body: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let header = Buffer.alloc(0);
  let stream: Frame["stream"] = "stdout";
  let missing = 0;
  for await (const chunk of body) {
    let rest = chunk;
    while (rest.length > 0) {
      if (missing === 0) {
        const taken = rest.subarray(0, HEADER_BYTES - header.length);
        rest = rest.subarray(taken.length);
        header = Buffer.concat([header, taken]);
        if (header.length < HEADER_BYTES) break;
        stream = header[0] === 2 ? "stderr" : "stdout";
        missing = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const data = rest.subarray(0, missing);
      rest = rest.subarray(data.length);
      missing -= data.length;
      yield { stream, data };
    }
  }
}

/** A terminal has no frames: everything is standard output. */
export async function* readOutput(
  body: Readable,
  options: { tty: boolean; signal: AbortSignal },
): AsyncGenerator<Frame> {
  const { tty, signal } = options;
  const release = onAbort(signal, () => body.destroy(signal.reason as Error));
  try {
    if (tty) for await (const data of body) yield { stream: "stdout", data: data as Buffer };
    else yield* readFrames(body);
  } finally {
    release();
    body.destroy();
  }
}

/** Carries bytes both ways until the program's side ends. The end of the input ends the program's standard input only. */
export async function carryStreams(connection: Duplex, streams: ProcessStreams): Promise<void> {
  const { signal, tty = false, stdin } = streams;
  // Sending fails when the program ends without reading its input; the end of its output tells that already.
  connection.on("error", () => undefined);
  if (stdin) void sendInput(connection, stdin).catch((error: Error) => connection.destroy(error));
  for await (const { stream, data } of readOutput(connection, { tty, signal })) {
    await streams[stream]?.(data);
  }
}

async function sendInput(connection: Duplex, input: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of input) {
    if (connection.destroyed) return;
    if (!connection.write(chunk)) await drained(connection);
  }
  connection.end();
}

function drained(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    connection.once("drain", resolve);
    connection.once("close", resolve);
  });
}
