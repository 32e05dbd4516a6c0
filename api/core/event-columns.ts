// The columns of `kctl get events`. Events come in two forms: an older one that counts and keeps a first and a last time,
// and a newer one with an event time and a series.

import type { Event } from "./event.ts";
import { renderAge } from "../meta/human-duration.ts";
import { column, wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

const firstSeen = (event: Event) => event.firstTimestamp || event.eventTime;
const lastSeen = (event: Event) =>
  event.series ? event.series.lastObservedTime : event.lastTimestamp || firstSeen(event);

function renderTarget({ involvedObject }: Event): string {
  const { kind = "", name } = involvedObject ?? {};
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function renderSource({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source.component || reportingComponent || "";
  const host = source.host || reportingInstance;
  return host ? `${component}, ${host}` : component;
}

export const eventColumns: readonly Column<Event>[] = [
  column("Last Seen", { description: "How long ago this happened last." }, (event, nowMs) =>
    renderAge(lastSeen(event), nowMs),
  ),
  column("Type", { description: "Normal, or Warning." }, (event) => event.type ?? ""),
  column("Reason", { description: "Why it happened, in one word." }, (event) => event.reason ?? ""),
  column("Object", { description: "The object that it happened to." }, renderTarget),
  wideColumn(
    "Subobject",
    { description: "The part of the object that it happened to." },
    (event) => event.involvedObject?.fieldPath ?? "",
  ),
  wideColumn("Source", { description: "The component that reported it, and its host." }, renderSource),
  column("Message", { description: "What happened, in words." }, (event) => (event.message ?? "").trim()),
  wideColumn("First Seen", { description: "How long ago this happened first." }, (event, nowMs) =>
    renderAge(firstSeen(event), nowMs),
  ),
  wideColumn(
    "Count",
    { description: "How often it happened." },
    (event) => (event.series ? event.series.count : event.count) || 1,
  ),
  wideColumn("Name", { description: "The name of the event." }, (event) => event.metadata.name),
];
