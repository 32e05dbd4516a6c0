// What other servers have answered, for as long as it holds. Bounded: the oldest answer goes first.

import type { Clock } from "../../lib/clock.ts";
import type { DnsRecord, Question, UpstreamReply } from "./message.ts";

export type CachedReply = Omit<UpstreamReply, "id" | "question" | "isTruncated">;

interface Cached {
  readonly reply: CachedReply;
  readonly storedMs: number;
  readonly untilMs: number;
}

const ANSWERS_MAX = 10_000;
/** However long an answer says it holds; as in the configuration of CoreDNS that Kubernetes ships. */
const LIFE_MAX_SECONDS = 30;
/** After a failure: long enough to spare a server that is down. */
const FAILURE_SECONDS = 5;

export class AnswerCache {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #cached = new Map<string, Cached>();

  constructor(clock: Clock, max = ANSWERS_MAX) {
    this.#clock = clock;
    this.#max = max;
  }

  /** With the times that are left. */
  get(question: Question): CachedReply | undefined {
    const key = keyOf(question);
    const cached = this.#cached.get(key);
    if (!cached) return undefined;
    const nowMs = this.#clock.monotonic();
    if (nowMs >= cached.untilMs) {
      this.#cached.delete(key);
      return undefined;
    }
    const ageSeconds = Math.floor((nowMs - cached.storedMs) / 1000);
    const { reply } = cached;
    const age = (records: readonly DnsRecord[]) => records.map((record) => aged(record, ageSeconds));
    return {
      ...reply,
      answers: age(reply.answers),
      authorities: age(reply.authorities),
      additionals: age(reply.additionals),
    };
  }

  set(question: Question, { code, answers, authorities, additionals }: CachedReply): void {
    const reply = { code, answers, authorities, additionals };
    const seconds = lifeOf(reply);
    if (seconds <= 0) return;
    const key = keyOf(question);
    this.#cached.delete(key);
    const storedMs = this.#clock.monotonic();
    this.#cached.set(key, { reply, storedMs, untilMs: storedMs + seconds * 1000 });
    const [oldest] = this.#cached.keys();
    if (this.#cached.size > this.#max && oldest !== undefined) this.#cached.delete(oldest);
  }
}

const keyOf = ({ name, type }: Question) => `${type} ${name.toLowerCase()}`;

function aged(record: DnsRecord, seconds: number): DnsRecord {
  return "ttl" in record && record.ttl !== undefined ? { ...record, ttl: Math.max(0, record.ttl - seconds) } : record;
}

/** Seconds. Where nothing was found, the zone says how long that holds (RFC 2308). */
export function lifeOf({ code, answers, authorities }: CachedReply): number {
  if (code !== "NOERROR" && code !== "NXDOMAIN") return FAILURE_SECONDS;
  const ttls = [...answers, ...authorities].flatMap((record) => ("ttl" in record ? (record.ttl ?? []) : []));
  const negative =
    answers.length > 0 ? [] : authorities.flatMap((each) => (each.type === "SOA" ? (each.data.minimum ?? []) : []));
  if (answers.length === 0 && negative.length === 0) return FAILURE_SECONDS;
  return Math.min(LIFE_MAX_SECONDS, ...ttls, ...negative);
}
