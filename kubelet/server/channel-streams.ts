// The streams of exec and attach as the channels of one WebSocket. How the program ended goes over the error channel.

import { channelNumbers, type StreamChannels } from "../../lib/websocket.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { RemoteStreams } from "./container-streams.ts";

export function channelStreams(channels: StreamChannels): RemoteStreams {
  const stdin = new ByteQueue();
  const resize = new ByteQueue();
  void receive(channels, { stdin, resize });
  return {
    stdin,
    resize,
    closed: channels.closed,
    send: (output, chunk) => channels.send(channelNumbers[output], chunk),
    async finish(status) {
      await channels.send(channelNumbers.error, Buffer.from(JSON.stringify(status)));
      channels.close();
    },
  };
}

async function receive(
  channels: StreamChannels,
  { stdin, resize }: { readonly stdin: ByteQueue; readonly resize: ByteQueue },
): Promise<void> {
  try {
    for await (const { channel, data } of channels.messages) {
      if (channel === channelNumbers.stdin) await (data ? stdin.push(data) : stdin.end());
      if (channel === channelNumbers.resize && data) await resize.push(data);
    }
  } catch {
    // The connection broke; its end is told to the program by the signal.
  }
  stdin.end();
  resize.end();
}
