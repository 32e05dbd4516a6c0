// Where pods wait while extenders are asked about them. Other pods go on meanwhile; urgent ones are asked about first.
// Bound: IN_FLIGHT_MAX questions at a time, and one entry for each pod without a node.

import { Heap } from "../heap.ts";
import type { QueuedPod } from "../queue.ts";

interface Guest {
  readonly queued: QueuedPod;
  readonly order: number;
}

const IN_FLIGHT_MAX = 16;

export class WaitingRoom {
  /** Asks about the pod and does what follows; never rejects. */
  readonly #ask: (queued: QueuedPod) => Promise<void>;
  readonly #waiting = new Heap<Guest>(
    (a, b) =>
      a.queued.pod.priority > b.queued.pod.priority ||
      (a.queued.pod.priority === b.queued.pod.priority && a.order < b.order),
  );
  readonly #inFlight = new Set<Promise<void>>();
  #order = 0;

  constructor(ask: (queued: QueuedPod) => Promise<void>) {
    this.#ask = ask;
  }

  enter(queued: QueuedPod): void {
    this.#waiting.push({ queued, order: ++this.#order });
    this.#next();
  }

  /** Resolves when nobody is being asked about any more. */
  async emptied(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  #next(): void {
    while (this.#inFlight.size < IN_FLIGHT_MAX) {
      const guest = this.#waiting.pop();
      if (!guest) return;
      const asking: Promise<void> = this.#ask(guest.queued).finally(() => {
        this.#inFlight.delete(asking);
        this.#next();
      });
      this.#inFlight.add(asking);
    }
  }
}
