// HEADER: say what Event is and what it must never do.

import { eventSource } from "../core/event.ts";
import { objectReference } from "../core/reference.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, int32, microTime, object, optional, required, string, time } from "../schema/schema.ts";

export const eventSeries = object("io.k8s.api.events.v1.EventSeries", "", {
  count: required(1, int32(), ""),
  lastObservedTime: required(2, microTime(), ""),
});
export interface EventSeries extends Infer<typeof eventSeries> {}

export const event = kubeObject("io.k8s.api.events.v1.Event", "", {
  eventTime: required(2, microTime(), ""),
  series: optional(3, eventSeries, ""),
  reportingController: optional(4, string(), ""),
  reportingInstance: optional(5, string(), ""),
  action: optional(6, string(), ""),
  reason: optional(7, string(), ""),
  regarding: optional(8, objectReference, ""),
  related: optional(9, objectReference, ""),
  note: optional(10, string(), ""),
  type: optional(11, string(), ""),
  deprecatedSource: optional(12, eventSource, ""),
  deprecatedFirstTimestamp: optional(13, time(), ""),
  deprecatedLastTimestamp: optional(14, time(), ""),
  deprecatedCount: optional(15, int32(), ""),
});
export interface Event extends Infer<typeof event> {}

export const eventsV1: ResourceDefinition<Event> = {
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  scope: "Namespaced",
  schema: event,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
