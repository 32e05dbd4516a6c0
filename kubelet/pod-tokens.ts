// The tokens of service accounts that pods of this node have in their volumes: each is asked for once, bound to its pod, and
// renewed when four fifths of its life are over. They are kept in memory only, and until their pod has gone.

import { serviceAccounts } from "../api/core/service-account.ts";
import type { TokenRequest } from "../api/authentication/token-request.ts";
import type { Pod } from "../api/core/pod.ts";
import type { ServiceAccountTokenProjection } from "../api/core/volume-projection.ts";
import type { Client } from "../client/client.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";

interface Held {
  readonly token: string;
  /** By the wall clock. */
  readonly expiresAtMs: number;
  renewAtMs: number;
  cancelTimer(): void;
}

export interface PodTokensDeps {
  readonly client: Pick<Client, "createSubresource">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const DAY_MS = 86_400_000;
/** Kubelets of many nodes do not ask at once. */
const JITTER_MS = 10_000;
const RETRY_MS = 30_000;
const DEFAULT_SECONDS = 3600;

export class PodTokens {
  readonly #deps: PodTokensDeps;
  readonly #due: (podUid: string) => void;
  /** By pod, and what the token is for. Bound: the projections of the pods that have a worker. */
  readonly #held = new Map<string, Map<string, Held>>();

  /** `due`: a token of this pod is to be renewed, which the next `get` does. */
  constructor(deps: PodTokensDeps, due: (podUid: string) => void) {
    this.#deps = deps;
    this.#due = due;
  }

  /** A token that is good for a while. Rejects where the server gives none, and there is none that is still valid. */
  async get(pod: Pod, projection: ServiceAccountTokenProjection, signal: AbortSignal): Promise<string> {
    const { audience = "", expirationSeconds = DEFAULT_SECONDS } = projection;
    const { uid } = pod.metadata;
    const purpose = `${audience} ${expirationSeconds}`;
    const held = this.#held.get(uid)?.get(purpose);
    const nowMs = this.#deps.clock.now();
    if (held && nowMs < held.renewAtMs) return held.token;
    try {
      const issued = await this.#ask(pod, { audience, expirationSeconds }, signal);
      return this.#hold(uid, purpose, issued).token;
    } catch (error) {
      if (signal.aborted || !held || nowMs >= held.expiresAtMs) throw error;
      this.#deps.log.warn("A token could not be renewed; it goes on with the old one for now", {
        pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
        error,
      });
      this.#renewIn(RETRY_MS, uid, held);
      return held.token;
    }
  }

  forget(podUid: string): void {
    for (const held of this.#held.get(podUid)?.values() ?? []) held.cancelTimer();
    this.#held.delete(podUid);
  }

  /** Lets go of everything, timers included. */
  stop(): void {
    for (const podUid of [...this.#held.keys()]) this.forget(podUid);
  }

  async #ask(
    { metadata, spec }: Pod,
    { audience, expirationSeconds }: { readonly audience: string; readonly expirationSeconds: number },
    signal: AbortSignal,
  ): Promise<TokenRequest["status"]> {
    const { namespace, name, uid } = metadata;
    const target = { namespace, name: spec.serviceAccountName || "default", subresource: "token" };
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    };
    const answer = await this.#deps.client.createSubresource(serviceAccounts, target, body, { signal });
    return (answer as TokenRequest).status;
  }

  #hold(podUid: string, purpose: string, { token, expirationTimestamp }: TokenRequest["status"]): Held {
    const expiresAtMs = Date.parse(expirationTimestamp);
    const lifeMs = expiresAtMs - this.#deps.clock.now();
    const held: Held = { token, expiresAtMs, renewAtMs: 0, cancelTimer: () => undefined };
    const ofPod = this.#held.get(podUid) ?? new Map<string, Held>();
    ofPod.get(purpose)?.cancelTimer();
    this.#held.set(podUid, ofPod.set(purpose, held));
    const jitterMs = this.#deps.random.float() * JITTER_MS;
    this.#renewIn(Math.max(1000, Math.min(lifeMs * 0.8, DAY_MS) - jitterMs), podUid, held);
    return held;
  }

  #renewIn(delayMs: number, podUid: string, held: Held): void {
    const { clock } = this.#deps;
    held.cancelTimer();
    held.renewAtMs = clock.now() + delayMs;
    held.cancelTimer = clock.setTimer(delayMs, () => this.#due(podUid));
  }
}
