// A component that can be crashed and built anew, at any moment, like a process that a supervisor starts again.

export interface RestartableOptions {
  readonly name: string;
  /** Builds the component and runs it until the signal is aborted. Nothing is kept from one life to the next. */
  run(signal: AbortSignal): Promise<void>;
  /** The component ended by itself: a bug. */
  failed(name: string, error: unknown): void;
}

export class Restartable {
  readonly #options: RestartableOptions;
  #life: AbortController | undefined;
  /** Of all lives: a crashed one may still be on its way out. */
  readonly #lives: Promise<void>[] = [];

  constructor(options: RestartableOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  start(): void {
    if (this.#life) return;
    const life = new AbortController();
    this.#life = life;
    this.#lives.push(this.#run(life.signal));
  }

  /** Nothing that the component does after this has an effect outside of it. */
  crash(): void {
    this.#life?.abort();
    this.#life = undefined;
  }

  async stopped(): Promise<void> {
    await Promise.all(this.#lives);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { name, run, failed } = this.#options;
    try {
      await run(signal);
      if (!signal.aborted) failed(name, new Error("it ended by itself"));
    } catch (error) {
      if (!signal.aborted) failed(name, error);
    }
  }
}
