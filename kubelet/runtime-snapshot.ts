// What the runtime has, as of its last list: shared by all pods of the node, so that a burst of changes costs a few lists
// and not one for each pod. It never shows a guess: while the runtime does not answer, it stays as it was.

import { backoffDelayMs, type Backoff } from "../lib/backoff.ts";
import { pause, type Clock } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { ContainerRuntime, RuntimePod } from "./runtimes/runtime.ts";

const RETRY: Backoff = { initialMs: 500, maxMs: 10_000 };
/** A runtime that takes longer for a list counts as down. */
const LIST_TIMEOUT_MS = 20_000;
/** One that takes longer than this does not answer promptly. */
const PROMPT_MS = 1000;
/** How long somebody waits who asks whether it does. */
const PATIENCE_MS = 5000;

export class RuntimeSnapshot {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #pods: ReadonlyMap<string, RuntimePod> = new Map();
  #listing: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  /** When an answer last came late, or not at all. */
  #slowAtMs = -Infinity;
  #problem: string | undefined = "the container runtime has not answered yet";

  constructor(deps: { readonly runtime: ContainerRuntime; readonly clock: Clock }, signal: AbortSignal) {
    this.#runtime = deps.runtime;
    this.#clock = deps.clock;
    this.#signal = signal;
  }

  get(podUid: string): RuntimePod | undefined {
    return this.#pods.get(podUid);
  }

  get pods(): Iterable<RuntimePod> {
    return this.#pods.values();
  }

  /** Why the runtime could not be asked the last time; undefined when it answered. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves when a list that began after this call has arrived, or when everything is to stop. Never rejects. */
  refresh(): Promise<void> {
    if (!this.#listing) return (this.#listing = this.#list());
    this.#following ??= this.#listing.then(() => {
      this.#following = undefined;
      return (this.#listing = this.#list());
    });
    return this.#following;
  }

  /**
   * Whether the runtime has answered without delay ever since `sinceMs`, on the monotonic clock, and does so now. Asks it, but
   * waits no longer than a few seconds.
   */
  async hasAnswered(sinceMs: number): Promise<boolean> {
    let cancel: () => void = () => undefined;
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#clock.setTimer(PATIENCE_MS, () => resolve(false));
    });
    const answered = await Promise.race([this.refresh().then(() => this.#slowAtMs < sinceMs), late]);
    cancel();
    return answered;
  }

  async #list(): Promise<void> {
    for (let failures = 1; !this.#signal.aborted; failures++) {
      const beganMs = this.#clock.monotonic();
      try {
        const pods = await this.#listInTime();
        this.#pods = new Map(pods.map((pod) => [pod.pod.uid, pod]));
        this.#problem = undefined;
        if (this.#clock.monotonic() - beganMs > PROMPT_MS) this.#slowAtMs = this.#clock.monotonic();
        break;
      } catch (error) {
        this.#slowAtMs = this.#clock.monotonic();
        this.#problem = errorMessage(error);
        await pause(this.#clock, backoffDelayMs(RETRY, failures), this.#signal);
      }
    }
    if (!this.#following) this.#listing = undefined;
  }

  async #listInTime(): Promise<RuntimePod[]> {
    const late = new AbortController();
    const cancel = this.#clock.setTimer(LIST_TIMEOUT_MS, () =>
      late.abort(new Error("the container runtime does not answer")),
    );
    try {
      return await this.#runtime.list(AbortSignal.any([this.#signal, late.signal]));
    } finally {
      cancel();
    }
  }
}
