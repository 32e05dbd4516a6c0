// One local connection carried to a port of a pod: over a stream of its own, which ends with it.

import type { Duplex } from "node:stream";
import type { Pod } from "../../api/core/pod.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { StreamChannels } from "../../lib/websocket.ts";
import { pathOfType } from "../resource-type.ts";
import type { Session } from "../session.ts";
import { openPodChannels } from "./pod-streams.ts";
import { podType } from "./pod-target.ts";

const DATA = 0;
const ERRORS = 1;
/** Each channel begins with the port's number. */
const HEADER_BYTES = 2;

/** Never rejects: what goes wrong with one connection is told, and the others go on. */
export async function carryConnection(
  session: Session,
  { metadata }: Pod,
  { connection, port }: { readonly connection: Duplex; readonly port: number },
): Promise<void> {
  const { namespace, name } = metadata;
  connection.on("error", () => connection.destroy());
  try {
    const path = pathOfType(podType, { namespace, name, subresource: "portforward" });
    const channels = await openPodChannels(session, path, { ports: port });
    connection.once("close", () => channels.close());
    void sendAll(connection, channels);
    await receiveAll(session, connection, channels);
  } catch (error) {
    session.io.err(`error: port ${port} could not be forwarded: ${errorMessage(error)}\n`);
  } finally {
    connection.end();
  }
}

async function sendAll(connection: Duplex, channels: StreamChannels): Promise<void> {
  try {
    for await (const chunk of connection) await channels.send(DATA, chunk as Uint8Array);
    await channels.closeChannel(DATA);
  } catch {
    // Whoever broke the connection does not wait for its rest.
    channels.close();
  }
}

async function receiveAll({ io }: Session, connection: Duplex, channels: StreamChannels): Promise<void> {
  const begun = new Set<number>();
  for await (const { channel, data } of channels.messages) {
    if (!data) {
      if (channel === DATA) connection.end();
      continue;
    }
    const isFirst = !begun.has(channel);
    begun.add(channel);
    const payload = isFirst ? data.subarray(HEADER_BYTES) : data;
    if (payload.length === 0) continue;
    if (channel === ERRORS) io.err(`${Buffer.from(payload).toString().trim()}\n`);
    else if (!connection.write(payload)) await drained(connection);
  }
}

function drained(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      connection.off("drain", done).off("close", done);
      resolve();
    };
    connection.on("drain", done).on("close", done);
  });
}
