// What Kubernetes' admission plugins fill in on new pods: how long they stay on failing nodes, and their priority.

import type { Toleration } from "../../api/core/affinity.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { tolerates } from "../../api/core/taints.ts";
import { forbidden } from "../../api/meta/status.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission-step.ts";

const isNewPod = ({ operation, served, subresource }: AdmissionRequest) =>
  operation === "CREATE" && subresource === undefined && served.resource.plural === "pods" && !served.resource.group;

const step = (name: string, fill: (pod: Pod) => Pod): AdmissionStep => ({
  name,
  admit: (request) => (isNewPod(request) ? { object: fill(request.object as Pod) } : undefined),
});

const FAILING_NODE_TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const STAY_SECONDS = 300;

/** Pods outlast a node's short failure: five minutes, unless they say something else about it. */
export const defaultTolerationSeconds = step("DefaultTolerationSeconds", (pod) => {
  const { tolerations = [] } = pod.spec;
  const added = FAILING_NODE_TAINTS.filter(
    (key) => !tolerations.some((toleration) => tolerates(toleration, { key, effect: "NoExecute" })),
  ).map((key): Toleration => ({
    key,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: STAY_SECONDS,
  }));
  return added.length === 0 ? pod : { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } };
});

/** The classes that every cluster has. */
const PRIORITIES: Readonly<Record<string, number | undefined>> = {
  "system-cluster-critical": 2_000_000_000,
  "system-node-critical": 2_000_001_000,
};

/** The number that belongs to the pod's priority class; clients may repeat it, but not choose it. */
export const priority = step("Priority", (pod) => {
  const { priorityClassName = "", priority: sent, preemptionPolicy = "PreemptLowerPriority" } = pod.spec;
  const value = priorityClassName ? PRIORITIES[priorityClassName] : 0;
  if (value === undefined) {
    throw forbidden(pods, pod.metadata.name, `no PriorityClass with name ${priorityClassName} was found`);
  }
  if (sent !== undefined && sent !== value) {
    const detail = `the integer value of priority (${sent}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
    throw forbidden(pods, pod.metadata.name, detail);
  }
  return { ...pod, spec: { ...pod.spec, priority: value, preemptionPolicy } };
});
