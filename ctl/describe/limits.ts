// Descriptions of what limits a namespace: its resource quotas and its limit ranges. Pure.

import { parseQuantity, quantityOf, quantityValue, renderQuantity } from "../../api/meta/quantity.ts";
import { entriesAt, listAt, textAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import type { Lines } from "./text.ts";

const named = (object: AnyObject): Lines => [
  `Name:\t${object.metadata.name}`,
  `Namespace:\t${object.metadata.namespace ?? ""}`,
];

export const quotaDescriber: Describer = {
  describe: ({ object }) => [
    ...named(object),
    ...scopeLines(object),
    "Resource\tUsed\tHard",
    "--------\t----\t----",
    ...amountLines(object),
  ],
};

export const limitRangeDescriber: Describer = {
  describe: ({ object }) => [...named(object), ...limitLines(object)],
};

/** As part of the description of a namespace; nothing where the server has no quotas at all. */
export function quotaLines(quotas: readonly AnyObject[] | undefined): Lines {
  if (!quotas) return [];
  if (quotas.length === 0) return ["", "No resource quota."];
  const lines = quotas.flatMap((quota) => [
    `Name:\t${quota.metadata.name}`,
    ...scopeLines(quota).map((line) => line.trimStart()),
    "Resource\tUsed\tHard",
    "--------\t---\t---",
    ...amountLines(quota),
  ]);
  return ["", "Resource Quotas", ...lines.map((line) => `  ${line}`)];
}

/** As part of the description of a namespace. */
export function rangeLines(ranges: readonly AnyObject[] | undefined): Lines {
  if (!ranges) return [];
  if (ranges.length === 0) return ["", "No LimitRange resource."];
  return ["", "Resource Limits", ...ranges.flatMap(limitLines).map((line) => ` ${line}`)];
}

const SCOPES: Readonly<Record<string, string>> = {
  Terminating: "Counts pods that have an active deadline.",
  NotTerminating: "Counts pods that have no active deadline.",
  BestEffort: "Counts pods that neither ask for resources nor limit them.",
  NotBestEffort: "Counts pods that ask for resources or limit them.",
};

function scopeLines(quota: AnyObject): Lines {
  const scopes = listAt(quota, "spec", "scopes").map(String).sort();
  if (scopes.length === 0) return [];
  const meanings = scopes.flatMap((scope) => (Object.hasOwn(SCOPES, scope) ? [` * ${SCOPES[scope]}`] : []));
  return [`Scopes:\t${scopes.join(", ")}`, ...meanings];
}

const amountLines = (quota: AnyObject): Lines =>
  entriesAt(quota, "status", "hard")
    .map(([name, hard]) => `${name}\t${usedOf(textAt(quota, "status", "used", name), String(hard))}\t${String(hard)}`)
    .sort();

/** In the way in which the limit is written. */
function usedOf(used: string, hard: string): string {
  const [amount, limit] = [parseQuantity(used || "0"), parseQuantity(hard)];
  return amount.format === limit.format
    ? renderQuantity(amount)
    : renderQuantity(quantityOf(quantityValue(amount), limit.format));
}

const LIMITS = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];

function limitLines(range: AnyObject): Lines {
  const lines = listAt(range, "spec", "limits").flatMap((item) => {
    const names = new Set(LIMITS.flatMap((field) => entriesAt(item, field).map(([name]) => name)));
    return [...names].sort().map((name) => {
      const amounts = LIMITS.map((field) => textAt(item, field, name) || "-");
      return [textAt(item, "type"), name, ...amounts].join("\t");
    });
  });
  return [
    "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio",
    "----\t--------\t---\t---\t---------------\t-------------\t-----------------------",
    ...lines,
  ];
}
