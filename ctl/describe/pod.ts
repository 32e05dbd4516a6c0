// Descriptions of pods, and of the templates that pods are made from. Pure.

import { listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import { containerLines } from "./containers.ts";
import { eventLines } from "./events.ts";
import type { Described } from "./describer.ts";
import { annotationLines, controllerOf, labelled, mapLines, renderSince, renderTime, type Lines } from "./text.ts";
import { volumeLines } from "./volumes.ts";

export const describePod = ({ object, events, nowMs }: Described): Lines => [
  ...identityLines(object),
  ...mapLines("Labels", object, "metadata", "labels"),
  ...annotationLines("Annotations", object, "metadata", "annotations"),
  ...phaseLines(object, nowMs),
  ...labelled("Reason", textAt(object, "status", "reason")),
  ...labelled("Message", textAt(object, "status", "message")),
  `IP:\t${textAt(object, "status", "podIP")}`,
  ...addressLines(object),
  ...labelled("Controlled By", controllerOf(object)),
  ...labelled("NominatedNodeName", textAt(object, "status", "nominatedNodeName")),
  ...podContainerLines(object),
  ...conditionLines(object),
  ...volumeLines(listAt(object, "spec", "volumes")),
  `QoS Class:\t${textAt(object, "status", "qosClass")}`,
  ...mapLines("Node-Selectors", object, "spec", "nodeSelector"),
  ...tolerationLines("Tolerations", listAt(object, "spec", "tolerations")),
  ...spreadLines(listAt(object, "spec", "topologySpreadConstraints")),
  ...eventLines(events, nowMs),
];

function identityLines(pod: AnyObject): Lines {
  const node = textAt(pod, "spec", "nodeName");
  return [
    `Name:\t${textAt(pod, "metadata", "name")}`,
    `Namespace:\t${textAt(pod, "metadata", "namespace")}`,
    ...labelled("Priority", textAt(pod, "spec", "priority")),
    ...labelled("Priority Class Name", textAt(pod, "spec", "priorityClassName")),
    ...labelled("Runtime Class Name", textAt(pod, "spec", "runtimeClassName")),
    ...labelled("Service Account", textAt(pod, "spec", "serviceAccountName")),
    `Node:\t${node ? `${node}/${textAt(pod, "status", "hostIP")}` : "<none>"}`,
    ...(valueAt(pod, "status", "startTime") ? [`Start Time:\t${renderTime(valueAt(pod, "status", "startTime"))}`] : []),
  ];
}

function phaseLines(pod: AnyObject, nowMs: number): Lines {
  const { deletionTimestamp } = pod.metadata;
  if (!deletionTimestamp) return [`Status:\t${textAt(pod, "status", "phase")}`];
  return [
    `Status:\tTerminating (lasts ${renderSince(deletionTimestamp, nowMs)})`,
    `Termination Grace Period:\t${textAt(pod, "metadata", "deletionGracePeriodSeconds")}s`,
  ];
}

function addressLines(pod: AnyObject): Lines {
  const addresses = listAt(pod, "status", "podIPs");
  if (addresses.length === 0) return ["IPs:\t<none>"];
  return ["IPs:", ...addresses.map((each) => `  IP:\t${textAt(each, "ip")}`)];
}

const podContainerLines = (pod: AnyObject): Lines =>
  [
    { title: "Init Containers", field: "initContainers", statuses: "initContainerStatuses" },
    { title: "Containers", field: "containers", statuses: "containerStatuses" },
    { title: "Ephemeral Containers", field: "ephemeralContainers", statuses: "ephemeralContainerStatuses" },
  ].flatMap(({ title, field, statuses }) => {
    const containers = listAt(pod, "spec", field);
    if (containers.length === 0 && field !== "containers") return [];
    return containerLines({ title, containers, statuses: listAt(pod, "status", statuses), pod });
  });

function conditionLines(pod: AnyObject): Lines {
  const conditions = listAt(pod, "status", "conditions");
  if (conditions.length === 0) return [];
  const rows = conditions.map((each) => `  ${textAt(each, "type")} \t${textAt(each, "status")} `);
  return ["Conditions:", "  Type\tStatus", ...rows];
}

export function tolerationLines(title: string, tolerations: readonly unknown[]): Lines {
  if (tolerations.length === 0) return [`${title}:\t<none>`];
  const sorted = [...tolerations].sort((one, other) => (textAt(one, "key") < textAt(other, "key") ? -1 : 1));
  return sorted.map((each, index) => `${index === 0 ? `${title}:` : ""}\t${renderToleration(each)}`);
}

function renderToleration(toleration: unknown): string {
  const [key, value, effect] = ["key", "value", "effect"].map((field) => textAt(toleration, field)) as [
    string,
    string,
    string,
  ];
  const seconds = textAt(toleration, "tolerationSeconds");
  const subject = `${key}${value && `=${value}`}${effect && `:${effect}`}`;
  const isExists = textAt(toleration, "operator") === "Exists" && value === "";
  return `${subject}${isExists ? `${subject ? " " : ""}op=Exists` : ""}${seconds && ` for ${seconds}s`}`;
}

function spreadLines(constraints: readonly unknown[]): Lines {
  const texts = constraints.map((each) => {
    const selector = valueAt(each, "labelSelector");
    const rule = `${textAt(each, "topologyKey")}:${textAt(each, "whenUnsatisfiable")} when max skew ${textAt(each, "maxSkew")} is exceeded`;
    return `${rule}${selector ? ` for selector ${selectorText(selector)}` : ""}`;
  });
  return texts.sort().map((text, index) => `${index === 0 ? "Topology Spread Constraints:" : ""}\t${text}`);
}

const selectorText = (selector: unknown) =>
  mapLines("", selector, "matchLabels")
    .map((line) => line.replace(/^:?\t/, ""))
    .join(",");

/** `Pod Template:` and what is in it. */
export function templateLines(template: unknown): Lines {
  const spec = valueAt(template, "spec");
  const init = listAt(spec, "initContainers");
  const annotations = annotationLines("  Annotations", template, "metadata", "annotations");
  return [
    "Pod Template:",
    ...mapLines("  Labels", template, "metadata", "labels"),
    ...(annotations[0]?.endsWith("\t<none>") ? [] : annotations),
    ...labelled("  Service Account", textAt(spec, "serviceAccountName")),
    ...(init.length > 0
      ? containerLines({ title: "Init Containers", containers: init, statuses: [], isTemplate: true })
      : []),
    ...containerLines({ title: "Containers", containers: listAt(spec, "containers"), statuses: [], isTemplate: true }),
    ...volumeLines(listAt(spec, "volumes"), { isTemplate: true }),
    ...labelled("  Priority Class Name", textAt(spec, "priorityClassName")),
    ...mapLines("  Node-Selectors", spec, "nodeSelector"),
    ...tolerationLines("  Tolerations", listAt(spec, "tolerations")),
  ];
}
