// A flag that a loop waits for: however often it is raised, the loop wakes once.

export class Wakeup {
  #raised = false;
  #resolve: (() => void) | undefined;

  notify(): void {
    this.#raised = true;
    this.#resolve?.();
  }

  clear(): void {
    this.#raised = false;
  }

  /** True once the flag is raised, false when `signal` is aborted first. Leaves the flag as it is. */
  async wait(signal: AbortSignal): Promise<boolean> {
    if (!this.#raised && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    return !signal.aborted;
  }
}
