// The ends of containers as "look at this pod again", from containerd's own stream of events: its CRI has none before
// version 1.7. Another CRI runtime has no such stream; it is looked at each second, for as long as something runs.

import { backoffDelayMs } from "../../../lib/backoff.ts";
import { pause, type Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { ChangeFeed } from "../change-feed.ts";
import type { RuntimeChange } from "../runtime.ts";
import { ignoringAbsent, isCode, type CriService } from "./cri-service.ts";
import type { CriInventory } from "./inventory.ts";
import type { Received } from "./schema.ts";

export interface ChangeSource {
  readonly cri: CriService;
  readonly inventory: CriInventory;
  readonly feed: ChangeFeed;
  readonly clock: Clock;
  readonly log: Log;
}

const EXIT = "/tasks/exit";
const OUT_OF_MEMORY = "/tasks/oom";
const DELETION = "/containers/delete";
/** containerd keeps what the CRI made under this name. */
const FILTERS = [EXIT, OUT_OF_MEMORY, DELETION].map((topic) => `namespace==k8s.io,topic=="${topic}"`);

const RECONNECT = { initialMs: 100, maxMs: 5000 };
/** There is no sign of the moment from which events are sent: what happens before is looked for once more. */
const SUBSCRIBED_AFTER_MS = 500;
const LOOK_EACH_MS = 1000;
/** The events come before the CRI plugin, which hears them too, has taken note. */
const NOTED = { initialMs: 5, maxMs: 500 };
const NOTED_AFTER_LOOKS_MAX = 15;

/** Follows the events for as long as somebody wants them: one stream, however many do. */
export class ChangePump {
  readonly #source: ChangeSource;
  #users = 0;
  #stop: AbortController | undefined;

  constructor(source: ChangeSource) {
    this.#source = source;
  }

  /** As ContainerRuntime.watch. */
  async *watch(signal: AbortSignal): AsyncGenerator<RuntimeChange> {
    const leave = this.join();
    try {
      yield* this.#source.feed.watch(signal);
    } finally {
      leave();
    }
  }

  /** Changes are told to the feed from now on, until the returned function is called. */
  join(): () => void {
    if (this.#users++ === 0) {
      this.#stop = new AbortController();
      void pumpEvents(this.#source, this.#stop.signal);
    }
    return () => {
      if (--this.#users === 0) this.#stop?.abort();
    };
  }
}

/** Resolves when aborted, and never rejects. */
async function pumpEvents(source: ChangeSource, signal: AbortSignal): Promise<void> {
  const { clock, log } = source;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await readEvents(source, signal, () => (failures = 0));
    } catch (error) {
      if (signal.aborted) return;
      if (isCode(error, "Unimplemented")) return lookEachSecond(source, signal);
      if (failures === 0) log.warn("lost the connection to containerd's events", { error });
    }
    failures++;
    // Aborting ends the loop at its condition.
    await pause(clock, backoffDelayMs(RECONNECT, failures), signal);
  }
}

async function readEvents(source: ChangeSource, signal: AbortSignal, connected: () => void): Promise<void> {
  const { cri, feed, clock } = source;
  const cancel = clock.setTimer(SUBSCRIBED_AFTER_MS, () => {
    connected();
    feed.publish();
  });
  try {
    const events = cri.events({ filters: FILTERS }, signal);
    feed.publish();
    for await (const event of events) void tell(source, event, signal).catch(() => feed.publish());
  } finally {
    cancel();
  }
}

async function tell(source: ChangeSource, event: Received<"EventEnvelope">, signal: AbortSignal): Promise<void> {
  const { containerId: id, processId } = event.event?.value ?? { containerId: "", processId: "" };
  // Commands that were run in a container end, too.
  if (event.topic === EXIT && processId !== id) return;
  const owner = source.inventory.ownerOf(id);
  if (event.topic !== DELETION) await untilNoted(source, { id, topic: event.topic }, signal);
  source.inventory.forget(id);
  source.feed.publish(owner?.podUid);
}

async function untilNoted(
  { cri, inventory, clock }: ChangeSource,
  { id, topic }: { readonly id: string; readonly topic: string },
  signal: AbortSignal,
): Promise<void> {
  const isSandbox = inventory.ownerOf(id)?.isSandbox;
  const isNoted = async () => {
    if (isSandbox) {
      const answer = await ignoringAbsent(cri.runtime("PodSandboxStatus", { podSandboxId: id }, signal));
      return answer?.status?.state !== "SANDBOX_READY";
    }
    const status = await inventory.inspect(id, signal);
    if (topic === OUT_OF_MEMORY) return status?.reason === "OOMKilled";
    return status?.state !== "CONTAINER_RUNNING";
  };
  for (let looks = 1; looks <= NOTED_AFTER_LOOKS_MAX && !signal.aborted; looks++) {
    if (await isNoted()) return;
    await pause(clock, backoffDelayMs(NOTED, looks), signal);
  }
}

async function lookEachSecond({ inventory, feed, clock }: ChangeSource, signal: AbortSignal): Promise<void> {
  feed.publish();
  while (!signal.aborted) {
    await pause(clock, LOOK_EACH_MS, signal);
    if (inventory.running > 0) feed.publish();
  }
}
