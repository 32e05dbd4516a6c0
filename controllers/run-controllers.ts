// Runs the controllers over one set of shared caches, alone or as the leader of several replicas.

import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import type { ControllerDeps } from "../client/controller.ts";
import { runController } from "../client/controller-loop.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import { runWithLeaderElection } from "../client/leader-election.ts";
import type { Clock } from "../lib/clock.ts";
import type { Handler } from "../lib/http.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { accountOf } from "./accounts.ts";
import { runGarbageCollector } from "./garbage-collector/collector.ts";
import { builtinControllers, type ControllerOptions } from "./index.ts";

const COMPONENT = "kube-controller-manager";
const LEASE = { namespace: "kube-system", name: COMPONENT };
const GARBAGE_COLLECTOR = "garbage-collector";

/** The names by which controllers are chosen. */
export const controllerNames = (options: ControllerOptions): readonly string[] => [
  ...builtinControllers(options).map(({ name }) => name),
  GARBAGE_COLLECTOR,
];

export interface RunControllersOptions extends ControllerOptions {
  /** How to reach the API server: as one who may see everything, and elect a leader. */
  readonly transport: Handler;
  /** The same as a service account in kube-system. Without it all controllers act as one, who needs the rights of each. */
  readonly transportOf?: (account: string) => Handler;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Which controllers run, by name; all unless given. */
  readonly isEnabled?: (name: string) => boolean;
  /** This replica's name among several: they elect a leader. A cluster with one replica does without. */
  readonly replica?: string;
}

/** Resolves when, after the abort of `signal`, everything has stopped. Rejects when a controller cannot be built. */
export async function runControllers(options: RunControllersOptions, signal: AbortSignal): Promise<void> {
  if (options.replica === undefined) return runAll(options, undefined, signal);
  const { clock, random, log, replica } = options;
  const client = createClient(options.transport, { userAgent: COMPONENT });
  const election = { client, lease: LEASE, identity: replica, clock, random, log };
  await runWithLeaderElection(election, (term) => runAll(options, term.fence, term.signal), signal);
}

/** One term of leadership: new caches, and a client whose every write carries the term's fence. */
async function runAll(options: RunControllersOptions, fence: string | undefined, signal: AbortSignal): Promise<void> {
  const { clock, random, log, metrics, isEnabled = () => true } = options;
  // What one controller's failure ends, it ends for all: the process starts anew.
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const clientFor = clientsOf(options, fence);
  const informers = new InformerSet({ client: clientFor(undefined), clock, random, log }, stop);
  const depsOf = (name: string): ControllerDeps => {
    const client = clientFor(accountOf(name));
    return {
      client,
      clock,
      random,
      log,
      metrics,
      // Events name the controller as their source: `deployment-controller`.
      events: createEventRecorder({ client, component: `${name}-controller`, clock, random, log, metrics }, stop),
      informer: (resource, indexers) => informers.informer(resource, indexers),
    };
  };
  const controllers = builtinControllers(options).filter(({ name }) => isEnabled(name));
  const running = controllers.map((controller) => runController(controller, depsOf(controller.name), stop));
  if (isEnabled(GARBAGE_COLLECTOR)) {
    running.push(runGarbageCollector(collectable(options), depsOf(GARBAGE_COLLECTOR), stop));
  }
  try {
    await Promise.all(running);
  } finally {
    failed.abort();
    await Promise.allSettled(running);
    await informers.stopped();
  }
}

/** One client for each account; the one of all controllers where there is no account, or no way to act as one. */
function clientsOf({ transport, transportOf }: RunControllersOptions, fence: string | undefined) {
  const settings = { userAgent: COMPONENT, fence: () => fence };
  const all = createClient(transport, settings);
  const known = new Map<string, Client>();
  return (account: string | undefined): Client => {
    if (account === undefined || !transportOf) return all;
    const client = known.get(account) ?? createClient(transportOf(account), settings);
    known.set(account, client);
    return client;
  };
}

/** Events own nothing and are owned by nobody; kinds that cannot be watched leave nothing behind. */
function collectable({ resources }: ControllerOptions) {
  return resources.filter(({ plural, verbs }) => plural !== "events" && (verbs?.includes("watch") ?? true));
}
