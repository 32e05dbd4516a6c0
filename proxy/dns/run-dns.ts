// The DNS server of a cluster: caches first, so that nobody is told that a name does not exist which is only not known yet, then
// the sockets.

import type { Client } from "../../client/client.ts";
import { InformerSet } from "../../client/informer-set.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Random } from "../../lib/random.ts";
import { serveDns } from "./dns-server.ts";
import { DnsService } from "./dns-service.ts";
import { Forwarder, type ForwarderOptions } from "./forwarder.ts";
import { informerView } from "./informer-view.ts";
import { Resolver } from "./resolver.ts";

export interface DnsOptions extends Pick<ForwarderOptions, "servers" | "stubDomains" | "exchange"> {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Such as `cluster.local`. */
  readonly domain: string;
  readonly listen: { readonly address: string; readonly port: number };
  /** Called once questions are answered; the server ends when it rejects. */
  onListening?(port: number): Promise<void> | void;
}

/** Resolves when, after the abort of `signal`, the sockets are closed. Rejects where the address cannot be listened at. */
export async function runDns(options: DnsOptions, signal: AbortSignal): Promise<void> {
  const { listen, domain, onListening } = options;
  const informers = new InformerSet(options, signal);
  const view = informerView(informers);
  const resolver = new Resolver({ domain: domain.toLowerCase(), view, forwarder: new Forwarder(options) });
  const service = new DnsService({ ...options, resolver });
  try {
    await informers.synced();
  } catch (error) {
    if (!signal.aborted) throw error;
    return informers.stopped();
  }
  const server = await serveDns({ ...listen, answer: service.answer });
  try {
    await onListening?.(server.port);
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await server.close();
  }
  await informers.stopped();
}
