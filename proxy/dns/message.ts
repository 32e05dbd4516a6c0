// DNS messages (RFC 1035, EDNS0 of RFC 6891) as bytes and as what they say. Whatever arrives, nothing here throws.

import {
  decode,
  encode,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  AUTHORITATIVE_ANSWER,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import type { Answer, Packet, RecordType } from "dns-packet";

export type DnsRecord = Answer;
export type QueryType = RecordType;

export const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Code = keyof typeof CODES;

export interface Question {
  /** As it was asked, in whatever case. */
  readonly name: string;
  readonly type: QueryType;
}

export interface Query {
  readonly id: number;
  readonly question: Question;
  readonly wantsRecursion: boolean;
  /** What the asker takes in one datagram, in bytes; undefined without EDNS0. */
  readonly payloadMax: number | undefined;
}

export interface Reply {
  readonly code: Code;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  readonly isAuthoritative: boolean;
}

/** A query that cannot be served; `code` says why. */
export interface BadQuery {
  readonly id: number;
  readonly code: Code;
  readonly question?: Question;
}

export interface UpstreamReply extends Omit<Reply, "isAuthoritative"> {
  readonly id: number;
  readonly question: Question | undefined;
  readonly isTruncated: boolean;
}

const HEADER_BYTES = 12;
/** Without EDNS0 (RFC 1035, 4.2.1). */
const PLAIN_MAX = 512;
/** More may be lost in fragments on the way; DNS flag day 2020. */
export const PAYLOAD_MAX = 1232;
/** The kind of message: four bits; queries are 0. */
const opcodeOf = (bytes: Buffer) => (bytes.readUInt8(2) >> 3) & 15;

/** Undefined for what must not be answered: what has no header, and answers, so that two servers never talk to each other. */
export function readQuery(bytes: Buffer): Query | BadQuery | undefined {
  if (bytes.length < HEADER_BYTES || isReply(bytes)) return undefined;
  const id = bytes.readUInt16BE(0);
  if (opcodeOf(bytes) !== 0) return { id, code: "NOTIMP" };
  const packet = decodeOrNothing(bytes);
  if (!packet) return { id, code: "FORMERR" };
  const [question, ...more] = packet.questions ?? [];
  if (!question || more.length > 0) return { id, code: "FORMERR" };
  const asked: Question = { name: question.name, type: question.type };
  if (question.class !== "IN") return { id, code: "REFUSED", question: asked };
  const edns = packet.additionals?.find((each) => each.type === "OPT");
  return {
    id,
    question: asked,
    wantsRecursion: packet.flag_rd,
    payloadMax: edns && Math.max(PLAIN_MAX, Math.min(edns.udpPayloadSize, PAYLOAD_MAX)),
  };
}

/** The bytes for a datagram, or for a stream where `limit` is that of a stream. What does not fit is left out and marked as truncated. */
export function writeReply(query: Query, reply: Reply, limit: number): Buffer {
  const whole = encodeReply(query, reply);
  if (whole.length <= limit) return whole;
  const bare = { ...reply, additionals: [] };
  const smaller = encodeReply(query, bare);
  if (smaller.length <= limit) return smaller;
  return encodeReply(query, { ...bare, answers: fitting(query, bare, limit) }, TRUNCATED_RESPONSE);
}

/** Whole records, as many as there is room for, so that askers who cannot use TCP have something. */
function fitting(query: Query, reply: Reply, limit: number): readonly DnsRecord[] {
  let [fits, tooMany] = [0, reply.answers.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    const bytes = encodeReply(query, { ...reply, answers: reply.answers.slice(0, middle), authorities: [] });
    if (bytes.length <= limit) fits = middle;
    else tooMany = middle;
  }
  return reply.answers.slice(0, fits);
}

export const datagramLimit = ({ payloadMax }: Query): number => payloadMax ?? PLAIN_MAX;
export const STREAM_LIMIT = 65_535;

function encodeReply({ id, question, wantsRecursion, payloadMax }: Query, reply: Reply, extraFlags = 0): Buffer {
  const { answers, isAuthoritative, code } = reply;
  const authorities = extraFlags === TRUNCATED_RESPONSE ? [] : reply.authorities;
  return encode({
    id,
    type: "response",
    flags:
      RECURSION_AVAILABLE |
      (wantsRecursion ? RECURSION_DESIRED : 0) |
      (isAuthoritative ? AUTHORITATIVE_ANSWER : 0) |
      extraFlags |
      CODES[code],
    questions: [{ ...question, class: "IN" }],
    answers: [...answers],
    authorities: [...authorities],
    additionals: [...reply.additionals, ...(payloadMax === undefined ? [] : [edns()])],
  });
}

export function writeRefusal({ id, code, question }: BadQuery): Buffer {
  return encode({
    id,
    type: "response",
    flags: CODES[code],
    questions: question ? [{ ...question, class: "IN" }] : [],
  });
}

/** A question to another server. */
export function writeQuery(id: number, { name, type }: Question): Buffer {
  const questions = [{ name, type, class: "IN" as const }];
  return encode({ id, type: "query", flags: RECURSION_DESIRED, questions, additionals: [edns()] });
}

/** Undefined for what is no answer. */
export function readReply(bytes: Buffer): UpstreamReply | undefined {
  if (bytes.length < HEADER_BYTES || !isReply(bytes)) return undefined;
  const packet = decodeOrNothing(bytes);
  if (!packet) return undefined;
  const [question] = packet.questions ?? [];
  const withoutEdns = (records: readonly Answer[] = []) => records.filter(({ type }) => type !== "OPT");
  return {
    id: bytes.readUInt16BE(0),
    question: question && { name: question.name, type: question.type },
    code: codeOf(bytes),
    isTruncated: packet.flag_tc,
    answers: withoutEdns(packet.answers),
    authorities: withoutEdns(packet.authorities),
    additionals: withoutEdns(packet.additionals),
  };
}

const isReply = (bytes: Buffer) => bytes.readUInt8(2) >= 128;

function codeOf(bytes: Buffer): Code {
  const number = bytes.readUInt8(3) & 15;
  const known = Object.entries(CODES).find(([, value]) => value === number);
  return (known?.[0] as Code | undefined) ?? "SERVFAIL";
}

function decodeOrNothing(bytes: Buffer) {
  try {
    return decode(bytes);
  } catch {
    // The decoder throws for whatever is malformed; the caller says so to the asker.
    return undefined;
  }
}

const edns = (): NonNullable<Packet["additionals"]>[number] => ({
  type: "OPT",
  name: ".",
  udpPayloadSize: PAYLOAD_MAX,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});
