// /portForward: connections to ports of a pod, carried over a WebSocket: two channels for each port, data and errors, both
// begun by the kubelet with the port's number.

import { connect, type Socket } from "node:net";
import { StatusError } from "../../api/meta/status.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { StreamChannels } from "../../lib/websocket.ts";

const PORTS_MAX = 100;

/** Throws StatusError BadRequest where the request names no port, or what is none. */
export function parsePorts(query: URLSearchParams): readonly number[] {
  const texts = [...query.getAll("port"), ...query.getAll("ports")].flatMap((text) => text.split(","));
  const ports = texts.map(Number);
  const bad = texts.find((_, index) => !isPort(ports[index]));
  if (bad !== undefined) throw new StatusError("BadRequest", `invalid port number "${bad}"`);
  if (ports.length === 0 || ports.length > PORTS_MAX) {
    throw new StatusError("BadRequest", `query parameter "port" is required, at most ${PORTS_MAX} times`);
  }
  return ports;
}

export const isPort = (port: number | undefined) =>
  port !== undefined && Number.isInteger(port) && port > 0 && port < 65_536;

/** Carries until the client goes or every connection has ended. Never rejects. */
export async function carryPorts(channels: StreamChannels, host: string, ports: readonly number[]): Promise<void> {
  const connections = ports.map((port, index) => open(channels, { host, port, channel: 2 * index }));
  void channels.closed.then(() => connections.forEach(({ socket }) => socket.destroy()));
  const finished = Promise.all(connections.map(({ ended }) => ended)).then(() => channels.close());
  try {
    for await (const { channel, data } of channels.messages) {
      const socket = channel % 2 === 0 ? connections[channel / 2]?.socket : undefined;
      if (!socket) continue;
      if (!data) socket.end();
      else if (!socket.write(data)) await drained(socket);
    }
  } catch {
    // The connection broke; the sockets end with it.
  }
  for (const { socket } of connections) socket.destroy();
  await finished;
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly channel: number;
}

function open(channels: StreamChannels, { host, port, channel }: Target): { socket: Socket; ended: Promise<void> } {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on("error", () => undefined);
  return { socket, ended: carry(channels, { socket, port, channel }) };
}

async function carry(
  channels: StreamChannels,
  { socket, port, channel }: { readonly socket: Socket; readonly port: number; readonly channel: number },
): Promise<void> {
  const number = Uint8Array.of(port & 255, port >> 8);
  await channels.send(channel, number);
  await channels.send(channel + 1, number);
  try {
    for await (const chunk of socket) await channels.send(channel, chunk as Uint8Array);
  } catch (error) {
    const message = `an error occurred forwarding ${port}: ${errorMessage(error)}`;
    await channels.send(channel + 1, Buffer.from(message));
  }
  await channels.closeChannel(channel);
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
