// One request and its answer, as far as giving up on it goes. The signal is made only for who asks for it: most requests are
// answered before anybody has to wait, and making a signal costs as much as looking an object up.

export class Exchange {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  /** The client has gone, or time is up. The first reason counts. */
  abandon(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  get isAbandoned(): boolean {
    return this.#reason !== undefined;
  }

  /** Aborted with the reason once the exchange is abandoned. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }
}
