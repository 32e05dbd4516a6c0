// Whether a framework is there: when it was last heard of, how often in a row it has let offers expire, and what follows from
// that. Each silent round makes the next offers come later, so that a framework which answers nothing keeps nothing from others;
// one that has been silent for its failover timeout gets none until it is heard of again. Pure.

import type { Framework, FrameworkStatus } from "../../api/kctl-scheduling/framework.ts";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { formatMicroTime } from "../../lib/clock.ts";

const BACK_OFF_MS = 5_000;
const BACK_OFF_MAX_MS = 300_000;
const FAILOVER_SECONDS = 300;

export interface Connection {
  /** When the framework was last heard of; undefined: never. */
  readonly lastContactMs: number | undefined;
  readonly unansweredRounds: number;
  /** No offers before. */
  readonly resumeMs: number | undefined;
  /** Since when it has been gone; undefined: it is there. */
  readonly silentSinceMs: number | undefined;
  /** When it will be gone unless it is heard of. */
  readonly goneAtMs: number | undefined;
}

export const timeOf = (text: string | undefined): number | undefined => (text ? Date.parse(text) : undefined);

interface Seen {
  readonly nowMs: number;
  /** The framework's own. */
  readonly offers: readonly Offer[];
  /** Whether any of them expires now. */
  readonly hasExpired: boolean;
}

export function judgeConnection(framework: Framework, seen: Seen): Connection {
  const { nowMs, offers, hasExpired } = seen;
  const { metadata, spec, status } = framework;
  const known = timeOf(status.lastContactTime);
  const answers = offers.map((each) => timeOf(each.status.answeredTime));
  const lastContactMs = latest([known, timeOf(status.revivedTime), ...answers]);
  const isNews = lastContactMs !== undefined && lastContactMs > (known ?? -Infinity);
  const rounds = (isNews ? 0 : (status.unansweredRounds ?? 0)) + (hasExpired ? 1 : 0);
  const resumeBefore = isNews ? undefined : timeOf(status.offersResumeTime);
  const sinceMs = lastContactMs ?? Date.parse(metadata.creationTimestamp);
  const goneAtMs = rounds > 0 ? sinceMs + failoverMs(spec) : undefined;
  return {
    lastContactMs,
    unansweredRounds: rounds,
    resumeMs: hasExpired ? nowMs + backOffMs(rounds) : resumeBefore,
    goneAtMs,
    silentSinceMs: goneAtMs !== undefined && goneAtMs <= nowMs ? sinceMs : undefined,
  };
}

const failoverMs = ({ failoverTimeoutSeconds = FAILOVER_SECONDS }: Framework["spec"]) => failoverTimeoutSeconds * 1000;

const backOffMs = (rounds: number) => Math.min(BACK_OFF_MS * 2 ** Math.min(rounds - 1, 10), BACK_OFF_MAX_MS);

function latest(times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((each) => each !== undefined);
  return given.length > 0 ? Math.max(...given) : undefined;
}

/** The fields of the status that say so. */
export const connectionStatus = ({
  lastContactMs,
  unansweredRounds,
  resumeMs,
}: Connection): Partial<FrameworkStatus> => ({
  lastContactTime: lastContactMs === undefined ? undefined : formatMicroTime(lastContactMs),
  unansweredRounds: unansweredRounds > 0 ? unansweredRounds : undefined,
  offersResumeTime: resumeMs === undefined ? undefined : formatMicroTime(resumeMs),
});
