// /portForward over SPDY: for each connection to a port the client opens two streams, for data and for errors, which name
// the port and share the number of a request.

import { connect } from "node:net";
import type { Clock } from "../../lib/clock.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { acceptSpdy } from "../../lib/spdy/accept-spdy.ts";
import type { SpdyHeaders } from "../../lib/spdy/header-block.ts";
import type { SpdyStream } from "../../lib/spdy/spdy-stream.ts";
import { tunnel } from "../../lib/tunnel.ts";
import { isPort } from "./port-forward.ts";

const PROTOCOL = "portforward.k8s.io";
const PAIR_LIMIT_MS = 30_000;

export interface ForwardTarget {
  readonly host: string;
  /** Of the pod's sandbox, for messages. */
  readonly id: string;
}

/** A stream that waits for the other of its pair. */
interface HalfPair {
  readonly stream: SpdyStream;
  /** It waits no longer. */
  take(): void;
}

/** Throws HttpError for a request whose protocols are not this one. */
export function acceptSpdyPorts(request: HttpRequest, target: ForwardTarget, clock: Clock): HttpResponse {
  return acceptSpdy(request, {
    protocols: [PROTOCOL],
    clock,
    admits: (headers) => isPort(portOf(headers)) && ["data", "error"].includes(headers.get("streamtype") ?? ""),
    begin() {
      const halves = new Map<string, HalfPair>();
      return (stream) => {
        const id = requestIdOf(stream);
        const half = halves.get(id);
        half?.take();
        if (half) join(half.stream, stream, target);
        else
          halves.set(
            id,
            awaitOther(clock, stream, () => halves.delete(id)),
          );
      };
    },
  });
}

const portOf = (headers: SpdyHeaders) => Number(headers.get("port") ?? NaN);
const isError = (stream: SpdyStream) => stream.headers.get("streamtype") === "error";

/** Old clients send no number: theirs open the error stream, and then the data stream. */
const requestIdOf = (stream: SpdyStream) =>
  stream.headers.get("requestid") ?? String(isError(stream) ? stream.id : stream.id - 2);

function awaitOther(clock: Clock, stream: SpdyStream, forget: () => void): HalfPair {
  const cancelTimer = clock.setTimer(PAIR_LIMIT_MS, () => stream.destroy());
  const onClose = () => {
    cancelTimer();
    forget();
  };
  stream.once("close", onClose);
  return {
    stream,
    take() {
      stream.off("close", onClose);
      onClose();
    },
  };
}

function join(one: SpdyStream, other: SpdyStream, target: ForwardTarget): void {
  const [errors, data] = isError(one) ? [one, other] : [other, one];
  if (!isError(errors) || isError(data)) {
    one.destroy();
    other.destroy();
    return;
  }
  errors.resume();
  forward({ data, errors }, target);
}

function forward(
  { data, errors }: { readonly data: SpdyStream; readonly errors: SpdyStream },
  { host, id }: ForwardTarget,
): void {
  const port = portOf(data.headers);
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on("error", (error) => {
    errors.end(`error forwarding port ${port} to pod ${id}, uid : ${errorMessage(error)}`);
  });
  socket.on("close", () => errors.end());
  data.on("close", () => {
    // A client that has ended its half may still break off: nothing reads from the pod then.
    if (!data.writableFinished) socket.destroy();
  });
  tunnel(socket, data);
}
