// Writes a response to a connection: with back-pressure, compressed where that pays, in pieces that leave the event loop
// free, and giving up on a client that stops reading. It never holds more than one piece of a stream in memory.

import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { promisify } from "node:util";
import { createGzip, gzip } from "node:zlib";
import type { Clock } from "./clock.ts";
import type { Exchange } from "./exchange.ts";
import type { EncodableEvent, HttpResponse } from "./http.ts";
import { Stretch } from "./stretch.ts";

export interface WriteOptions {
  /** Only the head is sent in answer to HEAD. */
  readonly method: string;
  /** Asked only where compressing might pay. */
  acceptsGzip(): boolean;
  readonly clock: Clock;
  /** A client that takes nothing for this long is cut off. */
  readonly stallMs: number;
  /** Abandoned when the client has gone. */
  readonly exchange: Exchange;
  /** Aborted when the server wants to end streams in order. */
  readonly ending: AbortSignal;
}

export type Outgoing = ServerResponse | Http2ServerResponse;

/** As Kubernetes: smaller bodies cost more to compress than to send. */
const GZIP_BYTES_MIN = 128 * 1024;
/** The fastest level: the lists it is for are sent within a data centre. */
const GZIP_LEVEL = 1;

const gzipBytes = promisify<Uint8Array, { level: number }, Buffer>(gzip);

/** Resolves when the whole answer has been handed to the connection, or the client has gone. Rejects when the body's source fails; the connection is then cut. */
export async function writeResponse(outgoing: Outgoing, answer: HttpResponse, options: WriteOptions): Promise<void> {
  const { body } = answer;
  try {
    if (options.method === "HEAD") return writeHead(outgoing, answer);
    switch (body.kind) {
      case "empty":
        return writeBytes(outgoing, answer, new Uint8Array());
      case "bytes":
        return await writeCompressible(outgoing, { answer, bytes: body.bytes, options });
      case "object":
        return await writeChunks(outgoing, answer, { options, chunks: body.chunks() });
      case "stream":
        return await writeStream(outgoing, answer, { ...options, chunks: body.chunks, encode: (chunk) => [chunk] });
      case "events":
        return await writeStream(outgoing, answer, {
          ...options,
          chunks: body.events,
          encode: linesOf,
        });
      case "upgrade":
        throw new Error("an upgrade was answered to a request that asked for none");
    }
  } catch (error) {
    outgoing.destroy();
    throw error;
  }
}

const linesOf = (events: readonly EncodableEvent[]) => events.map((event) => event.line());

function writeHead(outgoing: Outgoing, { status, headers }: HttpResponse): void {
  start(outgoing, status, headers);
  outgoing.end();
}

function writeBytes(outgoing: Outgoing, { status, headers }: HttpResponse, bytes: Uint8Array): void {
  const withLength = status === 204 || status === 304 ? headers : { ...headers, "content-length": bytes.length };
  start(outgoing, status, withLength);
  outgoing.end(bytes);
}

function start(outgoing: Outgoing, status: number, headers: OutgoingHttpHeaders): void {
  if ("stream" in outgoing) outgoing.writeHead(status, headers);
  else outgoing.writeHead(status, headers);
}

interface Compressible {
  readonly answer: HttpResponse;
  readonly bytes: Uint8Array;
  readonly options: WriteOptions;
}

async function writeCompressible(outgoing: Outgoing, { answer, bytes, options }: Compressible): Promise<void> {
  if (bytes.length < GZIP_BYTES_MIN || !mayCompress(answer, options)) return writeBytes(outgoing, answer, bytes);
  const compressed = await gzipBytes(bytes, { level: GZIP_LEVEL });
  writeBytes(outgoing, withGzip(answer), compressed);
}

const mayCompress = ({ headers }: HttpResponse, options: WriteOptions) =>
  options.acceptsGzip() && headers["content-encoding"] === undefined;

const withGzip = (answer: HttpResponse): HttpResponse => ({
  ...answer,
  headers: { ...answer.headers, "content-encoding": "gzip", vary: "Accept-Encoding" },
});

interface Chunks {
  readonly chunks: Iterable<Uint8Array>;
  readonly options: WriteOptions;
}

/** Bodies that stay small are sent with their length, as one piece; larger ones are encoded while they are sent. */
async function writeChunks(outgoing: Outgoing, answer: HttpResponse, { chunks: all, options }: Chunks): Promise<void> {
  const chunks = all[Symbol.iterator]();
  const first: Uint8Array[] = [];
  let bytes = 0;
  for (let next = chunks.next(); !next.done; next = chunks.next()) {
    first.push(next.value);
    bytes += next.value.length;
    if (bytes >= GZIP_BYTES_MIN) return writeLong(outgoing, answer, { options, chunks: joined(first, chunks) });
  }
  writeBytes(outgoing, answer, first.length === 1 && first[0] ? first[0] : Buffer.concat(first));
}

function* joined(first: readonly Uint8Array[], rest: Iterator<Uint8Array>): Iterable<Uint8Array> {
  yield* first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

async function writeLong(outgoing: Outgoing, answer: HttpResponse, { chunks, options }: Chunks): Promise<void> {
  const compressor = mayCompress(answer, options) ? createGzip({ level: GZIP_LEVEL }) : undefined;
  const { status, headers } = compressor ? withGzip(answer) : answer;
  start(outgoing, status, headers);
  compressor?.pipe(outgoing);
  const sink: Sink = compressor ?? outgoing;
  const stretch = new Stretch(options.clock);
  // Many may be asked for at once: none goes on in the turn in which it was.
  await stretch.pause();
  for (const chunk of chunks) {
    const isTaken = sink.write(chunk);
    if (!isTaken) await drained(sink, outgoing, { ...options, until: options.exchange.signal });
    if (stretch.isOver) await stretch.pause();
    else if (isTaken) continue;
    if (options.exchange.isAbandoned) {
      compressor?.destroy();
      return;
    }
  }
  sink.end();
}

interface StreamOptions<T> extends WriteOptions {
  readonly chunks: AsyncIterable<T>;
  encode(chunk: T): readonly Uint8Array[];
}

/** Sends what comes, when it comes. A source that is waiting when the client goes, or the server ends, is let go at once. */
async function writeStream<T>(outgoing: Outgoing, answer: HttpResponse, options: StreamOptions<T>): Promise<void> {
  start(outgoing, answer.status, answer.headers);
  if (!("stream" in outgoing)) outgoing.flushHeaders();
  const source = options.chunks[Symbol.asyncIterator]();
  const { ending } = options;
  const gone = options.exchange.signal;
  let wake: (value: undefined) => void = () => undefined;
  const stop = () => wake(undefined);
  gone.addEventListener("abort", stop);
  ending.addEventListener("abort", stop);
  try {
    while (!gone.aborted && !ending.aborted) {
      const next = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        wake = resolve;
        source.next().then(resolve, reject);
      });
      if (next === undefined || next.done) break;
      if (writeAll(outgoing, options.encode(next.value))) continue;
      // A server that ends waits for no client.
      await drained(outgoing, outgoing, { ...options, until: AbortSignal.any([gone, ending]) });
    }
  } finally {
    gone.removeEventListener("abort", stop);
    ending.removeEventListener("abort", stop);
    // Not awaited: a generator that waits for its next value answers only after that.
    void Promise.resolve(source.return?.()).catch(() => undefined);
  }
  outgoing.end();
}

function writeAll(outgoing: Sink, pieces: readonly Uint8Array[]): boolean {
  const only = pieces[0];
  if (pieces.length === 1 && only) return outgoing.write(only);
  return pieces.length === 0 || outgoing.write(Buffer.concat(pieces));
}

interface Sink {
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  once(event: "drain", listen: () => void): unknown;
  off(event: "drain", listen: () => void): unknown;
}

interface DrainOptions extends Pick<WriteOptions, "clock" | "stallMs"> {
  readonly until: AbortSignal;
}

/** Resolves when `sink` takes more, or the client has gone: by itself, or because it took nothing for too long. */
function drained(sink: Sink, outgoing: Outgoing, { clock, stallMs, until }: DrainOptions): Promise<void> {
  return new Promise((resolve) => {
    if (until.aborted) return resolve();
    const done = () => {
      cancelTimer();
      sink.off("drain", done);
      until.removeEventListener("abort", done);
      resolve();
    };
    const cancelTimer = clock.setTimer(stallMs, () => outgoing.destroy());
    sink.once("drain", done);
    until.addEventListener("abort", done, { once: true });
  });
}
