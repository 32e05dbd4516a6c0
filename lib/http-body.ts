// Reads a request's body off a connection, within bounds: of size, so that memory is safe, and of time, so that a client
// that never finishes cannot hold a request open.

import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Clock } from "./clock.ts";
import { HttpError } from "./http.ts";

export interface BodyLimits {
  readonly bytesMax: number;
  /** For the whole body, from the moment it is asked for. */
  readonly timeoutMs: number;
}

/**
 * Rejects with HttpError: 413 as soon as the body is known to be larger than `bytesMax`, 408 when it takes longer than
 * `timeoutMs`, 415 for compressed bodies (they could grow without bound), 400 when the client goes away in the middle.
 */
export function readBody(
  source: Readable,
  headers: IncomingHttpHeaders,
  options: BodyLimits & { clock: Clock },
): Promise<Uint8Array> {
  const { bytesMax, timeoutMs, clock } = options;
  const encoding = headers["content-encoding"];
  if (encoding && encoding !== "identity") {
    return Promise.reject(
      new HttpError(415, `Request bodies with the content encoding ${encoding} are not supported.`),
    );
  }
  const tooLarge = () => new HttpError(413, `Request entity too large: limit is ${bytesMax}`);
  if (Number(headers["content-length"] ?? 0) > bytesMax) return Promise.reject(tooLarge());

  const ready = takeComplete(source, headers);
  if (ready) return Promise.resolve(ready);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (error?: HttpError) => {
      cancelTimer();
      source.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      if (error) {
        source.pause();
        reject(error);
      } else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMax) finish(tooLarge());
    };
    const onEnd = () => finish();
    const onGone = () => finish(new HttpError(400, "The client closed the connection before the end of the request."));
    const cancelTimer = clock.setTimer(timeoutMs, () =>
      finish(new HttpError(408, "The request's body did not arrive in time.")),
    );
    source.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    if (source.destroyed && !source.readableEnded) onGone();
  });
}

/** The body of a small request has come together with its head: no need to listen for it and to set a timer. */
function takeComplete(source: Readable, headers: IncomingHttpHeaders): Uint8Array | undefined {
  const length = source.readableLength;
  if (length === 0 || Number(headers["content-length"]) !== length) return undefined;
  const body = source.read() as Buffer;
  // Lets the end come, so that the connection can go on with its next request.
  source.resume();
  return body;
}
