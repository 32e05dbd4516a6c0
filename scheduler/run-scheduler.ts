// Starts the scheduler with all its parts, alone or under leader election.

import { namespaces } from "../api/core/namespace.ts";
import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import { createClient } from "../client/api-client.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import { runWithLeaderElection, type LeaderElectionOptions } from "../client/leader-election.ts";
import type { Clock } from "../lib/clock.ts";
import type { Handler } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { buildProfile } from "./configuration/build-profile.ts";
import { defaultConfiguration } from "./configuration/parse-configuration.ts";
import type { SchedulerConfiguration } from "./configuration/scheduler-configuration.ts";
import { ConditionWriter } from "./condition-writer.ts";
import type { Extender } from "./extenders/extender.ts";
import { runOfferAllocator, type RunOfferAllocatorOptions as OfferParts } from "./offers/run-offer-allocator.ts";
import { SchedulerMetrics } from "./scheduler-metrics.ts";
import { Scheduler } from "./scheduler.ts";
import { shardName, type Shard } from "./shard.ts";
import { buildStages } from "./stages.ts";

const COMPONENT = "kube-scheduler";
const DEFAULT_SCHEDULER = "default-scheduler";
const LEASE = { namespace: "kube-system", name: COMPONENT };

export interface RunSchedulerOptions {
  /** How to reach the API server. */
  readonly transport: Handler;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How it works; Kubernetes' defaults unless given. */
  readonly configuration?: SchedulerConfiguration;
  /** Servers that have a say in where pods go. */
  readonly extenders?: readonly Extender[];
  /** The pods of the first profile, by their spec.schedulerName; as the configuration has it unless given. */
  readonly schedulerName?: string;
  /** Whether it also makes offers to frameworks and holds reservations; the default scheduler does unless told otherwise. */
  readonly offers?: boolean;
  /** Its part of the pods, where several share them; all unless given. The first one makes the offers. */
  readonly shard?: Shard;
  /** This replica's name among several: they elect a leader. A cluster with one replica does without. */
  readonly replica?: string;
  /** Told false when it begins to read the cluster, and true when its caches show it. */
  readonly onSynced?: (isSynced: boolean) => void;
  /** Where and how fast the leader is elected; kube-scheduler's lease and client-go's times unless given. */
  readonly election?: Partial<Pick<LeaderElectionOptions, "lease" | "times">>;
}

/** Resolves when, after the abort of `signal`, everything has stopped. Rejects when it cannot go on. */
export async function runScheduler(options: RunSchedulerOptions, signal: AbortSignal): Promise<void> {
  const { transport, replica, election } = options;
  if (replica === undefined) return runOneTerm(options, undefined, signal);
  const client = createClient(transport, { userAgent: COMPONENT });
  await runWithLeaderElection(
    { ...options, ...election, lease: leaseOf(options), client, identity: replica },
    (term) => runOneTerm(options, term.fence, term.signal),
    signal,
  );
}

/** Each shard has a leader of its own. */
function leaseOf({ election, shard }: RunSchedulerOptions): LeaderElectionOptions["lease"] {
  const { lease = LEASE } = election ?? {};
  return shard ? { ...lease, name: `${lease.name}-${shard.number}-of-${shard.count}` } : lease;
}

/** Of several shards the first one does. */
function makesOffers({ offers, schedulerName = DEFAULT_SCHEDULER, shard }: RunSchedulerOptions): boolean {
  return offers ?? (schedulerName === DEFAULT_SCHEDULER && (shard?.number ?? 1) === 1);
}

/** One term of leadership: new caches, and a client whose every write carries the term's fence. */
async function runOneTerm(options: RunSchedulerOptions, fence: string | undefined, signal: AbortSignal): Promise<void> {
  const { configuration = defaultConfiguration(), schedulerName, metrics, transport, shard } = options;
  const client = createClient(transport, { userAgent: COMPONENT, fence: () => fence });
  const parts = { ...options, client };
  const informers = new InformerSet(parts, signal);
  options.onSynced?.(false);
  const conditions = new ConditionWriter(parts);
  const recorderFor = (component: string) => createEventRecorder({ ...parts, component }, signal);
  const profiles = configuration.profiles.map((each, index) => {
    const profile = buildProfile(index === 0 && schedulerName ? { ...each, schedulerName } : each);
    return { ...profile, events: recorderFor(profile.schedulerName), shard };
  });
  const scheduler = new Scheduler({
    ...parts,
    pods: informers.informer(pods),
    nodes: informers.informer(nodes),
    namespaces: informers.informer(namespaces),
    events: profiles[0]?.events ?? recorderFor(COMPONENT),
    conditions,
    metrics: new SchedulerMetrics(metrics),
    profiles,
    placesAs: shard && shardName(schedulerName ?? profiles[0]?.schedulerName ?? DEFAULT_SCHEDULER, shard),
    backoff: {
      initialMs: configuration.podInitialBackoffSeconds * 1000,
      maxMs: configuration.podMaxBackoffSeconds * 1000,
    },
    buildStages,
    informer: (resource, indexers) => informers.informer(resource, indexers),
  });
  // Where they fail, the scheduler, which waits for them as well, says so.
  informers.synced().then(
    () => options.onSynced?.(true),
    () => undefined,
  );
  const informer: OfferParts["informer"] = (resource) => informers.informer(resource);
  const allocating = makesOffers(options) ? runOfferAllocator({ ...parts, informer }, signal) : Promise.resolve();
  await Promise.all([scheduler.run(signal), conditions.run(signal), allocating]);
  await informers.stopped();
}
