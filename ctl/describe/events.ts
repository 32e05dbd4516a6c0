// The events at the end of descriptions. Pure.

import { textAt, valueAt, type AnyObject } from "../any-object.ts";
import { renderSince, type Lines } from "./text.ts";

export function eventLines(events: readonly AnyObject[], nowMs: number): Lines {
  if (events.length === 0) return ["Events:\t<none>"];
  const sorted = [...events].sort((one, other) => lastSeen(one).localeCompare(lastSeen(other)));
  return [
    "Events:",
    "  Type\tReason\tAge\tFrom\tMessage",
    "  ----\t------\t----\t----\t-------",
    ...sorted.map((event) => {
      const source = textAt(event, "source", "component") || textAt(event, "reportingComponent");
      const cells = [textAt(event, "type"), textAt(event, "reason"), ageOf(event, nowMs), source];
      return `  ${[...cells, textAt(event, "message").trim()].join("\t")}`;
    }),
  ];
}

const lastSeen = (event: AnyObject) =>
  textAt(event, "series", "lastObservedTime") || textAt(event, "lastTimestamp") || textAt(event, "eventTime");

function ageOf(event: AnyObject, nowMs: number): string {
  const first = renderSince(valueAt(event, "eventTime") ?? valueAt(event, "firstTimestamp"), nowMs);
  const count = Number(textAt(event, "series", "count") || textAt(event, "count"));
  return count > 1 ? `${renderSince(lastSeen(event), nowMs)} (x${count} over ${first})` : first;
}
