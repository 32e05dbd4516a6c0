// How keys of the store are named in etcd: behind a prefix, as bytes, in ranges that end before a key. Pure.

/** The lowest key there is; etcd has no empty one. As the end of a range it means "no end". */
const LOWEST = "\u0000";

export class EtcdKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  encode(key: string): Buffer {
    return Buffer.from(this.#prefix + key || LOWEST);
  }

  decode(key: Buffer): string {
    return key.toString().slice(this.#prefix.length);
  }

  /** The first key after all that begin with the prefix. */
  endOf(prefix: string): Buffer {
    const end = this.encode(prefix);
    const last = end.length - 1;
    // No byte of UTF-8 is 255, so that the last one can always be raised.
    if (this.#prefix + prefix) end[last] = (end[last] ?? 0) + 1;
    return end;
  }
}
