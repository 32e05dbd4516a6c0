// The loop that everything has which keeps the kernel in step with the cluster: changes that come together are programmed
// together, and what fails is tried again, later and later.

import { backoffDelayMs } from "../lib/backoff.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import type { Wakeup } from "./wakeup.ts";

const COALESCE_MS = 10;
const RETRY = { initialMs: 100, maxMs: 30_000 };

export interface SyncLoop {
  readonly clock: Clock;
  readonly wakeup: Wakeup;
  /** Gives whether it succeeded; `failures` did not, one after the other, before it. */
  sync(failures: number): Promise<boolean>;
}

/** Until the signal is aborted; rejects with what `sync` rejects with, and with the signal's reason while it pauses. */
export async function runSyncLoop({ clock, wakeup, sync }: SyncLoop, signal: AbortSignal): Promise<void> {
  for (let failures = 0; await wakeup.wait(signal);) {
    await sleep(clock, COALESCE_MS, signal);
    wakeup.clear();
    failures = (await sync(failures)) ? 0 : failures + 1;
    if (failures === 0) continue;
    await sleep(clock, backoffDelayMs(RETRY, failures), signal);
    wakeup.notify();
  }
}
