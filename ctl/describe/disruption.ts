// Descriptions of PodDisruptionBudgets and ReplicationControllers. Pure.

import { entriesAt, listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { templateLines } from "./pod.ts";
import { annotationLines, mapLines, renderLabelSelector, renderMap, type Lines } from "./text.ts";
import { renderPhases } from "./workloads.ts";

const countAt = (object: AnyObject, ...path: readonly string[]) => textAt(object, ...path) || "0";

const named = ({ metadata }: AnyObject): Lines => [
  `Name:\t${metadata.name}`,
  `Namespace:\t${metadata.namespace ?? ""}`,
];

export const disruptionBudgetDescriber: Describer = {
  describe: ({ object, events, nowMs }) => [
    ...named(object),
    ...boundLines(object),
    `Selector:\t${renderSelector(valueAt(object, "spec", "selector"))}`,
    "Status:",
    `    Allowed disruptions:\t${countAt(object, "status", "disruptionsAllowed")}`,
    `    Current:\t${countAt(object, "status", "currentHealthy")}`,
    `    Desired:\t${countAt(object, "status", "desiredHealthy")}`,
    `    Total:\t${countAt(object, "status", "expectedPods")}`,
    ...eventLines(events, nowMs),
  ],
};

const renderSelector = (selector: unknown) => (selector === undefined ? "<unset>" : renderLabelSelector(selector));

/** A budget has one of the two. */
function boundLines(object: AnyObject): Lines {
  const minAvailable = textAt(object, "spec", "minAvailable");
  if (minAvailable !== "") return [`Min available:\t${minAvailable}`];
  const maxUnavailable = textAt(object, "spec", "maxUnavailable");
  return maxUnavailable === "" ? [] : [`Max unavailable:\t${maxUnavailable}`];
}

export const replicationControllerDescriber: Describer = {
  related: (object) => {
    const selector = entriesAt(object, "spec", "selector").map(([key, value]) => `${key}=${String(value)}`);
    const path = `/api/v1/namespaces/${object.metadata.namespace ?? ""}/pods`;
    return { pods: { path, labelSelector: selector.join(",") } };
  },
  describe: ({ object, events, related, nowMs }) => [
    ...named(object),
    `Selector:\t${renderMap(object, "spec", "selector")}`,
    ...mapLines("Labels", object, "metadata", "labels"),
    ...annotationLines("Annotations", object, "metadata", "annotations"),
    `Replicas:\t${countAt(object, "status", "replicas")} current / ${countAt(object, "spec", "replicas")} desired`,
    `Pods Status:\t${renderPhases(object, related.pods ?? [])}`,
    ...templateLines(valueAt(object, "spec", "template")),
    ...conditionLines(listAt(object, "status", "conditions")),
    ...eventLines(events, nowMs),
  ],
};

function conditionLines(conditions: readonly unknown[]): Lines {
  if (conditions.length === 0) return [];
  const rows = conditions.map(
    (each) => `  ${textAt(each, "type")} \t${textAt(each, "status")}\t${textAt(each, "reason")}`,
  );
  return ["Conditions:", "  Type\tStatus\tReason", "  ----\t------\t------", ...rows];
}
