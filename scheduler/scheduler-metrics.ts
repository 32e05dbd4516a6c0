// The scheduler's metrics, named as kube-scheduler names them.

import type { Metrics } from "../lib/metrics.ts";
import type { SchedulingQueue } from "./queue.ts";

export type AttemptResult = "scheduled" | "unschedulable" | "error";

export class SchedulerMetrics {
  readonly #attempts: ReturnType<Metrics["counter"]>;
  readonly #duration: ReturnType<Metrics["histogram"]>;
  readonly #pending: ReturnType<Metrics["gauge"]>;
  readonly #preemptions: ReturnType<Metrics["counter"]>;
  readonly #victims: ReturnType<Metrics["histogram"]>;

  constructor(metrics: Metrics) {
    this.#attempts = metrics.counter({
      name: "scheduler_schedule_attempts_total",
      help: "Attempts to schedule pods, by result.",
      labels: ["profile", "result"],
    });
    this.#duration = metrics.histogram({
      name: "scheduler_scheduling_algorithm_duration_seconds",
      help: "Time that the decision about a pod takes.",
      buckets: [0.000_01, 0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.1],
    });
    this.#pending = metrics.gauge({
      name: "scheduler_pending_pods",
      help: "Pods without a node, by what they wait for.",
      labels: ["queue"],
    });
    this.#preemptions = metrics.counter({
      name: "scheduler_preemption_attempts_total",
      help: "How often making room for a pod was considered, as no node took it.",
    });
    this.#victims = metrics.histogram({
      name: "scheduler_preemption_victims",
      help: "Pods pushed out at a time to make room for another.",
      buckets: [1, 2, 4, 8, 16, 32, 64],
    });
  }

  /** Whether others may make room was asked for a pod that no node took. */
  preemptionAttempted(): void {
    this.#preemptions.add();
  }

  preempting(victims: number): void {
    this.#victims.observe(victims);
  }

  attempted(profile: string, result: AttemptResult): void {
    this.#attempts.add({ profile, result });
  }

  decided(durationMs: number): void {
    this.#duration.observe(durationMs / 1000);
  }

  pending(counts: SchedulingQueue["counts"]): void {
    for (const [queue, count] of Object.entries(counts)) this.#pending.set(count, { queue });
  }
}
