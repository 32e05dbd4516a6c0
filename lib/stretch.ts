// The time for which long work has held the event loop: it says when others have waited long enough.

import type { Clock } from "./clock.ts";
import { nextTurn } from "./next-turn.ts";

/** Others wait for this long, and for what is done between two looks. */
const STRETCH_MS = 5;

/** May be shared by those who work on one thing together. */
export class Stretch {
  readonly #clock: Pick<Clock, "monotonic">;
  #startMs: number;

  /** Begins now. */
  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
    this.#startMs = clock.monotonic();
  }

  /** Whether it is time to pause. */
  get isOver(): boolean {
    return this.#clock.monotonic() - this.#startMs > STRETCH_MS;
  }

  /** Pauses if it is time to. */
  async giveWay(): Promise<void> {
    if (this.isOver) await this.pause();
  }

  /** Lets others have their turn; then a new stretch begins. */
  async pause(): Promise<void> {
    await nextTurn();
    this.#startMs = this.#clock.monotonic();
  }
}
