// A transport that breaks for good after a number of writes: what happens to its user is what a crash right there would do.

import { StatusError } from "../api/meta/status.ts";
import type { Handler, HttpRequest, HttpResponse } from "../lib/http.ts";

export interface DyingTransport {
  readonly transport: Handler;
  readonly isDead: () => boolean;
}

/** Lets the first writes through, but for events and leases, and none after them. Reads go on. */
export function dyingAfter(transport: Handler, writes: number): DyingTransport {
  let left = writes;
  const counts = (request: HttpRequest) => isWrite(request) && !/\/(events|leases)/.test(request.path);
  return {
    isDead: () => left < 0,
    transport: (request) => {
      if (left < 0 && isWrite(request)) return Promise.resolve(failure("ServiceUnavailable", "crashed"));
      if (counts(request) && --left < 0) return Promise.resolve(failure("ServiceUnavailable", "crashed"));
      return transport(request);
    },
  };
}

export const isWrite = ({ method }: HttpRequest): boolean => method !== "GET";

export function failure(reason: "ServiceUnavailable" | "Conflict", message: string): HttpResponse {
  const error = new StatusError(reason, message);
  return { status: error.code, headers: {}, body: { kind: "object", object: error.toStatus(), chunks: () => [] } };
}
