// One probe of one container: its rhythm and its thresholds. Looks at most once at a time, each time on a timer.

import type { Probe } from "../api/core/probe.ts";
import { withDeadline } from "../client/deadline.ts";
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
  /**
   * Looks more often until the first success, so that a program that listens a moment after its start does not wait for the
   * next period. Failures of these extra looks do not count.
   */
  readonly eager: boolean;
  /** Looks once; rejects when nothing was learnt. */
  look(attempt: ProbeAttempt): Promise<ProbeResult>;
  /** The verdict changed. */
  decided(verdict: boolean): void;
  readonly clock: Clock;
  readonly random: Random;
}

export interface ProbeAttempt {
  readonly signal: AbortSignal;
  /** Not one of the looks that the probe's period asks for: nobody is told of its failure. */
  readonly isExtra: boolean;
}

/** The first wait of an eager probe; each one is twice as long as the one before, up to the period. */
const EAGER_MS = 50;
/** A container that has run for longer than this was started before the kubelet. */
const ADOPTED_AFTER_MS = 5000;

export class ContainerProbe {
  readonly #options: ContainerProbeOptions;
  readonly #stopped = new AbortController();
  #verdict: boolean | undefined;
  #successes = 0;
  #failures = 0;
  #eagerMs: number;
  /** When the period asks for the next look, on the monotonic clock. */
  #dueMs = 0;
  #cancelTimer: () => void;

  /** Begins to probe. Whoever makes it must stop it. */
  constructor(options: ContainerProbeOptions) {
    this.#options = options;
    this.#verdict = options.verdict;
    this.#eagerMs = options.eager && options.verdict === undefined ? EAGER_MS : Infinity;
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
    const isExtra = beganMs < this.#dueMs;
    if (!isExtra) this.#dueMs = beganMs + this.#periodMs;
    const deadline = { clock, delayMs: (probe.timeoutSeconds ?? 1) * 1000, signal: this.#stopped.signal };
    try {
      const { ok } = await withDeadline(deadline, (signal) => look({ signal, isExtra }));
      if (ok) this.#eagerMs = Infinity;
      if (!this.#stopped.signal.aborted && (ok || !isExtra)) this.#count(ok);
    } catch {
      // The prober has told of it; a look that learnt nothing counts neither way.
    }
    if (this.#stopped.signal.aborted) return;
    const nextMs = Math.min(this.#eagerMs, Math.max(0, this.#dueMs - clock.monotonic()));
    this.#eagerMs *= 2;
    this.#cancelTimer = clock.setTimer(nextMs, () => void this.#run());
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
