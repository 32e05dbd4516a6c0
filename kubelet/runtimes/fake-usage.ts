// What the containers of the fake runtime use: as much as the test says, from when it says so. Nothing unless it does.

import type { Clock } from "../../lib/clock.ts";
import type { ContainerId } from "./runtime.ts";
import type { Usage, UsageMeter } from "./usage.ts";

export interface FakeLoad {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly diskBytes?: number;
}

interface Account {
  readonly load: FakeLoad;
  readonly sinceMs: number;
  /** What was used before that. */
  readonly cpuNanoseconds: number;
}

const IDLE: FakeLoad = { cpuMillis: 0, memoryBytes: 0 };
const NANOSECONDS_PER_MILLI_AND_MS = 1000;

export class FakeUsage implements UsageMeter {
  readonly #clock: Clock;
  readonly #isRunning: (id: ContainerId) => boolean;
  readonly #accounts = new Map<ContainerId, Account>();

  constructor(clock: Clock, isRunning: (id: ContainerId) => boolean) {
    this.#clock = clock;
    this.#isRunning = isRunning;
  }

  /** From now on the container uses so much. */
  set(id: ContainerId, load: FakeLoad): void {
    const nowMs = this.#clock.now();
    this.#accounts.set(id, { load, sinceMs: nowMs, cpuNanoseconds: this.#usedBy(id, nowMs) });
  }

  /** The container is gone. */
  forget(id: ContainerId): void {
    this.#accounts.delete(id);
  }

  measure(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, Usage>> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    const measuredAtMs = this.#clock.now();
    const measured = ids.filter(this.#isRunning).map((id): [ContainerId, Usage] => {
      const { memoryBytes } = this.#accounts.get(id)?.load ?? IDLE;
      return [id, { cpuNanoseconds: this.#usedBy(id, measuredAtMs), memoryBytes, measuredAtMs }];
    });
    return Promise.resolve(new Map(measured));
  }

  measureDisk(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, number>> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return Promise.resolve(new Map(ids.map((id) => [id, this.#accounts.get(id)?.load.diskBytes ?? 0])));
  }

  #usedBy(id: ContainerId, nowMs: number): number {
    const account = this.#accounts.get(id);
    if (!account) return 0;
    const { load, sinceMs, cpuNanoseconds } = account;
    return cpuNanoseconds + (nowMs - sinceMs) * load.cpuMillis * NANOSECONDS_PER_MILLI_AND_MS;
  }
}
