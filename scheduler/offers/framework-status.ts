// What the status of a framework says: what it holds, whether it is there, and what has become of its earlier offers. Pure.

import type { Framework, FrameworkStatus } from "../../api/kctl-scheduling/framework.ts";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import { definedFields } from "../../api/meta/defined-fields.ts";
import { formatTime } from "../../lib/clock.ts";
import { renderAmounts } from "../queues/amounts.ts";
import { connectionStatus, type Connection } from "./connection.ts";
import type { Standing } from "./plan-offers.ts";

const COUNTED = { Accepted: "accepted", Declined: "declined", Rescinded: "rescinded", Expired: "expired" } as const;

/** `settled`: the offers that are removed with this status, and so are counted now. */
export function frameworkStatusOf(standing: Standing, settled: readonly Offer[], nowMs: number): FrameworkStatus {
  const { framework, connection, allocated, offered, outstanding, dominantShare } = standing;
  const { status, metadata } = framework;
  const sum = (key: "tasksStarted" | "conflicts") =>
    settled.reduce((total, offer) => total + (offer.status[key] ?? 0), Number(status[key] ?? 0));
  return definedFields({
    ...status,
    ...connectionStatus(connection),
    observedGeneration: metadata.generation,
    allocated: listed(allocated),
    offered: listed(offered),
    dominantShare: dominantShare.toFixed(4),
    outstandingOffers: outstanding,
    offers: countOffers(status.offers, settled),
    tasksStarted: sum("tasksStarted"),
    conflicts: sum("conflicts"),
    conditions: setCondition(status.conditions, connectedCondition(framework, connection, nowMs)),
  });
}

const listed = (amounts: Standing["allocated"]) =>
  Object.keys(amounts).length > 0 ? renderAmounts(amounts) : undefined;

function countOffers(before: FrameworkStatus["offers"], settled: readonly Offer[]): FrameworkStatus["offers"] {
  const counts: Record<string, number> = { ...before };
  for (const { status } of settled) {
    if (!status.phase || status.phase === "Outstanding") continue;
    const name = COUNTED[status.phase];
    counts[name] = Number(counts[name] ?? 0) + 1;
  }
  return Object.keys(counts).length > 0 ? counts : undefined;
}

function connectedCondition({ metadata }: Framework, { silentSinceMs, unansweredRounds }: Connection, nowMs: number) {
  const common = {
    type: "Connected",
    lastTransitionTime: formatTime(nowMs),
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
  };
  if (silentSinceMs !== undefined) {
    const message = `nothing was heard of it since ${formatTime(silentSinceMs)}; it gets offers again once it is revived`;
    return { ...common, status: "False" as const, reason: "Silent", message };
  }
  if (unansweredRounds > 0) {
    const message = `its offers have expired unanswered, ${unansweredRounds} times in a row; the next come later`;
    return { ...common, status: "True" as const, reason: "NotAnswering", message };
  }
  return { ...common, status: "True" as const, reason: "Answering", message: "" };
}
