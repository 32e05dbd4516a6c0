// Two ends of a byte stream inside one process: what is written to one is read from the other, with back-pressure. It
// lets a caller take over an upgraded connection where no socket lies between, and tests do without sockets.

import { Duplex } from "node:stream";

/** Destroying one end early destroys the other; ending one is the end of what the other reads. */
export function duplexPair(): readonly [Duplex, Duplex] {
  const near = new PairedDuplex();
  const far = new PairedDuplex();
  near.other = far;
  far.other = near;
  return [near, far];
}

class PairedDuplex extends Duplex {
  other!: PairedDuplex;
  private writerWaits: (() => void) | undefined;

  override _read(): void {
    const done = this.writerWaits;
    this.writerWaits = undefined;
    done?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    if (this.other.push(chunk)) done();
    else this.other.writerWaits = done;
  }

  override _final(done: () => void): void {
    this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // After an orderly end the other side may still be reading.
    if (!this.writableFinished || !this.readableEnded) this.other.destroy();
    done(error);
  }
}
