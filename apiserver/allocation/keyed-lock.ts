// Mutual exclusion per key within this process, so that writers of one record queue up instead of failing each other's
// transactions. Correctness never rests on it: other servers are kept out by the store's checks alone.

export class KeyedLock {
  /** The tail of each key's queue; at most one entry per key in use. */
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `run` while no other holder of any of the keys runs. Deadlock-free: keys are taken in order. */
  async hold<R>(keys: Iterable<string>, run: () => Promise<R>): Promise<R> {
    const releases: (() => void)[] = [];
    try {
      for (const key of [...new Set(keys)].sort()) releases.push(await this.#take(key));
      return await run();
    } finally {
      for (const release of releases) release();
    }
  }

  async #take(key: string): Promise<() => void> {
    const before = this.#tails.get(key);
    let finish = () => {};
    const tail = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#tails.set(key, tail);
    await before;
    return () => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
      finish();
    };
  }
}
