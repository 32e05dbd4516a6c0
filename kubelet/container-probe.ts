// One probe of one container: its rhythm and its thresholds. Looks at most once at a time, each time on a timer.

import type { Probe } from "../api/core/probe.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { ProbeResult } from "./probes/probe.ts";

export type ProbeKind = "startup" | "liveness" | "readiness";

export interface ContainerProbeOptions {
  readonly probe: Probe;
  /** When the container started, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** The verdict that is known already. */
  readonly verdict: boolean | undefined;
  /** Looks once; rejects when nothing was learnt. */
  look(signal: AbortSignal): Promise<ProbeResult>;
  /** The verdict changed. */
  decided(verdict: boolean): void;
  readonly clock: Clock;
  readonly random: Random;
}

/** A container that has run for longer than this was started before the kubelet. */
const ADOPTED_AFTER_MS = 5000;

export class ContainerProbe {
  readonly #options: ContainerProbeOptions;
  readonly #stopped = new AbortController();
  #verdict: boolean | undefined;
  #successes = 0;
  #failures = 0;
  #cancelTimer: () => void;

  constructor(options: ContainerProbeOptions, signal: AbortSignal) {
    this.#options = options;
    this.#verdict = options.verdict;
    signal.addEventListener("abort", () => this.stop(), { once: true, signal: this.#stopped.signal });
    this.#cancelTimer = options.clock.setTimer(this.#firstDelayMs(), () => void this.#run());
  }

  /** Idempotent. */
  stop(): void {
    this.#cancelTimer();
    this.#stopped.abort();
  }

  /** Probes of containers that ran before the kubelet are spread over their period, so that a restart is no burst. */
  #firstDelayMs(): number {
    const { probe, startedAtMs, clock, random } = this.#options;
    const waitMs = (probe.initialDelaySeconds ?? 0) * 1000 - (clock.now() - startedAtMs);
    if (waitMs > 0) return waitMs;
    const adopted = clock.now() - startedAtMs > ADOPTED_AFTER_MS + (probe.initialDelaySeconds ?? 0) * 1000;
    return adopted ? random.float() * this.#periodMs : 0;
  }

  get #periodMs(): number {
    return (this.#options.probe.periodSeconds ?? 10) * 1000;
  }

  async #run(): Promise<void> {
    const { probe, look, clock } = this.#options;
    const beganMs = clock.monotonic();
    const late = new AbortController();
    const cancel = clock.setTimer((probe.timeoutSeconds ?? 1) * 1000, () => late.abort());
    try {
      const { ok } = await look(AbortSignal.any([late.signal, this.#stopped.signal]));
      if (!this.#stopped.signal.aborted) this.#count(ok);
    } catch {
      // The prober has told of it; a look that learnt nothing counts neither way.
    }
    cancel();
    if (this.#stopped.signal.aborted) return;
    const nextMs = this.#periodMs - (clock.monotonic() - beganMs);
    this.#cancelTimer = clock.setTimer(Math.max(0, nextMs), () => void this.#run());
  }

  #count(ok: boolean): void {
    const { probe, decided } = this.#options;
    this.#successes = ok ? this.#successes + 1 : 0;
    this.#failures = ok ? 0 : this.#failures + 1;
    const reached = ok
      ? this.#successes >= (probe.successThreshold ?? 1)
      : this.#failures >= (probe.failureThreshold ?? 3);
    if (!reached || this.#verdict === ok) return;
    this.#verdict = ok;
    decided(ok);
  }
}
