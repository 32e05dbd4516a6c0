// Pods that start after others are made with a gate, which keeps them from being scheduled; the start-order controller opens it.
// What their annotations say wrongly is refused where it is written: on the pod, or on the template that it will be made from.

import { dependenciesIn, STARTS_AFTER, templateOf, validateStartOrder } from "../../api/start-order/dependencies.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { invalid } from "../../api/meta/status.ts";
import { isAbout, type AdmissionRequest, type AdmissionStep, type Admitted } from "./admission-step.ts";

/** The kinds with templates, by `group/plural`. */
const TEMPLATED = new Set([
  "/replicationcontrollers",
  "apps/daemonsets",
  "apps/deployments",
  "apps/replicasets",
  "apps/statefulsets",
  "batch/cronjobs",
  "batch/jobs",
]);

export const startOrder: AdmissionStep = {
  name: "StartOrder",
  admit(request) {
    const { operation, object } = request;
    return operation === "CREATE" && object && isAbout(request, pods) ? gate(request, object as Pod) : undefined;
  },
  validate(request) {
    const { served, object, old } = request;
    const annotated = object && annotationsOf(request, object);
    if (!annotated || (old && semanticEqual(annotated, annotationsOf(request, old)))) return undefined;
    const errors = validateStartOrder(annotated.annotations, annotated.path);
    if (errors.length > 0) throw invalid(served.resource, request.name, errors);
    return undefined;
  },
};

function gate(request: AdmissionRequest, pod: Pod): Admitted | undefined {
  if (dependenciesIn(pod.metadata.annotations).length === 0) return undefined;
  const { nodeName, schedulingGates = [] } = pod.spec;
  if (nodeName) {
    request.warn(`metadata.annotations[${STARTS_AFTER}]: has no effect on a pod that is bound to a node already`);
    return undefined;
  }
  if (schedulingGates.some(({ name }) => name === STARTS_AFTER)) return undefined;
  const admitted: Pod = {
    ...pod,
    spec: { ...pod.spec, schedulingGates: [...schedulingGates, { name: STARTS_AFTER }] },
  };
  return { object: admitted };
}

/** The annotations that pods have, or will have; undefined where there are none to judge. */
function annotationsOf(request: AdmissionRequest, object: KubeObject) {
  const { served, subresource } = request;
  if (isAbout(request, pods)) return found(object.metadata.annotations, "metadata.annotations");
  const { group, plural } = served.resource;
  if (subresource !== undefined || !TEMPLATED.has(`${group}/${plural}`)) return undefined;
  const within = plural === "cronjobs" ? "spec.jobTemplate.spec.template" : "spec.template";
  return found(templateOf(object)?.metadata?.annotations, `${within}.metadata.annotations`);
}

const found = (annotations: Readonly<Record<string, string>> | undefined, path: string) =>
  annotations && { annotations, path };
