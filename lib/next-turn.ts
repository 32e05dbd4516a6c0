// Gives way: long work is done in steps, with other work of the event loop between them. Those who give way at the same time
// share the next turn as far as it goes, and the rest of them have the one after: many at once hold the loop no longer than one.

/** A turn is given to no further one of those who wait when it has taken this long. */
const TURN_MS = 5;

let waiting: (() => void)[] = [];
let isScheduled = false;

/** Resolves in a later turn of the event loop, after the input and output that wait now, and in the order of the calls. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    schedule();
  });
}

function schedule(): void {
  if (isScheduled || waiting.length === 0) return;
  isScheduled = true;
  setImmediate(takeTurn);
}

function takeTurn(): void {
  const endMs = performance.now() + TURN_MS;
  const turn = waiting;
  waiting = [];
  let position = 0;
  const next = () => {
    const resolve = turn[position];
    if (resolve && (position === 0 || performance.now() < endMs)) {
      position += 1;
      resolve();
      // A tick comes after all that the resolved promise leads to at once; a microtask would come amid it.
      queueMicrotask(() => process.nextTick(next));
      return;
    }
    waiting = [...turn.slice(position), ...waiting];
    isScheduled = false;
    schedule();
  };
  next();
}
