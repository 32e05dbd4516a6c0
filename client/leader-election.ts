// Leader election over a Lease, with client-go's rules and times. Election alone cannot stop a leader that was paused and
// does not know it: every term therefore has a fence, which the leader's client sends and the API server checks.

import type { Lease, LeaseSpec } from "../api/coordination/lease.ts";
import { leases } from "../api/coordination/lease.ts";
import { ignoreNotFound, isAlreadyExists, isConflict } from "../api/meta/status.ts";
import { formatMicroTime, pause, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { Client } from "./client.ts";
import { withDeadline } from "./deadline.ts";

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Unlike that of any other process, past ones included: a host's name and something random. */
  readonly identity: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly times?: LeaderElectionTimes;
}

export interface LeaderElectionTimes {
  /** How long the others wait after the last renewal that they saw. */
  readonly leaseMs: number;
  /** How long the leader goes on without a renewal; shorter than the lease. */
  readonly renewDeadlineMs: number;
  /** Between two attempts. */
  readonly retryMs: number;
}

const CLIENT_GO_TIMES: LeaderElectionTimes = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
/** Attempts to acquire are spread by up to this share, as client-go does. */
const JITTER = 1.2;

export interface Term {
  /** `<namespace>/<lease>;<holder>;<transitions>`, for the `fence` of the client that the leader writes with. */
  readonly fence: string;
  /** Aborted when leadership is lost or the election is stopped. */
  readonly signal: AbortSignal;
}

/**
 * Runs `lead` whenever this process is the leader, one term after the other; `lead` resolves soon after its signal is aborted.
 * Resolves when `signal` is aborted, `lead` has ended and the lease is released. Rejects with what `lead` rejects with.
 */
export async function runWithLeaderElection(
  options: LeaderElectionOptions,
  lead: (term: Term) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const elector = new Elector(options);
  while (!signal.aborted) {
    const held = await elector.acquire(signal);
    if (held) await leadOneTerm({ elector, log: options.log, fence: fenceOf(held) }, lead, signal);
  }
}

interface TermParts {
  readonly elector: Elector;
  readonly log: Log;
  readonly fence: string;
}

async function leadOneTerm({ elector, log, fence }: TermParts, lead: (term: Term) => Promise<void>, stop: AbortSignal) {
  const ended = new AbortController();
  const signal = AbortSignal.any([stop, ended.signal]);
  log.info("Became the leader", { fence });
  const renewing = elector.renewUntilLost(signal).then(() => ended.abort());
  try {
    await lead({ fence, signal });
  } finally {
    ended.abort();
    await renewing;
    await elector.release();
    log.info("Is not the leader any more", { fence });
  }
}

class Elector {
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaderElectionTimes;
  /** The lease as last seen, and when this process saw it change: clocks of other machines are never compared. */
  #seen: Lease | undefined;
  #seenMs = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? CLIENT_GO_TIMES;
  }

  /** Waits until the lease is held; undefined when aborted before. */
  async acquire(signal: AbortSignal): Promise<Lease | undefined> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      if (await this.#tryHold(signal)) return this.#seen;
      const delayMs = this.#times.retryMs * (1 + JITTER * random.float());
      await pause(clock, delayMs, signal);
    }
    return undefined;
  }

  /** Renews until it was not possible for the renewal deadline, somebody else holds the lease, or `signal` is aborted. */
  async renewUntilLost(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let renewedMs = clock.monotonic();
    while (!signal.aborted) {
      await pause(clock, this.#times.retryMs, signal);
      const leftMs = renewedMs + this.#times.renewDeadlineMs - clock.monotonic();
      if (leftMs <= 0 || signal.aborted) return;
      // The renewal counts from before the request was sent: the others may have seen it as early as that.
      const startedMs = clock.monotonic();
      const deadline = { clock, delayMs: leftMs, signal };
      if (await withDeadline(deadline, (limited) => this.#tryHold(limited))) renewedMs = startedMs;
      else if (this.#heldByOther() || clock.monotonic() - renewedMs >= this.#times.renewDeadlineMs) return;
    }
  }

  /** Lets the others take over at once. A failure costs them the rest of the lease, nothing more. */
  async release(): Promise<void> {
    const { clock, identity, log } = this.#options;
    const held = this.#seen;
    if (held?.spec.holderIdentity !== identity) return;
    const now = formatMicroTime(clock.now());
    const spec = { ...held.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    try {
      await withDeadline({ clock, delayMs: this.#times.retryMs }, (signal) => this.#write({ ...held, spec }, signal));
    } catch (error) {
      // A conflict means that somebody else has the lease already.
      if (!isConflict(error)) log.warn("Releasing the lease failed; it runs out by itself", { error });
    }
  }

  /** One attempt to take or renew the lease. */
  async #tryHold(signal: AbortSignal): Promise<boolean> {
    const { client, lease, log } = this.#options;
    try {
      const found = await client.get(leases, lease, { signal }).catch(ignoreNotFound);
      if (!found) return await this.#create(signal);
      this.#observe(found);
      if (this.#heldByOther()) return false;
      await this.#write({ ...found, spec: this.#planSpec(found.spec) }, signal);
      return true;
    } catch (error) {
      if (signal.aborted || isConflict(error) || isAlreadyExists(error)) return false;
      log.warn("Taking or renewing the lease failed; it is tried again", { error });
      return false;
    }
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const { client, lease } = this.#options;
    const spec = this.#planSpec(undefined);
    this.#observe(await client.create(leases, { metadata: lease, spec }, { signal }));
    return true;
  }

  async #write(lease: Lease, signal: AbortSignal): Promise<void> {
    this.#observe(await this.#options.client.update(leases, lease, { signal }));
  }

  #planSpec(before: LeaseSpec | undefined): LeaseSpec {
    const { identity, clock } = this.#options;
    const now = formatMicroTime(clock.now());
    const renews = before?.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#times.leaseMs / 1000),
      acquireTime: renews ? before.acquireTime : now,
      renewTime: now,
      leaseTransitions: before ? (before.leaseTransitions ?? 0) + (renews ? 0 : 1) : 0,
    };
  }

  #observe(lease: Lease): void {
    if (this.#seen?.metadata.resourceVersion === lease.metadata.resourceVersion) return;
    this.#seen = lease;
    this.#seenMs = this.#options.clock.monotonic();
  }

  /** Somebody else holds the lease, and it has not run out since this process saw it renewed. */
  #heldByOther(): boolean {
    const { holderIdentity, leaseDurationSeconds = 0 } = this.#seen?.spec ?? {};
    if (!holderIdentity || holderIdentity === this.#options.identity) return false;
    return this.#options.clock.monotonic() < this.#seenMs + leaseDurationSeconds * 1000;
  }
}

function fenceOf({ metadata, spec }: Lease): string {
  return `${metadata.namespace}/${metadata.name};${spec.holderIdentity};${spec.leaseTransitions ?? 0}`;
}
