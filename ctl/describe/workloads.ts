// Descriptions of Deployments and ReplicaSets. Pure.

import {
  CANARY_CONDITION,
  CONFIGURATION_CONDITION,
  INVALID_CONDITION,
  ROLLBACK_CONDITION,
} from "../../api/apps/deployment-options.ts";
import { listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import type { Described, Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { templateLines } from "./pod.ts";
import {
  annotationLines,
  controllerOf,
  headLines,
  labelled,
  mapLines,
  orNone,
  renderLabelSelector,
  renderTime,
  type Lines,
} from "./text.ts";

const OPTION_CONDITIONS: readonly string[] = [
  ROLLBACK_CONDITION,
  CANARY_CONDITION,
  CONFIGURATION_CONDITION,
  INVALID_CONDITION,
];

export const deploymentDescriber: Describer = {
  related: (object) => ({
    replicaSets: {
      path: `/apis/apps/v1/namespaces/${object.metadata.namespace ?? ""}/replicasets`,
      labelSelector: selectorQuery(object),
    },
  }),
  describe: ({ object, events, related, nowMs }) => [
    `Name:\t${object.metadata.name}`,
    `Namespace:\t${object.metadata.namespace}`,
    `CreationTimestamp:\t${renderTime(object.metadata.creationTimestamp)}`,
    ...mapLines("Labels", object, "metadata", "labels"),
    ...annotationLines("Annotations", object, "metadata", "annotations"),
    `Selector:\t${renderLabelSelector(valueAt(object, "spec", "selector"))}`,
    `Replicas:\t${renderReplicas(object)}`,
    `StrategyType:\t${textAt(object, "spec", "strategy", "type")}`,
    `MinReadySeconds:\t${textAt(object, "spec", "minReadySeconds") || "0"}`,
    ...strategyLines(object),
    ...templateLines(valueAt(object, "spec", "template")),
    ...conditionLines(object),
    ...optionLines(object),
    ...replicaSetLines(object, related.replicaSets ?? []),
    ...eventLines(events, nowMs),
  ],
};

/** The selector as a query; Kubernetes' validation has made sure that there is one. */
export const selectorQuery = (object: AnyObject): string => renderLabelSelector(valueAt(object, "spec", "selector"));

function renderReplicas(object: AnyObject): string {
  const count = (...path: string[]) => textAt(object, ...path) || "0";
  return [
    `${count("spec", "replicas")} desired`,
    `${count("status", "updatedReplicas")} updated`,
    `${count("status", "replicas")} total`,
    `${count("status", "availableReplicas")} available`,
    `${count("status", "unavailableReplicas")} unavailable`,
  ].join(" | ");
}

function strategyLines(object: AnyObject): Lines {
  const rolling = valueAt(object, "spec", "strategy", "rollingUpdate");
  if (!rolling) return [];
  return [
    `RollingUpdateStrategy:\t${textAt(rolling, "maxUnavailable")} max unavailable, ${textAt(rolling, "maxSurge")} max surge`,
  ];
}

function conditionLines(object: AnyObject): Lines {
  const conditions = listAt(object, "status", "conditions");
  if (conditions.length === 0) return [];
  const rows = conditions.map(
    (each) => `  ${textAt(each, "type")} \t${textAt(each, "status")}\t${textAt(each, "reason")}`,
  );
  return ["Conditions:", "  Type\tStatus\tReason", "  ----\t------\t------", ...rows];
}

/** In words, where Kubernetes has no such conditions. */
const optionLines = (object: AnyObject): Lines =>
  listAt(object, "status", "conditions")
    .filter((each) => OPTION_CONDITIONS.includes(textAt(each, "type")))
    .map((each) => `Rollout:\t${textAt(each, "message")}`);

const REVISION = "deployment.kubernetes.io/revision";

function replicaSetLines(object: AnyObject, replicaSets: readonly AnyObject[]): Lines {
  const own = replicaSets.filter((each) => controllerOf(each) === `Deployment/${object.metadata.name}`);
  const revision = object.metadata.annotations?.[REVISION];
  const isNew = (each: AnyObject) => each.metadata.annotations?.[REVISION] === revision;
  const name = (each: AnyObject) =>
    `${each.metadata.name} (${textAt(each, "status", "replicas") || "0"}/${textAt(each, "spec", "replicas") || "0"} replicas created)`;
  const byAge = [...own].sort((one, other) =>
    (one.metadata.creationTimestamp ?? "").localeCompare(other.metadata.creationTimestamp ?? ""),
  );
  return [
    `OldReplicaSets:\t${orNone(
      byAge
        .filter((each) => !isNew(each))
        .map(name)
        .join(", "),
    )}`,
    `NewReplicaSet:\t${orNone(byAge.filter(isNew).map(name).join(", "))}`,
  ];
}

export const replicaSetDescriber: Describer = {
  related: (object) => ({
    pods: { path: `/api/v1/namespaces/${object.metadata.namespace ?? ""}/pods`, labelSelector: selectorQuery(object) },
  }),
  describe: ({ object, events, related, nowMs }: Described) => [
    `Name:\t${object.metadata.name}`,
    `Namespace:\t${object.metadata.namespace}`,
    `Selector:\t${renderLabelSelector(valueAt(object, "spec", "selector"))}`,
    ...headLines(object).filter((line) => !/^Name(space)?:/.test(line)),
    ...labelled("Controlled By", controllerOf(object)),
    `Replicas:\t${textAt(object, "status", "replicas") || "0"} current / ${textAt(object, "spec", "replicas") || "0"} desired`,
    `Pods Status:\t${renderPhases(object, related.pods ?? [])}`,
    ...templateLines(valueAt(object, "spec", "template")),
    ...conditionLines(object),
    ...eventLines(events, nowMs),
  ],
};

/** How many of the object's own pods are in which phase. */
export function renderPhases(object: AnyObject, pods: readonly AnyObject[]): string {
  const own = pods.filter((pod) => controllerOf(pod) === `${object.kind}/${object.metadata.name}`);
  const count = (phase: string) => own.filter((pod) => textAt(pod, "status", "phase") === phase).length;
  return `${count("Running")} Running / ${count("Pending")} Waiting / ${count("Succeeded")} Succeeded / ${count("Failed")} Failed`;
}
