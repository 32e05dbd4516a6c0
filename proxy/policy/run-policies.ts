// Keeps the kernel's rules in step with NetworkPolicies. A cluster without policies costs one watch of none: pods and namespaces
// are watched from the first policy on.

import { namespaces } from "../../api/core/namespace.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { networkPolicies, type NetworkPolicy } from "../../api/networking/network-policy.ts";
import type { Client } from "../../client/client.ts";
import { InformerSet } from "../../client/informer-set.ts";
import type { Informer } from "../../client/informer.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Ruleset } from "../nft/changes.ts";
import { runSyncLoop } from "../sync-loop.ts";
import { Wakeup } from "../wakeup.ts";
import { buildPolicyRuleset } from "./policy-rules.ts";
import { addressesOf, buildPolicyTable } from "./policy-table.ts";

/** Where rules take effect. */
export interface PolicyTarget {
  sync(wanted: Ruleset, signal: AbortSignal): Promise<void>;
  /** Yields each time somebody else has changed the rules. */
  disturbances(signal: AbortSignal): AsyncIterable<string>;
}

export interface PolicyOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly target: PolicyTarget;
}

/** Resolves when, after the abort of `signal`, the loop has stopped. The rules stay: isolation outlives its maker. */
export async function runPolicies(options: PolicyOptions, signal: AbortSignal): Promise<void> {
  const informers = new InformerSet(options, signal);
  const wakeup = new Wakeup();
  const policies = informers.informer(networkPolicies);
  policies.onChange(() => wakeup.notify());
  try {
    await informers.synced();
    wakeup.notify();
    await Promise.all([
      new Enforcer(options, { informers, policies, wakeup }).run(signal),
      watchTarget(options, wakeup, signal),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await informers.stopped();
}

/** Somebody flushed our rules: they are written again. */
async function watchTarget({ target, log }: PolicyOptions, wakeup: Wakeup, signal: AbortSignal): Promise<void> {
  for await (const by of target.disturbances(signal)) {
    log.warn("Somebody else changed the rules of network policies; they are written again", { by });
    wakeup.notify();
  }
}

interface Parts {
  readonly informers: InformerSet;
  readonly policies: Informer<NetworkPolicy>;
  readonly wakeup: Wakeup;
}

class Enforcer {
  readonly #options: PolicyOptions;
  readonly #parts: Parts;
  #isWatchingPods = false;

  constructor(options: PolicyOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { wakeup } = this.#parts;
    const sync = (failures: number) => this.#sync(failures, signal);
    await runSyncLoop({ clock: this.#options.clock, wakeup, sync }, signal);
  }

  async #sync(failures: number, signal: AbortSignal): Promise<boolean> {
    const { log, target } = this.#options;
    try {
      await target.sync(await this.#wanted(), signal);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      log.error("The rules of network policies could not be programmed; it is tried again", { failures, error });
      return false;
    }
  }

  async #wanted(): Promise<Ruleset> {
    const { policies, informers } = this.#parts;
    const all = policies.list();
    if (all.length > 0) await this.#watchPods();
    const rest = this.#isWatchingPods
      ? { pods: informers.informer(pods).list(), namespaces: informers.informer(namespaces).list() }
      : { pods: [], namespaces: [] };
    return buildPolicyRuleset(buildPolicyTable({ policies: all, ...rest }));
  }

  async #watchPods(): Promise<void> {
    if (this.#isWatchingPods) return;
    this.#isWatchingPods = true;
    const { informers, wakeup } = this.#parts;
    informers.informer(pods).onChange((change) => {
      if (change.type !== "updated" || concernsPolicies(change.before, change.object)) wakeup.notify();
    });
    informers.informer(namespaces).onChange(() => wakeup.notify());
    await informers.synced();
  }
}

/** Most changes of a pod are of no interest: who it is and where it is found matter. */
function concernsPolicies(before: Pod, after: Pod): boolean {
  const facts = (pod: Pod) =>
    [addressesOf(pod).join(), pod.status.phase, JSON.stringify(pod.metadata.labels ?? {})].join(" ");
  return facts(before) !== facts(after);
}
