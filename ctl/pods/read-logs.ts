// The log of a container as it comes in, and several at once in whole lines.

import { readAnswer } from "../../client/response-body.ts";
import type { HttpResponse } from "../../lib/http.ts";
import { pathOfType } from "../resource-type.ts";
import type { Session } from "../session.ts";
import type { LogSource } from "./plan-logs.ts";
import { podType } from "./pod-target.ts";

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The bytes of a container's log. Rejects with the StatusError of a refusal. */
export async function* readLog(session: Session, source: LogSource, query: Query): AsyncGenerator<Uint8Array, void> {
  const server = await session.server();
  const { namespace, pod: name, container } = source;
  const path = pathOfType(podType, { namespace, name, subresource: "log" });
  const response = await server.send({ method: "GET", path, query: { ...query, container } });
  if (response.status >= 300) await readAnswer(response);
  yield* chunksOf(response);
}

async function* chunksOf({ body }: HttpResponse): AsyncGenerator<Uint8Array, void> {
  if (body.kind === "bytes") yield body.bytes;
  if (body.kind === "stream") yield* body.chunks;
}

const NEWLINE = 0x0a;

/** The same bytes in whole lines, each with its newline; a last line without one gets it. Bounded by the longest line. */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end + 1)]);
      pending = [];
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  if (pending.length > 0) yield Buffer.concat([...pending, Uint8Array.of(NEWLINE)]);
}
