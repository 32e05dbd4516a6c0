// Reads the bodies of API answers: whole objects, failures, and watches as they come in. Everything is bounded, so that a
// broken server or something that is no API server at all cannot fill the memory.

import { reasonOf, statusErrorOf, StatusError, type Status } from "../api/meta/status.ts";
import type { HttpResponse, ResponseBody } from "../lib/http.ts";
import { parseJson } from "../lib/json.ts";

/** An answer larger than this is refused: a list of 100,000 large pods fits. */
const BODY_BYTES_MAX = 2 ** 30;
/** A watch line holds one object, which the store keeps below 2 MiB. */
const WATCH_LINE_BYTES_MAX = 2 ** 24;
const FAILURE_TEXT_MAX = 1024;
const NEWLINE = 0x0a;

export interface RawWatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** The answer's JSON value; rejects with the StatusError that a failed answer stands for. */
export async function readAnswer(response: HttpResponse): Promise<unknown> {
  await throwIfFailed(response);
  if (response.body.kind === "object") return response.body.object;
  const bytes = await readBytes(response.body);
  return bytes.length === 0 ? undefined : parse(bytes);
}

/** The answer as text; rejects with the StatusError that a failed answer stands for. */
export async function readText(response: HttpResponse): Promise<string> {
  await throwIfFailed(response);
  return Buffer.from(await readBytes(response.body)).toString();
}

/** The events of a watch, one by one; rejects with the StatusError that a failed answer stands for. */
export async function* readWatch(response: HttpResponse): AsyncGenerator<RawWatchEvent, void> {
  await throwIfFailed(response);
  const { body } = response;
  if (body.kind === "events") {
    for await (const batch of body.events) yield* batch;
    return;
  }
  if (body.kind !== "stream") throw new StatusError("InternalError", "the server answered a watch with no stream");
  for await (const line of splitLines(body.chunks)) yield parse(line) as RawWatchEvent;
}

async function throwIfFailed(response: HttpResponse): Promise<void> {
  if (response.status >= 200 && response.status < 300) return;
  throw await readFailure(response);
}

async function readFailure(response: HttpResponse): Promise<StatusError> {
  const { status, headers, body } = response;
  if (body.kind === "object" && isStatus(body.object)) return statusErrorOf(body.object);
  const bytes = body.kind === "object" ? new Uint8Array() : await readBytes(body);
  const text = Buffer.from(bytes).toString();
  const value = headers["content-type"]?.startsWith("application/json") ? tryParse(bytes) : undefined;
  if (isStatus(value)) return statusErrorOf(value);
  const message = text.trim().slice(0, FAILURE_TEXT_MAX) || `the server answered with status ${status}`;
  return new StatusError(reasonOf(status), message, { code: status });
}

const isStatus = (value: unknown): value is Status =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";

const decode = (bytes: Uint8Array): unknown =>
  parseJson(bytes, { bytesMax: BODY_BYTES_MAX, duplicates: "unseen" }).value;

function parse(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    throw new StatusError("InternalError", `the server's answer is no JSON: ${(error as Error).message}`);
  }
}

function tryParse(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    // A proxy's error page may call itself JSON; its text is shown instead.
    return undefined;
  }
}

async function readBytes(body: ResponseBody): Promise<Uint8Array> {
  if (body.kind === "bytes") return body.bytes;
  if (body.kind !== "stream") return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body.chunks) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw tooLarge(BODY_BYTES_MAX);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Cuts a byte stream into lines. Each byte is looked at once, however the stream is cut into chunks. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let pending: Uint8Array[] = [];
  let pendingLength = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const rest = chunk.subarray(start, end);
      const line = pending.length === 0 ? rest : Buffer.concat([...pending, rest]);
      pending = [];
      pendingLength = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    pendingLength += chunk.length - start;
    if (pendingLength > WATCH_LINE_BYTES_MAX) throw tooLarge(WATCH_LINE_BYTES_MAX);
  }
  // A last line without its newline was cut off with the connection: the reader resumes from the event before it.
}

const tooLarge = (bytesMax: number) =>
  new StatusError("InternalError", `the server's answer is larger than ${bytesMax} bytes`);
