// Lets callers who want the same fresh answer at the same time share one call. A caller never gets the answer of a call that
// began before it asked: that one may have missed what the caller must see.

export class SharedCall<T> {
  readonly #call: () => Promise<T>;
  /** Settles, without failing, when the running call has ended. */
  #running: Promise<void> | undefined;
  /** The call that begins after the running one. */
  #next: Promise<T> | undefined;

  constructor(call: () => Promise<T>) {
    this.#call = call;
  }

  /** The answer of a call that begins now, or when the running one has ended. At most one runs at a time. */
  run(): Promise<T> {
    if (this.#next) return this.#next;
    if (!this.#running) return this.#begin();
    this.#next = this.#running.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<T> {
    const call = this.#call();
    const end = () => {
      this.#running = undefined;
    };
    this.#running = call.then(end, end);
    return call;
  }
}
