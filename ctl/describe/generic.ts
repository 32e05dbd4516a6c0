// The description of kinds that have none of their own: all fields, one to a line. Pure.

import type { AnyObject } from "../any-object.ts";
import { renderGoValue } from "../printers/go-text.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { headLines, type Lines } from "./text.ts";

export const genericDescriber: Describer = {
  describe: ({ object, events, nowMs }) => [
    ...headLines(object),
    ...fieldLines(shownFields(object), 0),
    ...eventLines(events, nowMs),
  ],
};

/** Without what the head says, and the book-keeping of server-side apply. */
function shownFields(object: AnyObject): Readonly<Record<string, unknown>> {
  const hidden = ["name", "namespace", "labels", "annotations", "managedFields"];
  const metadata = Object.entries(object.metadata).filter(([name]) => !hidden.includes(name));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

function fieldLines(fields: Readonly<Record<string, unknown>>, level: number): Lines {
  const indent = "  ".repeat(level);
  return Object.entries(fields)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, value]) => {
      const label = `${indent}${labelOf(name)}:`;
      if (Array.isArray(value)) return [label, ...value.flatMap((item) => itemLines(item, level + 1))];
      if (isMap(value)) return [label, ...fieldLines(value, level + 1)];
      return [`${label}\t${renderGoValue(value)}`];
    });
}

const itemLines = (item: unknown, level: number): Lines =>
  isMap(item) ? fieldLines(item, level) : [`${"  ".repeat(level)}${renderGoValue(item)}`];

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const ACRONYMS = ["API", "URL", "UID", "OSB", "GUID"];

/** `creationTimestamp` is `Creation Timestamp`; names that are no identifiers stay as they are. */
function labelOf(name: string): string {
  if (!/^[a-zA-Z0-9]+$/.test(name)) return name;
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[A-Z]/g) ?? [name];
  return words
    .map((word) => {
      const upper = word.toUpperCase();
      return ACRONYMS.includes(upper) ? upper : word.charAt(0).toUpperCase() + word.slice(1);
    })
    .join(" ");
}
