// Event, as events.k8s.io names its fields. It is stored as an event of the core group; convert-event.ts turns one into the
// other, and validate-event.ts has the rules that hold only here.

import { toCoreEvent, toEventV1 } from "./convert-event.ts";
import { validateEventV1 } from "./validate-event.ts";
import { eventColumns } from "../core/event-columns.ts";
import { events, eventSource, type Event as CoreEvent } from "../core/event.ts";
import { objectReference } from "../core/reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, microTime, object, optional, present, required, string, time } from "../schema/schema.ts";

export const eventSeries = object("io.k8s.api.events.v1.EventSeries", "Repetitions of an event.", {
  count: required(1, int32(), "How often it has happened; at least 2."),
  lastObservedTime: required(2, microTime(), "When it was last observed."),
});
export interface EventSeries extends Infer<typeof eventSeries> {}

export const event = kubeObject(
  "io.k8s.api.events.v1.Event",
  "A report of something that happened to an object. Events are kept for a limited time, and nothing may depend on them.",
  {
    eventTime: required(2, microTime(), "When it was first observed, to the microsecond."),
    series: optional(3, eventSeries, "How often and until when it has happened, where it has more than once."),
    reportingController: optional(
      4,
      string(),
      "The name of the controller that reported it, such as kubernetes.io/kubelet.",
    ),
    reportingInstance: optional(
      5,
      string(),
      "The instance of the controller, such as its host; 128 characters at most.",
    ),
    action: optional(6, string(), "What was done, or what failed, for the object; 128 characters at most."),
    reason: optional(7, string(), "Why it was done, in one CamelCase word for programs; 128 characters at most."),
    regarding: present(8, objectReference, "The object that it is about."),
    related: optional(9, objectReference, "A second object that has to do with it."),
    note: optional(10, string(), "What happened, in words; 1024 characters at most."),
    type: optional(11, string(), "Normal or Warning."),
    deprecatedSource: present(12, eventSource, "The source of an event of the core group. New events cannot have it."),
    deprecatedFirstTimestamp: optional(
      13,
      time(),
      "When an event of the core group was first reported. New events cannot have it.",
    ),
    deprecatedLastTimestamp: optional(
      14,
      time(),
      "When an event of the core group was last reported. New events cannot have it.",
    ),
    deprecatedCount: optional(
      15,
      int32(),
      "How often an event of the core group has happened. New events cannot have it.",
    ),
  },
);
export interface Event extends Infer<typeof event> {}

const SELECTABLE = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const;

function selectableEventFields(event: Event): Record<string, string> {
  const { reportingController = "", reason = "", type = "", regarding = {} } = event;
  const target = SELECTABLE.map((name) => [`regarding.${name}`, regarding[name] ?? ""] as const);
  return { ...Object.fromEntries(target), reason, type, reportingController };
}

export const eventsV1: ResourceDefinition<Event> = {
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  schema: event,
  validate: validateEventV1,
  columns: eventColumns.map((column) => ({
    ...column,
    cell: (object, nowMs) => column.cell(toCoreEvent(object), nowMs),
  })),
  selectableFields: selectableEventFields,
  conversion: {
    stored: events,
    toStored: (object) => toCoreEvent(object as Event),
    fromStored: (object) => toEventV1(object as CoreEvent),
  },
};
