// Whether the API server answers and is ready.

import { hasReason } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";

/** False while nobody listens there, or somebody else does. Rejects with the signal's reason when that is aborted. */
export async function isServerReady(client: Pick<Client, "raw">, signal: AbortSignal): Promise<boolean> {
  try {
    const { status, body } = await client.raw({ method: "GET", path: "/readyz", signal });
    // A connection whose answer is not read to its end would keep the process alive.
    if (body.kind === "stream") for await (const chunk of body.chunks) void chunk;
    return status === 200;
  } catch (error) {
    signal.throwIfAborted();
    if (hasReason(error, "ServiceUnavailable")) return false;
    throw error;
  }
}
