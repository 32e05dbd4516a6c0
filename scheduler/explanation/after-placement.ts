// What keeps a pod from running that has a node: the node is gone or not ready, or the kubelet waits for something.

import type { Node } from "../../api/core/node.ts";
import type { ContainerStatus } from "../../api/core/pod-status.ts";
import type { Pod } from "../../api/core/pod.ts";
import { COST, type Check, type Obstacle, type Remedy } from "./obstacle.ts";
import type { Picture } from "./picture.ts";
import { remadePod } from "./pod-changes.ts";
import { edit } from "./cluster-view.ts";
import { healed } from "./remedies/node-guides.ts";

export const checkPlaced: Check = ({ pod }, picture) => checkNode(pod, picture) ?? checkContainers(pod);

function checkNode(pod: Pod, { view }: Picture): Obstacle | undefined {
  const { nodeName = "" } = pod.spec;
  const node = view.nodes.find(({ metadata }) => metadata.name === nodeName);
  const ready = node?.status.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True" || pod.status.phase !== "Pending") return undefined;
  const elsewhere: Remedy = {
    cost: COST.adjust,
    text: `Delete the pod and make it anew without spec.nodeName, so that it gets another node than ${nodeName}.`,
    edits: [remadePod(pod, { nodeName: undefined })],
  };
  if (!node) {
    const summary = `The pod is bound to node ${nodeName}, which does not exist.`;
    return { cause: "NodeMissing", summary, evidence: [`No node is named ${nodeName}.`], remedies: [elsewhere] };
  }
  const back: Remedy = {
    cost: COST.loosen,
    text: `Bring node ${nodeName} back: its kubelet has to report that it is ready.`,
    edits: [edit("update", "nodes", healed(node, ["Ready"]))],
  };
  return {
    cause: "NodeNotReady",
    summary: `The pod has the node ${nodeName}, which is not ready to start it.`,
    evidence: [tellReadiness(ready)],
    remedies: [elsewhere, back],
  };
}

function tellReadiness(ready: NonNullable<Node["status"]["conditions"]>[number] | undefined): string {
  if (!ready) return "The node has not reported yet whether it is ready.";
  const since = ready.lastTransitionTime ? ` since ${ready.lastTransitionTime}` : "";
  return `The node's condition Ready is ${ready.status}${since}${ready.message ? `: ${ready.message}` : ""}.`;
}

const IMAGE_REASONS = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
];

function checkContainers({ spec, status }: Pod): Obstacle | undefined {
  const all: readonly ContainerStatus[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ];
  for (const { name, image, state } of all) {
    const { reason = "", message } = state?.waiting ?? {};
    const evidence = [`The container ${name} waits: ${[reason, message].filter(Boolean).join(": ")}.`];
    const node = spec.nodeName ?? "";
    if (IMAGE_REASONS.includes(reason)) {
      const summary = `Node ${node} has no image ${image} for the container ${name}, and cannot get it.`;
      const text = `Put the image ${image} where the node can pull it from, give the pod an imagePullSecret if the registry asks for one, or name an image that there is.`;
      return {
        cause: "ImageMissing",
        summary,
        evidence,
        remedies: [],
        advice: [{ cost: COST.adjust, text, edits: [] }],
      };
    }
    if (reason === "CreateContainerConfigError") {
      const summary = `Something that the container ${name} is configured with is missing.`;
      const text = `Create what is missing: ${message ?? "see the pod's events"}.`;
      return {
        cause: "ConfigurationMissing",
        summary,
        evidence,
        remedies: [],
        advice: [{ cost: COST.adjust, text, edits: [] }],
      };
    }
    if (reason === "CrashLoopBackOff") {
      const summary = `The container ${name} ends again and again, and is started less and less often.`;
      const text = `See what it says with: kctl logs ${name} --previous.`;
      return { cause: "CrashLoop", summary, evidence, remedies: [], advice: [{ cost: COST.adjust, text, edits: [] }] };
    }
  }
  return undefined;
}
