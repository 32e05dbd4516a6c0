// Docker's events as "look at this pod again". Events are lost when the connection is, so each new connection begins with
// "look at everything".

import { backoffDelayMs } from "../../lib/backoff.ts";
import { pause, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { onAbort } from "./abort.ts";
import { ChangeFeed } from "./change-feed.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { scopeLabels, type DockerInventory } from "./docker-inventory.ts";
import { labels, type NodeScope } from "./docker-spec.ts";
import { readJsonLines } from "./json-lines.ts";
import type { RuntimeChange } from "./runtime.ts";

interface EngineEvent {
  readonly id: string;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

const RECONNECT = { initialMs: 100, maxMs: 5000 };
/** Docker says that it listens a moment before it does; events of the last second are asked for as well. */
const OVERLAP_SECONDS = 1;

interface Context extends NodeScope {
  readonly clock: Clock;
  readonly log: Log;
  readonly inventory: DockerInventory;
}

/** As ContainerRuntime.watch. */
export async function* watchDocker(
  engine: DockerEngine,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<RuntimeChange> {
  const ended = new AbortController();
  const release = onAbort(signal, () => ended.abort());
  const feed = new ChangeFeed();
  const pumping = pumpEvents({ engine, context, feed }, ended.signal);
  try {
    yield* feed.changes(ended.signal);
  } finally {
    release();
    ended.abort();
    await pumping;
  }
}

async function pumpEvents(
  pump: { engine: DockerEngine; context: Context; feed: ChangeFeed },
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = pump.context;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await readEvents(pump, signal, () => (failures = 0));
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 0) log.warn("lost the connection to Docker's events", { error });
    }
    failures++;
    // Aborting ends the loop at its condition.
    await pause(clock, backoffDelayMs(RECONNECT, failures), signal);
  }
}

async function readEvents(
  pump: { engine: DockerEngine; context: Context; feed: ChangeFeed },
  signal: AbortSignal,
  connected: () => void,
): Promise<void> {
  const { engine, context, feed } = pump;
  const filters = {
    type: ["container"],
    event: ["create", "start", "update", "die", "oom", "destroy"],
    label: scopeLabels(context),
  };
  const query = { since: Math.floor(context.clock.now() / 1000) - OVERLAP_SECONDS, filters };
  const body = await engine.stream({ method: "GET", path: "/events", query, signal });
  const release = context.inventory.remember();
  try {
    connected();
    feed.publish();
    for await (const message of readJsonLines(body, signal)) {
      const { id, Actor } = message as EngineEvent;
      context.inventory.forget(id);
      feed.publish(Actor.Attributes[labels.podUid]);
    }
  } finally {
    release();
  }
}
