// Whether the API server has gangs and queues at all: kube-apiserver has not, and then there is nothing to watch.

import { StatusError } from "../../api/meta/status.ts";
import type { Client } from "../../client/client.ts";
import { readAnswer } from "../../client/response-body.ts";
import { pause, type Clock } from "../../lib/clock.ts";

const RETRY_MS = 1000;

/** Asks until there is an answer. False also once `signal` is aborted. */
export async function servesGangs(client: Client, clock: Clock, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const served = await ask(client, signal);
    if (served !== undefined) return served;
    await pause(clock, RETRY_MS, signal);
  }
  return false;
}

/** Undefined: there was no answer. */
async function ask(client: Client, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    await readAnswer(await client.raw({ method: "GET", path: "/apis/scheduling.kctl.dev/v1", signal }));
    return true;
  } catch (error) {
    // Anything else: the server is not there yet, and is asked again.
    return error instanceof StatusError && error.code < 500 ? false : undefined;
  }
}
