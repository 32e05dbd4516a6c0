// Byte pieces on their way from one who pushes to one who reads. Pushing waits while a piece lies unread, so that at most
// one does.

export class ByteQueue implements AsyncIterable<Uint8Array> {
  #piece: Uint8Array | undefined;
  #ended = false;
  #wakeReader: () => void = () => undefined;
  #wakeWriter: () => void = () => undefined;

  /** Resolves when there is room for the next piece. Does nothing after the end. */
  async push(piece: Uint8Array): Promise<void> {
    while (this.#piece && !this.#ended) await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
    if (this.#ended) return;
    this.#piece = piece;
    this.#wakeReader();
  }

  /** The reader gets what was pushed, and then the end. Idempotent. */
  end(): void {
    this.#ended = true;
    this.#wakeReader();
    this.#wakeWriter();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#piece;
      this.#piece = undefined;
      this.#wakeWriter();
      if (piece) yield piece;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }
}
