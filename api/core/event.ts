// HEADER

import { validateEvent } from "./validate-event.ts";
import { eventColumns } from "./event-columns.ts";
import { objectReference } from "./reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, microTime, object, optional, present, required, string, time } from "../schema/schema.ts";

export const eventSource = object("io.k8s.api.core.v1.EventSource", "", {
  component: optional(1, string(), ""),
  host: optional(2, string(), ""),
});
export interface EventSource extends Infer<typeof eventSource> {}

export const eventSeries = object("io.k8s.api.core.v1.EventSeries", "", {
  count: optional(1, int32(), ""),
  lastObservedTime: optional(2, microTime(), ""),
});
export interface EventSeries extends Infer<typeof eventSeries> {}

export const event = kubeObject("io.k8s.api.core.v1.Event", "", {
  involvedObject: required(2, objectReference, ""),
  reason: optional(3, string(), ""),
  message: optional(4, string(), ""),
  source: present(5, eventSource, ""),
  firstTimestamp: optional(6, time(), ""),
  lastTimestamp: optional(7, time(), ""),
  count: optional(8, int32(), ""),
  type: optional(9, string(), ""),
  eventTime: optional(10, microTime(), ""),
  series: optional(11, eventSeries, ""),
  action: optional(12, string(), ""),
  related: optional(13, objectReference, ""),
  reportingComponent: optional(14, string(), ""),
  reportingInstance: optional(15, string(), ""),
});
export interface Event extends Infer<typeof event> {}

const TARGET_FIELDS = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const;

function selectableEventFields(event: Event): Record<string, string> {
  const { involvedObject: target, source, reportingComponent = "" } = event;
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
