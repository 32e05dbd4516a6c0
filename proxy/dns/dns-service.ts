// From a question's bytes to its answer's, counted as CoreDNS counts, so that its dashboards show this server, too.

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import type { Transport } from "./dns-server.ts";
import { datagramLimit, readQuery, STREAM_LIMIT, writeRefusal, writeReply, type Query, type Reply } from "./message.ts";
import type { Resolver } from "./resolver.ts";

export interface DnsServiceOptions {
  readonly resolver: Pick<Resolver, "resolve">;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Askers may invent thousands of types, and each would be a series. */
const COUNTED_TYPES = new Set(["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"]);

export class DnsService {
  readonly #options: DnsServiceOptions;
  readonly #count: ReturnType<typeof countersOf>;

  constructor(options: DnsServiceOptions) {
    this.#options = options;
    this.#count = countersOf(options.metrics);
  }

  /** Never throws or rejects. */
  readonly answer = (bytes: Buffer, transport: Transport): Buffer | undefined | Promise<Buffer | undefined> => {
    const startedMs = this.#options.clock.monotonic();
    const query = readQuery(bytes);
    if (!query) return undefined;
    if ("code" in query) {
      this.#count.responses.add({ rcode: query.code });
      return writeRefusal(query);
    }
    const finish = (reply: Reply) => {
      this.#count.seconds.observe((this.#options.clock.monotonic() - startedMs) / 1000);
      return this.#write(query, reply, transport);
    };
    this.#count.requests.add({
      proto: transport,
      type: COUNTED_TYPES.has(query.question.type) ? query.question.type : "other",
    });
    const reply = this.#resolve(query);
    return reply instanceof Promise
      ? reply.then(finish, (error: unknown) => finish(this.#failed(query, error)))
      : finish(reply);
  };

  #resolve(query: Query): Reply | Promise<Reply> {
    try {
      return this.#options.resolver.resolve(query.question);
    } catch (error) {
      return this.#failed(query, error);
    }
  }

  #failed({ question }: Query, error: unknown): Reply {
    this.#options.log.error("A DNS question could not be answered", { question, error });
    return { code: "SERVFAIL", answers: [], authorities: [], additionals: [], isAuthoritative: false };
  }

  #write(query: Query, reply: Reply, transport: Transport): Buffer {
    this.#count.responses.add({ rcode: reply.code });
    return writeReply(query, reply, transport === "tcp" ? STREAM_LIMIT : datagramLimit(query));
  }
}

const countersOf = (metrics: Metrics) => ({
  requests: metrics.counter({
    name: "coredns_dns_requests_total",
    help: "Questions, by transport and type.",
    labels: ["proto", "type"],
  }),
  responses: metrics.counter({
    name: "coredns_dns_responses_total",
    help: "Answers, by their code.",
    labels: ["rcode"],
  }),
  seconds: metrics.histogram({
    name: "coredns_dns_request_duration_seconds",
    help: "How long answers took.",
    buckets: [0.00025, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 4, 8],
  }),
});
