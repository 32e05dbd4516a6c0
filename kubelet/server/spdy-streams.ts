// The streams of exec and attach as streams of a SPDY connection, which the client opens one by one and names in a header.
// The program begins when all are there. How it ended goes over the error stream: since v4 as a Status, before as text.

import type { Status } from "../../api/meta/status.ts";
import type { Clock } from "../../lib/clock.ts";
import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import { acceptSpdy } from "../../lib/spdy/accept-spdy.ts";
import type { SpdyConnection } from "../../lib/spdy/spdy-connection.ts";
import type { SpdyStream } from "../../lib/spdy/spdy-stream.ts";
import type { RemoteStreams, StreamRequest } from "./container-streams.ts";

const WITH_STATUS = "v4.channel.k8s.io";
const WITH_RESIZE: readonly string[] = [WITH_STATUS, "v3.channel.k8s.io"];
const PROTOCOLS: readonly string[] = [...WITH_RESIZE, "v2.channel.k8s.io", "channel.k8s.io"];
const CREATION_LIMIT_MS = 30_000;

const STREAM_TYPES = ["error", "stdin", "stdout", "stderr", "resize"] as const;
type StreamType = (typeof STREAM_TYPES)[number];
type Streams = ReadonlyMap<StreamType, SpdyStream>;

export interface SpdyStreamsOptions {
  readonly wanted: StreamRequest;
  readonly clock: Clock;
  /** Called once, when the client has opened all streams that it asked for. */
  serve(remote: RemoteStreams): void;
}

/** Throws HttpError for a request whose protocols are none of ours. */
export function acceptSpdyStreams(request: HttpRequest, { wanted, clock, serve }: SpdyStreamsOptions): HttpResponse {
  return acceptSpdy(request, {
    protocols: PROTOCOLS,
    clock,
    admits: (headers) => isStreamType(headers.get("streamtype")),
    begin(connection, protocol) {
      const streams = new Map<StreamType, SpdyStream>();
      const expected = expectedTypes(wanted, protocol);
      const cancel = clock.setTimer(CREATION_LIMIT_MS, () => connection.destroy());
      void connection.closed.then(cancel);
      return (stream) => {
        const type = stream.headers.get("streamtype");
        if (!isStreamType(type) || !expected.includes(type) || streams.has(type)) return void stream.destroy();
        streams.set(type, stream);
        // What a client sends on these is of no use, but has to be read, lest its end is not seen.
        if (type !== "stdin" && type !== "resize") stream.resume();
        if (streams.size < expected.length) return;
        cancel();
        serve(spdyStreams(connection, streams, protocol));
      };
    },
  });
}

const isStreamType = (type: string | undefined): type is StreamType => STREAM_TYPES.some((each) => each === type);

function expectedTypes(wanted: StreamRequest, protocol: string): readonly StreamType[] {
  const { stdin, stdout, stderr, tty } = wanted;
  const resize = tty && WITH_RESIZE.includes(protocol);
  const isExpected = { error: true, stdin, stdout, stderr, resize };
  return STREAM_TYPES.filter((type) => isExpected[type]);
}

function spdyStreams(connection: SpdyConnection, streams: Streams, protocol: string): RemoteStreams {
  return {
    stdin: readWhole(streams.get("stdin")),
    resize: readWhole(streams.get("resize")),
    closed: connection.closed,
    send: (output, chunk) =>
      new Promise((resolve) => {
        const stream = streams.get(output);
        if (stream) stream.write(chunk, () => resolve());
        else resolve();
      }),
    finish(status) {
      streams.get("stdin")?.destroy();
      streams.get("resize")?.destroy();
      streams.get("stdout")?.end();
      streams.get("stderr")?.end();
      streams.get("error")?.end(renderStatus(status, protocol));
      connection.close();
      return Promise.resolve();
    },
  };
}

/** Up to the end, also where that is the end of the connection: the program hears of that by its signal. */
async function* readWhole(stream: SpdyStream | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream ?? []) yield chunk as Uint8Array;
  } catch (error) {
    if (!stream?.destroyed) throw error;
  }
}

const renderStatus = (status: Status, protocol: string): string => {
  if (protocol === WITH_STATUS) return JSON.stringify(status);
  return status.status === "Success" ? "" : (status.message ?? "");
};
