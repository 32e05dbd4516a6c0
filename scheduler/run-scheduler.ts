// Starts the scheduler with all its parts, alone or under leader election.

import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import { runWithLeaderElection, type LeaderElectionTimes } from "../client/leader-election.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { ConditionWriter } from "./condition-writer.ts";
import { schedulerPlugins } from "./plugins/index.ts";
import { SchedulerMetrics } from "./scheduler-metrics.ts";
import { Scheduler } from "./scheduler.ts";

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** `default-scheduler` unless given. */
  readonly schedulerName?: string;
  /** Absent: this is the only scheduler of its name. */
  readonly leaderElection?: SchedulerElection;
}

export interface SchedulerElection {
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly identity: string;
  readonly times?: LeaderElectionTimes;
  /** A client whose writes carry the fence. */
  fencedClient(fence: string): Client;
}

/** Resolves when, after the abort of `signal`, everything has stopped. Rejects when it cannot go on. */
export async function runScheduler(options: SchedulerOptions, signal: AbortSignal): Promise<void> {
  const { leaderElection } = options;
  if (!leaderElection) return schedule(options, signal);
  await runWithLeaderElection(
    { ...options, ...leaderElection },
    ({ fence, signal: term }) => schedule({ ...options, client: leaderElection.fencedClient(fence) }, term),
    signal,
  );
}

async function schedule(options: SchedulerOptions, signal: AbortSignal): Promise<void> {
  const { schedulerName = "default-scheduler", metrics } = options;
  const informers = new InformerSet(options, signal);
  const conditions = new ConditionWriter(options);
  const scheduler = new Scheduler({
    ...options,
    pods: informers.informer(pods),
    nodes: informers.informer(nodes),
    events: createEventRecorder({ ...options, component: schedulerName }, signal),
    conditions,
    metrics: new SchedulerMetrics(metrics),
    plugins: schedulerPlugins,
    schedulerName,
  });
  await Promise.all([scheduler.run(signal), conditions.run(signal)]);
  await informers.stopped();
}
