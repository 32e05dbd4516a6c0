// The gRPC probe: the standard health service (grpc.health.v1) says SERVING. The one message each way is small enough to
// be written and read here, without a gRPC library.

import { connect, constants, type ClientHttp2Session } from "node:http2";
import { describeDialError, failed, passed, type Probe, type ProbeResult } from "./probe.ts";

const SERVING = 1;
const ANSWER_BYTES_MAX = 1024;
const STATUS_NAMES = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

export const grpcProbe: Probe = {
  field: "grpc",
  async run({ grpc }, { host }, signal) {
    if (!grpc) throw new Error("the probe has no grpc");
    const authority = `${host}:${grpc.port}`;
    const session = connect(`http://${authority}`);
    const end = () => session.destroy();
    signal.addEventListener("abort", end, { once: true });
    try {
      return await check(session, grpc.service ?? "", signal);
    } catch (error) {
      if (signal.aborted) return failed(`timeout: failed to connect service "${authority}" within the timeout`);
      return failed(`error: ${describeDialError(error as NodeJS.ErrnoException, authority)}`);
    } finally {
      signal.removeEventListener("abort", end);
      session.destroy();
    }
  },
};

function check(session: ClientHttp2Session, service: string, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    session.on("error", reject);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
      "user-agent": "kube-probe/1.33",
    });
    const answer: Buffer[] = [];
    let size = 0;
    let status = "0";
    const note = (headers: Readonly<Record<string, unknown>>) => {
      if (typeof headers["grpc-status"] === "string") status = headers["grpc-status"];
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= ANSWER_BYTES_MAX) answer.push(chunk);
    });
    // A stream that never got a connection has the reason for that as its cause.
    stream.on("error", (error: Error) => reject(error.cause instanceof Error ? error.cause : error));
    stream.on("close", () =>
      signal.aborted ? reject(signal.reason as Error) : resolve(judge(status, Buffer.concat(answer))),
    );
    stream.end(encodeRequest(service));
  });
}

/** A message is preceded by a byte "not compressed" and its length; field 1 of the request is the service's name. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const field =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(field.length, 1);
  return Buffer.concat([prefix, field]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Field 1 of the answer is the status as a small number; absent means 0. */
function judge(status: string, answer: Buffer): ProbeResult {
  if (status === "12")
    return failed("error: this server does not implement the grpc health protocol (grpc.health.v1.Health)");
  if (status !== "0") return failed(`error: health rpc failed with code ${status}`);
  const serving = answer[5] === 0x08 ? (answer[6] ?? 0) : 0;
  return serving === SERVING
    ? passed
    : failed(`service unhealthy (responded with "${STATUS_NAMES[serving] ?? serving}")`);
}
