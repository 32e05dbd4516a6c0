// The client's end of a response that upgraded to SPDY.

import { expect } from "chai";
import { systemClock, type Clock } from "../lib/clock.ts";
import { duplexPair } from "../lib/duplex-pair.ts";
import type { HttpResponse } from "../lib/http.ts";
import { SpdyConnection } from "../lib/spdy/spdy-connection.ts";

export function spdyClientOf({ body }: HttpResponse, clock: Clock = systemClock()): SpdyConnection {
  if (body.kind !== "upgrade") return expect.fail("the server did not upgrade");
  const [near, far] = duplexPair();
  const client = new SpdyConnection(near, {
    side: "client",
    head: new Uint8Array(),
    clock,
    admits: () => false,
    begin: () => () => undefined,
  });
  body.accept(far, new Uint8Array());
  return client;
}

export const spdyHeadersOf = (object: Readonly<Record<string, string>>) => new Map(Object.entries(object));
