// What the server decides about a pod on each write: its status is the kubelet's, its generation counts changes of the
// spec, its quality of service follows from its resources.

import { dropImageVolumes, dropPodResources } from "./disabled-pod-fields.ts";
import { qosClassOf } from "./pod-resources.ts";
import type { Pod, PodSpec } from "./pod.ts";
import type { PodStatus } from "./pod-status.ts";
import type { PodAffinityTerm } from "./affinity.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { withGeneration } from "../meta/generation.ts";
import { keepSpec } from "../meta/status-write.ts";

export function preparePod(pod: Pod, old?: Pod): Pod {
  if (old) return withGeneration({ ...pod, status: old.status }, old, ({ spec }) => spec);
  const spec = pinMatchLabels(dropPodResources(dropImageVolumes(pod.spec)), pod.metadata.labels ?? {});
  return withGeneration({ ...pod, spec, status: initialStatus({ ...pod, spec }) }, undefined, () => undefined);
}

function initialStatus(pod: Pod): PodStatus {
  const status: PodStatus = { phase: "Pending", qosClass: qosClassOf(pod) };
  if (!pod.spec.schedulingGates?.length) return status;
  return {
    ...status,
    conditions: [
      {
        type: "PodScheduled",
        status: "False",
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ],
  };
}

/** The status subresource changes neither the spec nor who owns the pod nor that it is being deleted. */
export function preparePodStatus(pod: Pod, old: Pod): Pod {
  const kept = keepSpec(pod, old);
  const { ownerReferences, deletionTimestamp, deletionGracePeriodSeconds } = old.metadata;
  const frozen = { ownerReferences, deletionTimestamp, deletionGracePeriodSeconds };
  return {
    ...kept,
    metadata: definedFields({ ...kept.metadata, ...frozen }),
    status: definedFields({ qosClass: old.status.qosClass, ...withBothAddresses(kept.status) }),
  };
}

/** Clients that know one address only and clients that know all of them both find what they look for. */
function withBothAddresses(status: PodStatus): PodStatus {
  if (status.podIPs?.length) return { ...status, podIP: status.podIPs[0]?.ip };
  return status.podIP ? { ...status, podIPs: [{ ip: status.podIP }] } : status;
}

type Labels = Readonly<Record<string, string>>;

/** matchLabelKeys means "the same value as this pod has": the value is written into the selector when the pod is made. */
function pinMatchLabels(spec: PodSpec, labels: Labels): PodSpec {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return spec;
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      ...(podAffinity && { podAffinity: pinTerms(podAffinity, labels) }),
      ...(podAntiAffinity && { podAntiAffinity: pinTerms(podAntiAffinity, labels) }),
    },
  };
}

type AffinityRules = NonNullable<NonNullable<PodSpec["affinity"]>["podAffinity"]>;

function pinTerms(rules: AffinityRules, labels: Labels): AffinityRules {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution } =
    rules;
  return {
    ...rules,
    ...(required && {
      requiredDuringSchedulingIgnoredDuringExecution: required.map((term) => pinTerm(term, labels)),
    }),
    ...(preferredDuringSchedulingIgnoredDuringExecution && {
      preferredDuringSchedulingIgnoredDuringExecution: preferredDuringSchedulingIgnoredDuringExecution.map((each) => ({
        ...each,
        podAffinityTerm: pinTerm(each.podAffinityTerm, labels),
      })),
    }),
  };
}

function pinTerm(term: PodAffinityTerm, labels: Labels): PodAffinityTerm {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term ?? {};
  if (!labelSelector || matchLabelKeys.length + mismatchLabelKeys.length === 0) return term;
  const pinned = [
    ...matchLabelKeys.map((key) => ({ key, operator: "In" as const })),
    ...mismatchLabelKeys.map((key) => ({ key, operator: "NotIn" as const })),
  ].flatMap(({ key, operator }) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  const matchExpressions = [...(labelSelector.matchExpressions ?? []), ...pinned];
  return { ...term, labelSelector: { ...labelSelector, matchExpressions } };
}

/** The fields that Kubernetes lets clients select pods by. */
export function selectablePodFields({ spec, status }: Pod): Record<string, string> {
  return {
    "spec.nodeName": spec.nodeName ?? "",
    "spec.restartPolicy": spec.restartPolicy ?? "",
    "spec.schedulerName": spec.schedulerName ?? "",
    "spec.serviceAccountName": spec.serviceAccountName ?? "",
    "spec.hostNetwork": String(spec.hostNetwork ?? false),
    "status.phase": status.phase ?? "",
    "status.podIP": status.podIPs?.[0]?.ip ?? status.podIP ?? "",
    "status.nominatedNodeName": status.nominatedNodeName ?? "",
  };
}
