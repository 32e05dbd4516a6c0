// Spreads "look at this pod again" to whoever watches a runtime. Changes of one pod are merged while a reader is busy, so
// that what waits is bounded by the number of pods on the node.

import { onAbort } from "./abort.ts";
import type { RuntimeChange } from "./runtime.ts";

export class ChangeFeed {
  readonly #readers = new Set<Reader>();
  readonly #listeners = new Set<() => void>();

  /** Marks one pod as changed or, without a uid, all of them. */
  publish(podUid?: string): void {
    for (const reader of this.#readers) reader.add(podUid);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` at every change, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As ContainerRuntime.watch: begins with a change without a pod, ends when aborted. */
  watch(signal: AbortSignal): AsyncGenerator<RuntimeChange, void> {
    return this.#read(new Reader(true), signal);
  }

  /** What is published from now on. */
  changes(signal: AbortSignal): AsyncGenerator<RuntimeChange, void> {
    return this.#read(new Reader(false), signal);
  }

  async *#read(reader: Reader, signal: AbortSignal): AsyncGenerator<RuntimeChange, void> {
    const release = onAbort(signal, () => reader.wake());
    this.#readers.add(reader);
    try {
      while (!signal.aborted) {
        yield* reader.take();
        await reader.changed(signal);
      }
    } finally {
      this.#readers.delete(reader);
      release();
    }
  }
}

class Reader {
  #all: boolean;
  #podUids = new Set<string>();
  #wake: (() => void) | undefined;

  constructor(all: boolean) {
    this.#all = all;
  }

  add(podUid: string | undefined): void {
    if (podUid === undefined) this.#all = true;
    else this.#podUids.add(podUid);
    this.wake();
  }

  take(): RuntimeChange[] {
    const changes = this.#all ? [{}] : [...this.#podUids].map((podUid) => ({ podUid }));
    this.#all = false;
    this.#podUids = new Set();
    return changes;
  }

  wake(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  changed(signal: AbortSignal): Promise<void> {
    if (this.#all || this.#podUids.size > 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
