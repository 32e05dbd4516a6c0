// /exec and /attach: the streams of a program, carried over the channels of one WebSocket. How it ended goes over the error
// channel, as a Status.

import type { Status } from "../../api/meta/status.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { channelNumbers, type StreamChannels } from "../../lib/websocket.ts";
import type { ProcessStreams, TerminalSize } from "../runtimes/runtime.ts";
import { ByteQueue } from "./byte-queue.ts";

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

/** Runs `program` on the connection's streams and closes the connection with its result. Never rejects. */
export async function carryStreams(
  channels: StreamChannels,
  wanted: StreamRequest,
  program: (streams: ProcessStreams) => Promise<number>,
): Promise<void> {
  const gone = new AbortController();
  void channels.closed.then(() => gone.abort(new Error("the client has gone")));
  const input = new ByteQueue();
  const sizes = new ByteQueue();
  void receive(channels, { input, sizes });
  const output = (channel: number) => (chunk: Uint8Array) => channels.send(channel, chunk);
  const status = await program({
    signal: gone.signal,
    tty: wanted.tty,
    ...(wanted.stdin && { stdin: input }),
    ...(wanted.stdout && { stdout: output(channelNumbers.stdout) }),
    ...(wanted.stderr && { stderr: output(channelNumbers.stderr) }),
    ...(wanted.tty && { resize: parseSizes(sizes) }),
  }).then(describeExit, describeFailure);
  await channels.send(channelNumbers.error, Buffer.from(JSON.stringify(status)));
  channels.close();
}

async function receive(
  channels: StreamChannels,
  { input, sizes }: { readonly input: ByteQueue; readonly sizes: ByteQueue },
): Promise<void> {
  try {
    for await (const { channel, data } of channels.messages) {
      if (channel === channelNumbers.stdin) await (data ? input.push(data) : input.end());
      if (channel === channelNumbers.resize && data) await sizes.push(data);
    }
  } catch {
    // The connection broke; its end is told to the program by the signal.
  }
  input.end();
  sizes.end();
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
