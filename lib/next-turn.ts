// Gives way: long work is done in steps, with other work of the event loop between them.

import { setImmediate } from "node:timers/promises";

/** Resolves in a later turn of the event loop, after the input and output that wait now. */
export const nextTurn = (): Promise<void> => setImmediate();
