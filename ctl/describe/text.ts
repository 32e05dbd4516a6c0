// The building blocks of descriptions, laid out as kubectl lays them out: lines with tabs, aligned at the end. Pure.

import { humanDuration } from "../../api/meta/human-duration.ts";
import { entriesAt, listAt, textAt, valueAt } from "../any-object.ts";

/** Lines with tabs in them, without newlines. */
export type Lines = readonly string[];

export const orNone = (text: string): string => text || "<none>";

/** `Mon, 02 Jan 2006 15:04:05 +0000`, in the machine's time zone; `<unset>` for no time. */
export function renderTime(time: unknown): string {
  if (typeof time !== "string" || time === "") return "<unset>";
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${DAYS[date.getDay()]}, ${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** How long ago; `<unknown>` for no time. */
export const renderSince = (time: unknown, nowMs: number): string =>
  typeof time === "string" && time !== "" ? humanDuration(nowMs - Date.parse(time)) : "<unknown>";

/** A map with one entry to a line. */
export function mapLines(title: string, object: unknown, ...path: readonly string[]): Lines {
  const entries = entriesAt(object, ...path);
  if (entries.length === 0) return [`${title}:\t<none>`];
  return entries.map(([key, value], index) => `${index === 0 ? `${title}:` : ""}\t${key}=${String(value)}`);
}

const ANNOTATION_LENGTH_MAX = 140;
const HIDDEN = new Set(["kubectl.kubernetes.io/last-applied-configuration"]);

export function annotationLines(title: string, object: unknown, ...path: readonly string[]): Lines {
  const entries = entriesAt(object, ...path).filter(([key]) => !HIDDEN.has(key));
  if (entries.length === 0) return [`${title}:\t<none>`];
  return entries.flatMap(([key, value], index) => {
    const text = String(value).replace(/\n$/, "");
    const start = `${index === 0 ? `${title}:` : ""}\t`;
    const isLong = text.length + key.length + 2 > ANNOTATION_LENGTH_MAX || text.includes("\n");
    return isLong
      ? [`${start}${key}:`, ...text.split("\n").map((line) => `\t  ${shorten(line)}`)]
      : [`${start}${key}: ${text}`];
  });
}

const shorten = (text: string) =>
  text.length > ANNOTATION_LENGTH_MAX - 2 ? `${text.slice(0, ANNOTATION_LENGTH_MAX - 2)}...` : text;

/** What most descriptions begin with. */
export function headLines(object: unknown): Lines {
  const namespace = textAt(object, "metadata", "namespace");
  return [
    `Name:\t${textAt(object, "metadata", "name")}`,
    ...(namespace ? [`Namespace:\t${namespace}`] : []),
    ...mapLines("Labels", object, "metadata", "labels"),
    ...annotationLines("Annotations", object, "metadata", "annotations"),
  ];
}

/** `ReplicaSet/web-1`; "" where nothing controls the object. */
export function controllerOf(object: unknown): string {
  const owner = listAt(object, "metadata", "ownerReferences").find((each) => valueAt(each, "controller") === true);
  return owner ? `${textAt(owner, "kind")}/${textAt(owner, "name")}` : "";
}

/** A LabelSelector as one line. */
export function renderLabelSelector(selector: unknown): string {
  const labels = entriesAt(selector, "matchLabels").map(([key, value]) => `${key}=${String(value)}`);
  const rules = listAt(selector, "matchExpressions").map((rule) => {
    const [key, operator] = [textAt(rule, "key"), textAt(rule, "operator")];
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${listAt(rule, "values").map(String).join(",")})`;
  });
  return orNone([...labels, ...rules].join(","));
}

/** `a=1,b=2`. */
export const renderMap = (object: unknown, ...path: readonly string[]): string =>
  orNone(
    entriesAt(object, ...path)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(","),
  );

export const indented = (spaces: number, lines: Lines): Lines => lines.map((line) => " ".repeat(spaces) + line);

export const labelled = (label: string, value: string): Lines => (value === "" ? [] : [`${label}:\t${value}`]);
