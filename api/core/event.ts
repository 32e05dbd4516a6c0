// Event: a report of something that happened to an object. Events expire, and nothing may depend on them.

import { validateEvent } from "./validate-event.ts";
import { eventColumns } from "./event-columns.ts";
import { objectReference, type ObjectReference } from "./reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  microTime,
  object,
  optional,
  present,
  presentRequired,
  string,
  time,
} from "../schema/schema.ts";

export const eventSource = object("io.k8s.api.core.v1.EventSource", "A component that reports events.", {
  component: optional(1, string(), "The name of the component."),
  host: optional(2, string(), "The node that it runs on."),
});
export interface EventSource extends Infer<typeof eventSource> {}

export const eventSeries = object("io.k8s.api.core.v1.EventSeries", "Repetitions of an event.", {
  count: optional(1, int32(), "How often it has happened."),
  lastObservedTime: optional(2, microTime(), "When it was last observed."),
});
export interface EventSeries extends Infer<typeof eventSeries> {}

export const event = kubeObject(
  "io.k8s.api.core.v1.Event",
  "A report of something that happened to an object. Events are kept for a limited time.",
  {
    involvedObject: presentRequired(2, objectReference, "The object that it is about."),
    reason: optional(3, string(), "Why it happened, in one CamelCase word for programs."),
    message: optional(4, string(), "What happened, in words."),
    source: present(5, eventSource, "The component that reported it. Newer reporters use reportingComponent."),
    firstTimestamp: optional(6, time(), "When it was first reported."),
    lastTimestamp: optional(7, time(), "When it was last reported."),
    count: optional(8, int32(), "How often it has happened."),
    type: optional(9, string(), "Normal or Warning."),
    eventTime: optional(10, microTime(), "When it was first observed, to the microsecond."),
    series: optional(11, eventSeries, "How often and until when it has happened, where it has more than once."),
    action: optional(12, string(), "What was done, or what failed, for the object."),
    related: optional(13, objectReference, "A second object that has to do with it."),
    reportingComponent: optional(
      14,
      string(),
      "The name of the controller that reported it, such as kubernetes.io/kubelet.",
    ),
    reportingInstance: optional(15, string(), "The instance of the controller, such as its host."),
  },
);
export interface Event extends Infer<typeof event> {}

const TARGET_FIELDS = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const;

function selectableEventFields(event: Event): Record<string, string> {
  const { source, reportingComponent = "" } = event;
  const target: ObjectReference = event.involvedObject ?? {};
  return {
    ...Object.fromEntries(TARGET_FIELDS.map((name) => [`involvedObject.${name}`, target[name] ?? ""])),
    reason: event.reason ?? "",
    reportingComponent: reportingComponent || source.component || "",
    source: source.component || reportingComponent,
    type: event.type ?? "",
  };
}

export const events: ResourceDefinition<Event> = {
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  schema: event,
  columns: eventColumns,
  validate: validateEvent,
  selectableFields: selectableEventFields,
};
