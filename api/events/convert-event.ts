// Between the events of the core group, which are stored, and those of events.k8s.io. They are the same under other names.

import type { Event as EventV1 } from "./event.ts";
import type { Event } from "../core/event.ts";
import { definedFields } from "../meta/defined-fields.ts";

export function toCoreEvent(event: EventV1): Event {
  const { regarding, note, reportingController, ...same } = event;
  const { deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...rest } = same;
  return definedFields({
    ...rest,
    apiVersion: "v1",
    involvedObject: regarding ?? {},
    message: note,
    reportingComponent: reportingController,
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
  });
}

/** Events of the core group need no event time. Where they have none, neither has this. */
export function toEventV1(event: Event): EventV1 {
  const { involvedObject, message, reportingComponent, source, ...same } = event;
  const { firstTimestamp, lastTimestamp, count, eventTime, ...rest } = same;
  return definedFields({
    ...rest,
    apiVersion: "events.k8s.io/v1",
    eventTime: eventTime as string,
    regarding: involvedObject ?? {},
    note: message,
    reportingController: reportingComponent,
    deprecatedSource: source ?? {},
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  }) as EventV1;
}
