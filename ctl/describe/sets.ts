// Descriptions of StatefulSets and DaemonSets. Pure.

import { listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { templateLines } from "./pod.ts";
import { annotationLines, indented, mapLines, renderLabelSelector, renderMap, renderTime, type Lines } from "./text.ts";
import { renderPhases, selectorQuery } from "./workloads.ts";

const ownPods: Describer["related"] = (object) => ({
  pods: { path: `/api/v1/namespaces/${object.metadata.namespace ?? ""}/pods`, labelSelector: selectorQuery(object) },
});

const countAt = (object: AnyObject, ...path: readonly string[]) => textAt(object, ...path) || "0";

export const statefulSetDescriber: Describer = {
  related: ownPods,
  describe: ({ object, events, related, nowMs }) => [
    `Name:\t${object.metadata.name}`,
    `Namespace:\t${object.metadata.namespace}`,
    `CreationTimestamp:\t${renderTime(object.metadata.creationTimestamp)}`,
    `Selector:\t${renderLabelSelector(valueAt(object, "spec", "selector"))}`,
    ...mapLines("Labels", object, "metadata", "labels"),
    ...annotationLines("Annotations", object, "metadata", "annotations"),
    `Replicas:\t${countAt(object, "spec", "replicas")} desired | ${countAt(object, "status", "replicas")} total`,
    `Update Strategy:\t${textAt(object, "spec", "updateStrategy", "type")}`,
    ...partitionLines(object),
    `Pods Status:\t${renderPhases(object, related.pods ?? [])}`,
    ...templateLines(valueAt(object, "spec", "template")),
    ...claimLines(listAt(object, "spec", "volumeClaimTemplates")),
    ...eventLines(events, nowMs),
  ],
};

function partitionLines(object: AnyObject): Lines {
  const partition = textAt(object, "spec", "updateStrategy", "rollingUpdate", "partition");
  return partition === "" ? [] : [`  Partition:\t${partition}`];
}

function claimLines(templates: readonly unknown[]): Lines {
  if (templates.length === 0) return ["Volume Claims:\t<none>"];
  const lines = templates.flatMap((each) => [
    `Name:\t${textAt(each, "metadata", "name")}`,
    `StorageClass:\t${textAt(each, "spec", "storageClassName")}`,
    ...mapLines("Labels", each, "metadata", "labels"),
    ...mapLines("Annotations", each, "metadata", "annotations"),
    `Capacity:\t${textAt(each, "spec", "resources", "requests", "storage") || "<default>"}`,
    `Access Modes:\t[${listAt(each, "spec", "accessModes").map(String).join(" ")}]`,
  ]);
  return ["Volume Claims:", ...indented(2, lines)];
}

export const daemonSetDescriber: Describer = {
  related: ownPods,
  describe: ({ object, events, related, nowMs }) => [
    `Name:\t${object.metadata.name}`,
    `Namespace:\t${object.metadata.namespace}`,
    `Selector:\t${renderLabelSelector(valueAt(object, "spec", "selector"))}`,
    `Node-Selector:\t${renderMap(object, "spec", "template", "spec", "nodeSelector")}`,
    ...mapLines("Labels", object, "metadata", "labels"),
    ...annotationLines("Annotations", object, "metadata", "annotations"),
    `Desired Number of Nodes Scheduled: ${countAt(object, "status", "desiredNumberScheduled")}`,
    `Current Number of Nodes Scheduled: ${countAt(object, "status", "currentNumberScheduled")}`,
    `Number of Nodes Scheduled with Up-to-date Pods: ${countAt(object, "status", "updatedNumberScheduled")}`,
    `Number of Nodes Scheduled with Available Pods: ${countAt(object, "status", "numberAvailable")}`,
    `Number of Nodes Misscheduled: ${countAt(object, "status", "numberMisscheduled")}`,
    `Pods Status:\t${renderPhases(object, related.pods ?? [])}`,
    ...templateLines(valueAt(object, "spec", "template")),
    ...eventLines(events, nowMs),
  ],
};
