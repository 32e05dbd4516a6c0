// The network between a component and the API server: it may lose a request or its answer, hold either back, send a request
// twice, and cut watches. What it does is decided by dice alone, so that a seed repeats it.

import { sleep, type Clock } from "../../lib/clock.ts";
import { HttpError, type EncodableEvent, type Handler, type HttpRequest, type HttpResponse } from "../../lib/http.ts";
import type { Dice } from "./dice.ts";

/** Shares of all requests, 0 to 1. */
export interface Weather {
  /** The request does not arrive. */
  readonly lostRequests: number;
  /** The request takes effect, and its sender does not hear of it. */
  readonly lostAnswers: number;
  readonly delays: number;
  readonly delayMsMax: number;
  /** A write arrives a second time, later. */
  readonly duplicates: number;
  /** A watch ends after a few events. */
  readonly cuts: number;
}

export const CALM: Weather = { lostRequests: 0, lostAnswers: 0, delays: 0, delayMsMax: 0, duplicates: 0, cuts: 0 };

export interface NetworkPath {
  /** What is at the other end just now. */
  readonly server: Handler;
  readonly clock: Clock;
  readonly dice: Dice;
  /** Asked for each request. */
  weather(): Weather;
  /** Nothing passes while this is so, in either direction. */
  isCut(): boolean;
  /** A write has been answered; its sender does not know yet. */
  wrote?(): void;
}

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);
const CUT_AFTER_MAX = 8;

const lost = () => new HttpError(503, "the connection was lost");

/** A way to `path.server` with the faults of its weather. */
export function faultyNetwork(path: NetworkPath): Handler {
  return async (request) => {
    const { lostRequests, lostAnswers } = path.weather();
    if (path.isCut()) throw lost();
    await maybeDelay(path, request.signal);
    if (path.dice.chance(lostRequests)) throw lost();
    const answered = path.server(request);
    maybeDuplicate(path, request);
    const response = await answered;
    if (WRITES.has(request.method)) path.wrote?.();
    await maybeDelay(path, request.signal);
    if (path.isCut() || path.dice.chance(lostAnswers)) {
      abandon(response);
      throw lost();
    }
    return response.body.kind === "events"
      ? { ...response, body: unreliableEvents(response.body.events, path) }
      : response;
  };
}

async function maybeDelay({ weather, clock, dice }: NetworkPath, signal: AbortSignal): Promise<void> {
  const { delays, delayMsMax } = weather();
  if (dice.chance(delays)) await sleep(clock, dice.between(1, delayMsMax), signal);
}

/** The copy has a life of its own: nobody waits for its answer, and its sender's end does not stop it. */
function maybeDuplicate({ weather, clock, dice, server }: NetworkPath, request: HttpRequest): void {
  const { duplicates, delayMsMax } = weather();
  if (!WRITES.has(request.method) || !dice.chance(duplicates)) return;
  const copy = { ...request, signal: new AbortController().signal };
  clock.setTimer(dice.between(1, Math.max(delayMsMax, 1)), () => {
    server(copy).then(abandon, () => undefined);
  });
}

/** A stream that nobody reads is closed, as a socket's end closes it. */
function abandon({ body }: HttpResponse): void {
  if (body.kind === "events") void body.events[Symbol.asyncIterator]().return?.();
}

function unreliableEvents(events: AsyncIterable<readonly EncodableEvent[]>, path: NetworkPath): HttpResponse["body"] {
  const { weather, dice } = path;
  const cutAfter = dice.chance(weather().cuts) ? dice.between(0, CUT_AFTER_MAX) : Infinity;
  const passed = async function* (): AsyncGenerator<readonly EncodableEvent[]> {
    let count = 0;
    for await (const batch of events) {
      // A cut in the middle of a stream shows as its end; events after it are lost to this watch.
      if (path.isCut() || count++ >= cutAfter) return;
      yield batch;
    }
  };
  return { kind: "events", events: passed() };
}
