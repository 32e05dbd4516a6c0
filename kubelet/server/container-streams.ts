// /exec and /attach: the streams of a program, carried over one connection, and at the end how it ended, as a Status. The
// protocols of that connection are channel-streams.ts and spdy-streams.ts.

import type { Status } from "../../api/meta/status.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { ProcessStreams, TerminalSize } from "../runtimes/runtime.ts";

export interface StreamRequest {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Both spellings of the parameters: those of a kubelet and those of the API. */
export function parseStreamRequest(query: URLSearchParams): StreamRequest {
  const isSet = (...names: readonly string[]) => names.some((name) => ["1", "true"].includes(query.get(name) ?? ""));
  const tty = isSet("tty");
  return {
    stdin: isSet("input", "stdin"),
    stdout: isSet("output", "stdout"),
    // A terminal has one output.
    stderr: isSet("error", "stderr") && !tty,
    tty,
  };
}

/** The other side of a program's streams, over whichever protocol. */
export interface RemoteStreams {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Sizes of the terminal, as JSON. */
  readonly resize: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more: wait for it. */
  send(output: "stdout" | "stderr", chunk: Uint8Array): Promise<void>;
  /** Tells how the program has ended, and ends the connection in order. */
  finish(status: Status): Promise<void>;
  /** Resolves when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
}

/** Runs `program` on the connection's streams and closes the connection with its result. Never rejects. */
export async function carryStreams(
  remote: RemoteStreams,
  wanted: StreamRequest,
  program: (streams: ProcessStreams) => Promise<number>,
): Promise<void> {
  const gone = new AbortController();
  void remote.closed.then(() => gone.abort(new Error("the client has gone")));
  const output = (name: "stdout" | "stderr") => (chunk: Uint8Array) => remote.send(name, chunk);
  const status = await program({
    signal: gone.signal,
    tty: wanted.tty,
    ...(wanted.stdin && { stdin: remote.stdin }),
    ...(wanted.stdout && { stdout: output("stdout") }),
    ...(wanted.stderr && { stderr: output("stderr") }),
    ...(wanted.tty && { resize: parseSizes(remote.resize) }),
  }).then(describeExit, describeFailure);
  await remote.finish(status);
}

async function* parseSizes(messages: AsyncIterable<Uint8Array>): AsyncGenerator<TerminalSize> {
  for await (const message of messages) {
    const size = parseSize(Buffer.from(message).toString());
    if (size) yield size;
  }
}

function parseSize(text: string): TerminalSize | undefined {
  try {
    const { Width, Height } = JSON.parse(text) as { Width?: unknown; Height?: unknown };
    return typeof Width === "number" && typeof Height === "number" ? { columns: Width, rows: Height } : undefined;
  } catch {
    return undefined;
  }
}

export function describeExit(code: number): Status {
  const base = { kind: "Status", apiVersion: "v1", metadata: {} } as const;
  if (code === 0) return { ...base, status: "Success" };
  return {
    ...base,
    status: "Failure",
    reason: "NonZeroExitCode",
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  };
}

const describeFailure = (error: unknown): Status => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  reason: "InternalError",
  message: errorMessage(error),
  code: 500,
});
