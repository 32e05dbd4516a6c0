// What the tests of stores share: keys of their own, a recorder of watches, and short forms of what they see.

import type { Page, Revision, Store, StoreBatch, StoreEvent, Write } from "../apiserver/storage/store.ts";

export interface OpenStore {
  readonly store: Store;
  /** Releases all that was opened; the store may be closed already. */
  cleanup(): Promise<void>;
}

export interface OpenDurableStore extends OpenStore {
  /** Closes the store and opens it again. */
  reopen(): Promise<Store>;
}

export const text = (value: Uint8Array | undefined) => value && Buffer.from(value).toString();
export const put = (key: string, value: string): Write => ({ key, value: Buffer.from(value) });
export const remove = (key: string): Write => ({ key, value: undefined });

/** What a promise fails with; undefined when it does not. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

export const describeEvent = ({ key, value, previous }: StoreEvent) =>
  `${key}: ${text(previous) ?? "-"} → ${text(value) ?? "-"}`;

export async function keysOf(store: Store, prefix: string, page?: Page): Promise<string[]> {
  return (await store.list(prefix, page)).items.map((item) => `${item.key}=${text(item.value)}`);
}

/** Follows a watch in the background; `until` resolves with everything seen once there are this many events. */
export class Recorder {
  readonly batches: StoreBatch[] = [];
  readonly ended: Promise<unknown>;
  readonly #stop = new AbortController();
  #changed: () => void = () => undefined;

  constructor(store: Store, prefix: string, after: Revision) {
    this.ended = failure(this.#follow(store.watch(prefix, after, this.#stop.signal)));
  }

  get lines(): string[] {
    return this.batches.flatMap(({ events }) => events.map(describeEvent));
  }

  get revisions(): Revision[] {
    return this.batches.flatMap(({ events }) => events.map((event) => event.revision));
  }

  async until(count: number): Promise<string[]> {
    while (this.lines.length < count) await this.#change();
    return this.lines;
  }

  async reached(revision: Revision): Promise<void> {
    while ((this.batches.at(-1)?.revision ?? 0) < revision) await this.#change();
  }

  stop(): Promise<unknown> {
    this.#stop.abort();
    return this.ended;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#changed = resolve));
  }

  async #follow(watch: AsyncIterable<StoreBatch>): Promise<void> {
    for await (const batch of watch) {
      this.batches.push(batch);
      this.#changed();
    }
  }
}

/** One store for a suite; each test has a folder of keys for itself, `root`. */
export class StoreFixture<O extends OpenStore = OpenStore> {
  readonly #open: () => Promise<O>;
  readonly #recorders: Recorder[] = [];
  #opened: O | undefined;
  #store: Store | undefined;
  #tests = 0;

  constructor(open: () => Promise<O>) {
    this.#open = open;
  }

  /** Registers the hooks that open the store before the suite's tests and release everything after them. */
  register(): void {
    before(async () => {
      this.#opened = await this.#open();
      this.#store = this.#opened.store;
    });
    after(() => this.#opened?.cleanup());
    beforeEach(() => {
      this.#tests += 1;
    });
    afterEach(async () => {
      await Promise.all(this.#recorders.splice(0).map((recorder) => recorder.stop()));
    });
  }

  get opened(): O {
    if (!this.#opened) throw new Error("no store is open outside of tests");
    return this.#opened;
  }

  get store(): Store {
    return this.#store ?? this.opened.store;
  }

  set store(store: Store) {
    this.#store = store;
  }

  get root(): string {
    return `/suite/${this.#tests}/`;
  }

  key(suffix: string): string {
    return this.root + suffix;
  }

  /** Without the test's folder. */
  short(lines: readonly string[]): string[] {
    return lines.map((line) => line.replaceAll(this.root, ""));
  }

  write(...writes: readonly Write[]): Promise<Revision> {
    return this.store.commit({ checks: [], writes });
  }

  /** `key=value` of each key under the root, or a folder of it. */
  keys(page?: Page, folder = ""): Promise<string[]> {
    return keysOf(this.store, this.root + folder, page);
  }

  /** A watch that is ended with the test. */
  record(after: Revision, prefix = this.root): Recorder {
    const recorder = new Recorder(this.store, prefix, after);
    this.#recorders.push(recorder);
    return recorder;
  }
}
