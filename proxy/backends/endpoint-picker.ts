// Which endpoint a new connection tries first: in turn, or the one that the client had before.

import type { Clock } from "../../lib/clock.ts";
import type { Target } from "../service-table.ts";

/** Clients with session affinity that are remembered; those seen longest ago are forgotten. */
const CLIENTS_MAX = 10_000;

interface Memory {
  readonly target: Target;
  readonly seenMs: number;
}

export class EndpointPicker {
  readonly #clock: Clock;
  readonly #clients = new Map<string, Memory>();
  #endpoints: readonly Target[] = [];
  #affinitySeconds: number | undefined;
  #turn = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  update(endpoints: readonly Target[], affinitySeconds: number | undefined): void {
    this.#endpoints = endpoints;
    this.#affinitySeconds = affinitySeconds;
    if (affinitySeconds === undefined) this.#clients.clear();
  }

  /** All endpoints, in the order in which they are to be tried. */
  candidates(client: string): readonly Target[] {
    const start = this.#endpoints.length > 0 ? this.#turn++ % this.#endpoints.length : 0;
    const inTurn = [...this.#endpoints.slice(start), ...this.#endpoints.slice(0, start)];
    const kept = this.#remembered(client);
    const preferred = kept && inTurn.find((each) => isSame(each, kept));
    return preferred ? [preferred, ...inTurn.filter((each) => each !== preferred)] : inTurn;
  }

  /** The client was connected to this endpoint. */
  chose(client: string, target: Target): void {
    if (this.#affinitySeconds === undefined) return;
    this.#clients.delete(client);
    this.#clients.set(client, { target, seenMs: this.#clock.monotonic() });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > CLIENTS_MAX && oldest !== undefined) this.#clients.delete(oldest);
  }

  #remembered(client: string): Target | undefined {
    const memory = this.#clients.get(client);
    if (!memory || this.#affinitySeconds === undefined) return undefined;
    return this.#clock.monotonic() - memory.seenMs < this.#affinitySeconds * 1000 ? memory.target : undefined;
  }
}

const isSame = (a: Target, b: Target) => a.ip === b.ip && a.port === b.port;
