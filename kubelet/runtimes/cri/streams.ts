// The streams of a program, as CRI runtimes serve them: at an address of their own, to which one upgrades with SPDY, and
// opens a stream for each of input, output, errors and the terminal's size.

import { request } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../../../lib/clock.ts";
import { errorMessage } from "../../../lib/error-message.ts";
import { spdyRequestHeaders } from "../../../lib/spdy/accept-spdy.ts";
import { SpdyConnection } from "../../../lib/spdy/spdy-connection.ts";
import type { SpdyStream } from "../../../lib/spdy/spdy-stream.ts";
import { onAbort, untilAborted } from "../abort.ts";
import type { ProcessStreams } from "../runtime.ts";

/** Tells how a command ended as a metav1.Status, and takes terminal sizes. */
const PROTOCOL = "v4.channel.k8s.io";

/** What came on the error stream until the program or the connection ended: the outcome, or nothing. */
export async function carryProcess(url: string, streams: ProcessStreams, clock: Clock): Promise<string> {
  const { signal, tty = false } = streams;
  const connection = await connect(url, signal, clock);
  const release = onAbort(signal, () => connection.destroy());
  try {
    const open = (streamtype: string) => connection.open(new Map([["streamtype", streamtype]]));
    const error = await open("error");
    const input = streams.stdin && (await open("stdin"));
    const output = streams.stdout && (await open("stdout"));
    const errors = streams.stderr && !tty ? await open("stderr") : undefined;
    const sizes = tty ? await open("resize") : undefined;
    if (input && streams.stdin) void send(input, streams.stdin).catch(() => connection.destroy());
    if (sizes && streams.resize) void sendSizes(sizes, streams.resize).catch(() => connection.destroy());
    const [outcome] = await untilAborted(
      signal,
      Promise.all([readText(error), receive(output, streams.stdout), receive(errors, streams.stderr)]),
    );
    return outcome;
  } finally {
    release();
    connection.destroy();
  }
}

async function connect(url: string, signal: AbortSignal, clock: Clock): Promise<SpdyConnection> {
  const { socket, head } = await upgrade(url, signal);
  return new SpdyConnection(socket, {
    side: "client",
    head,
    clock,
    admits: () => false,
    begin: () => () => undefined,
  });
}

function upgrade(url: string, signal: AbortSignal): Promise<{ readonly socket: Duplex; readonly head: Buffer }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", headers: spdyRequestHeaders([PROTOCOL]), signal, agent: false });
    sent.on("upgrade", (_, socket, head) => resolve({ socket, head }));
    sent.on("response", (answer) => {
      answer.resume();
      reject(new Error(`the container runtime refused the streams with status ${answer.statusCode}`));
    });
    sent.on("error", (error) => reject(signal.aborted ? (signal.reason as Error) : error));
    sent.end();
  });
}

async function receive(from: SpdyStream | undefined, to: ProcessStreams["stdout"]): Promise<void> {
  if (!from) return;
  for await (const chunk of readToEnd(from)) await to?.(chunk);
}

async function readText(from: SpdyStream): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readToEnd(from)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * When the program has ended, the runtime resets the streams instead of ending each. Nothing is sent in answer: the runtime
 * closes the connection then, and with bytes lying there unread that would take back the outcome that is on its way.
 */
async function* readToEnd(from: SpdyStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

/** A program that ends without reading its input closes the stream; its exit code tells what happened. */
async function send(to: SpdyStream, input: AsyncIterable<Uint8Array>): Promise<void> {
  to.on("error", () => undefined);
  for await (const chunk of input) {
    if (to.destroyed) return;
    if (!to.write(chunk)) await new Promise((resolve) => to.once("drain", resolve).once("close", resolve));
  }
  to.end();
}

async function sendSizes(to: SpdyStream, sizes: NonNullable<ProcessStreams["resize"]>): Promise<void> {
  for await (const { columns, rows } of sizes) {
    if (to.destroyed) return;
    to.write(JSON.stringify({ Width: columns, Height: rows }));
  }
}

interface Outcome {
  readonly status?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

/** As a shell reports them. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** The exit code that the error stream's text tells. Throws what the runtime says where there is none. */
export function readExitCode(text: string): number {
  if (text === "") throw new Error("the connection to the container runtime broke before the command ended");
  const { status, message = "", details } = parseOutcome(text);
  if (status === "Success") return 0;
  const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (code !== undefined) return Number(code);
  if (/executable file not found|no such file or directory/.test(message)) return NOT_FOUND;
  if (/OCI runtime exec failed/.test(message)) return NOT_EXECUTABLE;
  throw new Error(message);
}

function parseOutcome(text: string): Outcome {
  try {
    return JSON.parse(text) as Outcome;
  } catch (error) {
    return { message: `the container runtime's answer cannot be read (${errorMessage(error)}): ${text}` };
  }
}
