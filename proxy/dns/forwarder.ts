// Names that are not the cluster's: other servers are asked, one after the other until one answers, and their answers kept.

import { isIP } from "node:net";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { AnswerCache, type CachedReply } from "./answer-cache.ts";
import { readReply, writeQuery, type Question, type UpstreamReply } from "./message.ts";
import type { UpstreamExchange, UpstreamServer } from "./upstream-exchange.ts";

export interface ForwarderOptions {
  readonly servers: readonly UpstreamServer[];
  /** Other servers for a domain and what is below it; the longest domain that fits wins. */
  readonly stubDomains?: ReadonlyMap<string, readonly UpstreamServer[]>;
  readonly exchange: UpstreamExchange;
  readonly clock: Clock;
  readonly random: Random;
}

/** Questions under way; more are answered with SERVFAIL, so that a server that is down holds up nobody else. */
const PENDING_MAX = 1000;
const ATTEMPT_MS = 2000;
/** Askers give up after five seconds (resolv.conf's default). */
const ATTEMPTS_MAX = 2;

const FAILURE: CachedReply = { code: "SERVFAIL", answers: [], authorities: [], additionals: [] };

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #cache: AnswerCache;
  readonly #pending = new Map<string, Promise<CachedReply>>();
  /** The server that has answered last, by list: the others may be down. */
  readonly #preferred = new Map<readonly UpstreamServer[], number>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#cache = new AnswerCache(options.clock);
  }

  /** What is known already. */
  recall(question: Question): CachedReply | undefined {
    return this.#cache.get(question);
  }

  /** Never rejects: what cannot be found out is SERVFAIL. Equal questions at a time are asked once. */
  ask(question: Question): Promise<CachedReply> {
    const key = `${question.type} ${question.name.toLowerCase()}`;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const servers = this.#serversFor(question.name.toLowerCase());
    if (servers.length === 0 || this.#pending.size >= PENDING_MAX) return Promise.resolve(FAILURE);
    const asked = this.#askAll(question, servers).finally(() => this.#pending.delete(key));
    this.#pending.set(key, asked);
    return asked;
  }

  #serversFor(name: string): readonly UpstreamServer[] {
    const { stubDomains = new Map<string, readonly UpstreamServer[]>(), servers } = this.#options;
    for (let rest = name; rest !== ""; rest = rest.slice(rest.indexOf(".") + 1)) {
      const stub = stubDomains.get(rest);
      if (stub) return stub;
      if (!rest.includes(".")) break;
    }
    return servers;
  }

  async #askAll(question: Question, servers: readonly UpstreamServer[]): Promise<CachedReply> {
    const start = this.#preferred.get(servers) ?? 0;
    let failed = FAILURE;
    for (let attempt = 0; attempt < Math.max(ATTEMPTS_MAX, Math.min(servers.length, 3)); attempt += 1) {
      const index = (start + attempt) % servers.length;
      const server = servers[index] as UpstreamServer;
      // One that is silent, away or makes no sense is passed over; if all are, the asker is told of the failure.
      const reply = await this.#askOne(question, server).catch(() => undefined);
      if (!reply) continue;
      if (reply.code === "SERVFAIL" || reply.code === "REFUSED") {
        failed = reply;
        continue;
      }
      this.#preferred.set(servers, index);
      this.#cache.set(question, reply);
      return reply;
    }
    this.#cache.set(question, failed);
    return failed;
  }

  async #askOne(question: Question, server: UpstreamServer): Promise<UpstreamReply> {
    const { exchange, random, clock } = this.#options;
    const id = Math.floor(random.float() * 0x10000);
    const query = writeQuery(id, question);
    const limit = new AbortController();
    const cancel = clock.setTimer(ATTEMPT_MS, () => limit.abort(new Error(`${server.address} has not answered`)));
    const accepts = (bytes: Buffer) => isAnswerTo(readReply(bytes), id, question);
    const options = { accepts, signal: limit.signal };
    try {
      const first = readReply(await exchange.datagram(server, query, options));
      const reply = first?.isTruncated ? readReply(await exchange.stream(server, query, options)) : first;
      if (!reply) throw new Error(`${server.address} has answered nothing that makes sense`);
      return reply;
    } finally {
      cancel();
    }
  }
}

function isAnswerTo(reply: UpstreamReply | undefined, id: number, { name, type }: Question): boolean {
  if (reply?.id !== id || !reply.question) return false;
  return reply.question.type === type && reply.question.name.toLowerCase() === name.toLowerCase();
}

/** The servers of a resolv.conf, but for those at `except`: a server that asks itself never ends. */
export function parseResolvConf(text: string, except: readonly string[] = []): readonly UpstreamServer[] {
  return text
    .split("\n")
    .flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter((address) => isIP(address) !== 0 && !except.includes(address))
    .map((address) => ({ address, port: 53 }));
}
