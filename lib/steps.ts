// Long work in steps: a generator that yields wherever it may be interrupted. It is run to its end at once where nothing waits
// for the event loop, and with other work between its steps where something does.

import { nextTurn } from "./next-turn.ts";

/** Work that yields between its steps, none of which takes longer than a few milliseconds. */
export type Steps<T> = Generator<undefined, T, undefined>;

export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** Gives way between any two steps. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    await nextTurn();
    step = steps.next();
  }
  return step.value;
}
