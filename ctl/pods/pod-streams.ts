// The streams of a program in a container, joined to those of kctl: exec, attach, and run with -i. In a terminal, keys go to
// the program unread and its size is passed on.

import { readAnswer } from "../../client/response-body.ts";
import {
  channelNumbers,
  channelProtocols,
  channelRequestHeaders,
  channelsOf,
  type StreamChannels,
} from "../../lib/websocket.ts";
import { parseJson } from "../../lib/json.ts";
import { statusErrorOf, type Status } from "../../api/meta/status.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import type { ApiCall } from "../server.ts";
import type { Session } from "../session.ts";

/** Opens a subresource that carries channels. Rejects with the StatusError that a refusal stands for. */
export async function openPodChannels(
  session: Session,
  path: string,
  query: NonNullable<ApiCall["query"]>,
): Promise<StreamChannels> {
  const server = await session.server();
  const headers = channelRequestHeaders(session.io.random, channelProtocols);
  const response = await server.send({ method: "GET", path, query, headers });
  const channels = channelsOf(response, headers);
  if (channels) return channels;
  await readAnswer(response);
  throw new CommandError("the server has answered without opening a stream; is a proxy between kctl and the server?");
}

export interface StreamWishes {
  readonly stdin: boolean;
  readonly tty: boolean;
}

/**
 * Carries until the program has ended; resolves with its exit code. Rejects with CommandError where the connection is lost, and
 * with StatusError where the program could not be run.
 */
export async function joinStreams(io: CommandIo, channels: StreamChannels, wishes: StreamWishes): Promise<number> {
  const close = () => channels.close();
  io.signal.addEventListener("abort", close, { once: true });
  const release = wishes.tty ? takeTerminal(io, channels) : undefined;
  // Standard input may never end; nobody waits for it once the program has.
  if (wishes.stdin) void sendInput(io, channels).catch(close);
  try {
    return await receive(io, channels);
  } finally {
    release?.();
    io.signal.removeEventListener("abort", close);
    channels.close();
  }
}

async function sendInput({ stdin }: CommandIo, channels: StreamChannels): Promise<void> {
  for await (const chunk of stdin) await channels.send(channelNumbers.stdin, Buffer.from(chunk as Uint8Array));
  await channels.closeChannel(channelNumbers.stdin);
}

function takeTerminal({ terminal }: CommandIo, channels: StreamChannels): () => void {
  const sendSize = () => {
    const { columns, rows } = terminal?.size() ?? { columns: 80, rows: 24 };
    void channels.send(channelNumbers.resize, Buffer.from(JSON.stringify({ Width: columns, Height: rows })));
  };
  sendSize();
  terminal?.setRawMode(true);
  const stopListening = terminal?.onResize(sendSize);
  return () => {
    stopListening?.();
    terminal?.setRawMode(false);
  };
}

async function receive(io: CommandIo, channels: StreamChannels): Promise<number> {
  const status: Uint8Array[] = [];
  for await (const { channel, data } of channels.messages) {
    if (!data) continue;
    if (channel === channelNumbers.stdout) io.out(data);
    else if (channel === channelNumbers.stderr) io.err(data);
    else if (channel === channelNumbers.error) status.push(data);
  }
  if (io.signal.aborted) throw io.signal.reason;
  if (status.length === 0)
    throw new CommandError("the connection to the container was lost before the program had ended");
  return exitCodeOf(parseJson(Buffer.concat(status)).value as Status);
}

function exitCodeOf(status: Status): number {
  if (status.status === "Success") return 0;
  const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode");
  if (cause === undefined) throw statusErrorOf(status);
  const exitCode = Number(cause.message);
  throw new CommandError(`command terminated with exit code ${cause.message}`, { exitCode, plain: true });
}
