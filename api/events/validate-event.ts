// Rules for events that are written through events.k8s.io, from Kubernetes' validation: they are complete, of the newer form,
// and do not change but for the series that counts their repetitions. Kubernetes reports them by the names of the core group.

import { toCoreEvent } from "./convert-event.ts";
import type { Event as EventV1 } from "./event.ts";
import type { Event } from "../core/event.ts";
import { validateEventForm } from "../core/validate-event.ts";
import { checkRequired, checkUnchanged, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateEventV1(sent: EventV1, oldSent?: EventV1): FieldError[] {
  const event = toCoreEvent(sent);
  const old = oldSent && toCoreEvent(oldSent);
  return [
    ...validateEventForm(event, "reportingController"),
    ...validateMetadata(event, old, { name: subdomainProblems }),
    ...(old ? validateChange(event, old) : validateNew(event)),
  ];
}

const OLD_FIELDS = ["firstTimestamp", "lastTimestamp", "count"] as const;

function validateNew(event: Event): Errors {
  const { eventTime, type = "", source } = event;
  const isKnown = type === "Normal" || type === "Warning";
  const unset = "needs to be unset";
  return [
    ...validateSeries(event),
    ...checkRequired("eventTime", eventTime),
    ...when(!isKnown, invalidField("type", "", `has invalid value: ${type}`)),
    ...OLD_FIELDS.filter((name) => event[name]).map((name) => invalidField(name, "", unset)),
    ...when(source.component || source.host, invalidField("source", "", unset)),
  ];
}

const FIXED = {
  involvedObject: "involvedObject",
  reason: "reason",
  message: "message",
  source: "source",
  firstTimestamp: "firstTimestamp",
  lastTimestamp: "lastTimestamp",
  count: "count",
  type: "type",
  eventTime: "eventTime",
  action: "action",
  related: "related",
  reportingComponent: "reportingController",
  reportingInstance: "reportingInstance",
} as const;

function validateChange(event: Event, old: Event): Errors {
  const names = Object.keys(FIXED) as (keyof typeof FIXED)[];
  return [
    ...(semanticEqual(event.series, old.series) ? [] : validateSeries(event)),
    ...names.flatMap((name) => checkUnchanged(FIXED[name], event[name], old[name])),
  ];
}

function validateSeries({ series }: Event): Errors {
  if (!series) return [];
  const isSingle = (series.count ?? 0) < 2;
  return [
    ...when(isSingle, invalidField("series.count", "", "should be at least 2")),
    ...checkRequired("series.lastObservedTime", series.lastObservedTime),
  ];
}
