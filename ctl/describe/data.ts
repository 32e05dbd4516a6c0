// Descriptions of ConfigMaps, Secrets, ServiceAccounts and Namespaces. Pure.

import { entriesAt, listAt, textAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { quotaLines, rangeLines } from "./limits.ts";
import { headLines, type Lines } from "./text.ts";

export const configMapDescriber: Describer = {
  describe: ({ object, events, nowMs }) => [
    ...headLines(object),
    "",
    "Data",
    "====",
    ...entriesAt(object, "data").flatMap(([key, value]) => [`${key}:`, "----", ...String(value).split("\n"), ""]),
    "",
    "BinaryData",
    "====",
    ...entriesAt(object, "binaryData").map(([key, value]) => `${key}: ${byteCount(value)} bytes`),
    "",
    ...eventLines(events, nowMs),
  ],
};

const byteCount = (base64: unknown) => Buffer.from(String(base64), "base64").length;

/** Shows how long the values are, and never what they are. */
export const secretDescriber: Describer = {
  describe: ({ object }) => [
    ...headLines(object),
    "",
    `Type:\t${textAt(object, "type")}`,
    "",
    "Data",
    "====",
    ...entriesAt(object, "data").map(([key, value]) => `${key}:\t${byteCount(value)} bytes`),
  ],
};

export const serviceAccountDescriber: Describer = {
  describe: ({ object, events, nowMs }) => [
    ...headLines(object),
    ...nameLines("Image pull secrets", object, "imagePullSecrets"),
    ...nameLines("Mountable secrets", object, "secrets"),
    "Tokens:\t<none>",
    ...eventLines(events, nowMs),
  ],
};

function nameLines(title: string, object: AnyObject, field: string): Lines {
  const names = listAt(object, field).map((each) => textAt(each, "name"));
  if (names.length === 0) return [`${title}:\t<none>`];
  return names.map((name, index) => `${index === 0 ? `${title}:` : ""}\t${name}`);
}

export const namespaceDescriber: Describer = {
  related: ({ metadata: { name = "" } }) => ({
    quotas: { path: `/api/v1/namespaces/${name}/resourcequotas` },
    ranges: { path: `/api/v1/namespaces/${name}/limitranges` },
  }),
  describe: ({ object, related }) => [
    ...headLines(object),
    `Status:\t${textAt(object, "status", "phase")}`,
    ...conditionLines(object),
    ...quotaLines(related.quotas),
    ...rangeLines(related.ranges),
  ],
};

function conditionLines(object: AnyObject): Lines {
  const conditions = listAt(object, "status", "conditions");
  if (conditions.length === 0) return [];
  const rows = conditions.map(
    (each) =>
      `  ${["type", "status", "lastTransitionTime", "reason", "message"].map((field) => textAt(each, field)).join("\t")}`,
  );
  return [
    "Conditions:",
    "  Type\tStatus\tLastTransitionTime\tReason\tMessage",
    "  ----\t------\t------------------\t------\t-------",
    ...rows,
  ];
}
