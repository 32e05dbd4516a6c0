// Rules for pods, and for what may change in a pod that exists, from Kubernetes' pod validation.

import type { Toleration } from "./affinity.ts";
import type { Container } from "./container.ts";
import type { Pod, PodSpec } from "./pod.ts";
import { validatePodSpec } from "./validate-pod-spec.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validatePod(pod: Pod, old?: Pod): FieldError[] {
  return [
    ...validateMetadata(pod, old, { name: subdomainProblems }),
    ...validatePodSpec(pod.spec, "spec", { isTemplate: false }),
    ...validateMirror(pod, old),
    ...(old ? validateChange(pod.spec, old.spec) : validateNewPod(pod.spec)),
  ];
}

const MIRROR = "kubernetes.io/config.mirror";
const MIRROR_PATH = `metadata.annotations[${MIRROR}]`;

/** A pod shows what a kubelet runs by itself, or it does not: that is decided for good, and with its node. */
function validateMirror({ metadata, spec }: Pod, old: Pod | undefined): Errors {
  const value = metadata.annotations?.[MIRROR];
  if (!old || value === old.metadata.annotations?.[MIRROR]) {
    const needsNode = value !== undefined && !spec.nodeName;
    const detail = "must set spec.nodeName if mirror pod annotation is set";
    return when(needsNode, invalidField(MIRROR_PATH, value, detail));
  }
  const isNew = old.metadata.annotations?.[MIRROR] === undefined;
  const problem = isNew ? "may not add mirror pod annotation" : "may not remove or update mirror pod annotation";
  return [forbiddenField(MIRROR_PATH, problem)];
}

function validateNewPod({ ephemeralContainers, nodeName, schedulingGates }: PodSpec): Errors {
  return [
    ...when(ephemeralContainers?.length, forbiddenField("spec.ephemeralContainers", "cannot be set on create")),
    ...when(
      nodeName && schedulingGates?.length,
      forbiddenField("spec.nodeName", "cannot be set until all schedulingGates have been cleared"),
    ),
  ];
}

/** What may change, as the message has it; kubectl's users know the list. */
const CHANGEABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

function validateChange(spec: PodSpec, old: PodSpec): Errors {
  if (semanticEqual(spec, old)) return [];
  const counts = [
    ...checkCount(spec.containers, old.containers, "spec.containers"),
    ...checkCount(spec.initContainers, old.initContainers, "spec.initContainers"),
  ];
  if (counts.length > 0) return counts;
  const changed = changedFields(withChangeable(spec, old), old);
  return [
    ...validateDeadline(spec, old),
    ...validateTolerations(spec.tolerations ?? [], old.tolerations ?? []),
    ...validateSchedulingGates(spec, old),
    ...when(
      changed.length > 0,
      forbiddenField(
        "spec",
        `pod updates may not change fields other than ${CHANGEABLE}\nchanged: ${changed.join(", ")}`,
      ),
    ),
  ];
}

function checkCount(
  containers: readonly Container[] | undefined,
  old: readonly Container[] | undefined,
  path: string,
): Errors {
  const isSame = (containers ?? []).length === (old ?? []).length;
  return when(!isSame, forbiddenField(path, "pod updates may not add or remove containers"));
}

function validateDeadline(
  { activeDeadlineSeconds: next }: PodSpec,
  { activeDeadlineSeconds: before }: PodSpec,
): Errors {
  if (before === undefined || next === before) return [];
  const path = "spec.activeDeadlineSeconds";
  if (next === undefined)
    return [invalidField(path, undefined, "must not update from a positive integer to nil value")];
  return when(next > before, invalidField(path, next, "must be less than or equal to previous value"));
}

function validateTolerations(tolerations: readonly Toleration[], old: readonly Toleration[]): Errors {
  const untimed = ({ key, operator, value, effect }: Toleration) => [key, operator, value, effect];
  const isKept = old.every((before) => tolerations.some((after) => semanticEqual(untimed(before), untimed(after))));
  const problem = "existing toleration can not be modified except its tolerationSeconds";
  return when(!isKept, forbiddenField("spec.tolerations", problem));
}

function validateSchedulingGates(spec: PodSpec, old: PodSpec): Errors {
  const before = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return eachItem(spec.schedulingGates, "spec.schedulingGates", ({ name }, at) => {
    const problem = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return when(!before.has(name), forbiddenField(at, problem));
  });
}

/** The new spec with everything taken back that may change, so that what still differs is what may not. */
function withChangeable(spec: PodSpec, old: PodSpec): PodSpec {
  const wasNegative = (old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  const isGated = (old.schedulingGates ?? []).length > 0;
  return {
    ...spec,
    containers: withImages(spec.containers ?? [], old.containers ?? []),
    initContainers: withImages(spec.initContainers ?? [], old.initContainers ?? []),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    ...(wasNegative && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
    ...(isGated && narrowsSelector(spec, old) && { nodeSelector: old.nodeSelector, affinity: old.affinity }),
  };
}

const withImages = (containers: readonly Container[], old: readonly Container[]): readonly Container[] =>
  containers.map((container, index) => ({ ...container, image: old[index]?.image }));

/** While gates hold a pod back, its placement may become stricter. */
function narrowsSelector({ nodeSelector = {}, affinity }: PodSpec, old: PodSpec): boolean {
  const isWider = Object.entries(old.nodeSelector ?? {}).some(([key, value]) => nodeSelector[key] !== value);
  const keepsPods =
    semanticEqual(affinity?.podAffinity, old.affinity?.podAffinity) &&
    semanticEqual(affinity?.podAntiAffinity, old.affinity?.podAntiAffinity);
  return !isWider && keepsPods && old.affinity?.nodeAffinity === undefined;
}

function changedFields(spec: PodSpec, old: PodSpec): string[] {
  const names = new Set([...Object.keys(spec), ...Object.keys(old)]) as Set<keyof PodSpec>;
  return [...names].filter((name) => !semanticEqual(spec[name], old[name])).map((name) => `spec.${name}`);
}
