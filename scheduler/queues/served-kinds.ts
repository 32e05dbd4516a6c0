// Whether the API server has gangs and queues at all: kube-apiserver has not, and then there is nothing to watch.

import type { Client } from "../../client/client.ts";
import { pause, type Clock } from "../../lib/clock.ts";

const RETRY_MS = 1000;

/** Asks until there is an answer. False also once `signal` is aborted. */
export async function servesGangs(client: Client, clock: Clock, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const status = await ask(client);
    if (status !== undefined && status < 500) return status === 200;
    await pause(clock, RETRY_MS, signal);
  }
  return false;
}

/** Undefined: there was no answer. */
async function ask(client: Client): Promise<number | undefined> {
  try {
    const { status } = await client.raw({ method: "GET", path: "/apis/scheduling.kctl.dev/v1" });
    return status;
  } catch {
    // The server is not there yet: it is asked again.
    return undefined;
  }
}
