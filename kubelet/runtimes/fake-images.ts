// The images of the fake runtime: names only.

import { sleep, type Clock } from "../../lib/clock.ts";
import { unlessAborted } from "./abort.ts";
import type { ImageStore, LocalImage, PullOptions, RuntimeImage } from "./image-store.ts";
import { RuntimeError } from "./runtime-error.ts";

export interface FakeImagesOptions {
  /** The images that can be pulled; all unless given. */
  readonly pullable?: readonly string[];
  /** There from the start; all that can be pulled unless given. */
  readonly present?: readonly string[];
  readonly pullMs?: number;
}

export class FakeImages implements ImageStore {
  readonly #clock: Clock;
  readonly #options: FakeImagesOptions;
  readonly #pulled: Set<string>;
  readonly #removed = new Set<string>();

  constructor(clock: Clock, options: FakeImagesOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#pulled = new Set(options.present);
  }

  get(reference: string, signal: AbortSignal): Promise<RuntimeImage | undefined> {
    return unlessAborted(signal, () => (this.has(reference) ? describe(reference) : undefined));
  }

  async pull(reference: string, { signal }: PullOptions): Promise<RuntimeImage> {
    signal.throwIfAborted();
    if (this.#options.pullMs) await sleep(this.#clock, this.#options.pullMs, signal);
    if (!this.#isPullable(reference)) throw new RuntimeError("ErrImagePull", `image "${reference}" not found`);
    this.#removed.delete(reference);
    this.#pulled.add(reference);
    return describe(reference);
  }

  list(signal: AbortSignal): Promise<RuntimeImage[]> {
    return unlessAborted(signal, () => [...this.#pulled].map(describe));
  }

  directory(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  remove(reference: string, signal: AbortSignal): Promise<void> {
    return unlessAborted(signal, () => {
      this.#pulled.delete(reference);
      this.#removed.add(reference);
    });
  }

  make(image: LocalImage, signal: AbortSignal): Promise<void> {
    return unlessAborted(signal, () => {
      this.#removed.delete(image.name);
      this.#pulled.add(image.name);
    });
  }

  has(reference: string): boolean {
    const fromStart = this.#options.present === undefined && this.#isPullable(reference);
    return this.#pulled.has(reference) || (fromStart && !this.#removed.has(reference));
  }

  #isPullable(reference: string): boolean {
    return this.#options.pullable?.includes(reference) ?? true;
  }
}

function describe(reference: string): RuntimeImage {
  return { id: `fake:${reference}`, names: [reference], sizeBytes: 0 };
}
