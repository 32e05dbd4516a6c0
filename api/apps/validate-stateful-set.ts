// Rules for stateful sets, from Kubernetes' validation of the apps group.

import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from "./stateful-set.ts";
import type { PersistentVolumeClaim } from "../core/persistent-volume-claim.ts";
import type { PodTemplateSpec } from "../core/pod-template.ts";
import { validateClaimSpec } from "../core/validate-claim.ts";
import { checkKeptRunning, validatePodTemplate, validateSelection } from "../core/validate-pod-template.ts";
import { checkFormat, checkNonNegative, eachItem, when } from "../meta/field-checks.ts";
import { checkAtMostWhole, checkIntOrPercent, isNothing } from "../meta/int-or-percent.ts";
import { labelProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateStatefulSet(statefulSet: StatefulSet, old?: StatefulSet): FieldError[] {
  const { spec } = statefulSet;
  return [
    // Pods are called after it, and their names are host names.
    ...validateMetadata(statefulSet, old, { name: labelProblems }),
    ...validateSpec(spec),
    ...validateTemplate(spec, old?.spec),
    ...(old ? checkUnchangedSpec(spec, old.spec) : validateNew(spec)),
    ...validateStatus(statefulSet, old),
  ];
}

function validateSpec(spec: StatefulSetSpec): Errors {
  const { podManagementPolicy: policy = "", persistentVolumeClaimRetentionPolicy: retention, template } = spec;
  const isKnown = policy === "OrderedReady" || policy === "Parallel";
  return [
    ...when(!isKnown, invalidField("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")),
    ...validateUpdateStrategy(spec.updateStrategy),
    ...checkRetention("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", retention.whenDeleted),
    ...checkRetention("spec.persistentVolumeClaimRetentionPolicy.whenScaled", retention.whenScaled),
    ...checkNonNegative("spec.replicas", spec.replicas),
    ...checkNonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...checkNonNegative("spec.ordinals.start", spec.ordinals?.start),
    ...validateSelection(spec, { emptySelector: "empty selector is invalid for statefulset" }),
    ...checkKeptRunning(template, "spec.template", "StatefulSet"),
  ];
}

/** Servers before this rule took templates that make no pods; they may stay. */
function validateTemplate(spec: StatefulSetSpec, old: StatefulSetSpec | undefined): Errors {
  const errorsOf = (of: StatefulSetSpec) => validatePodTemplate(asPodsHaveIt(of), "spec.template");
  return old && errorsOf(old).length > 0 ? [] : errorsOf(spec);
}

/** Neither of these can be changed, so what is wrong with them is said once. */
const validateNew = ({ serviceName, volumeClaimTemplates }: StatefulSetSpec): Errors => [
  ...checkFormat("spec.serviceName", serviceName, labelProblems),
  ...eachItem(volumeClaimTemplates, "spec.volumeClaimTemplates", ({ spec }, path) =>
    validateClaimSpec(spec, `${path}.spec`),
  ),
];

function checkRetention(path: string, value: string | undefined): Errors {
  const supported = ["Retain", "Delete"];
  return when(!supported.includes(value ?? ""), unsupportedField(path, value, supported));
}

function validateUpdateStrategy(strategy: StatefulSetUpdateStrategy): Errors {
  const { type, rollingUpdate } = strategy;
  const path = "spec.updateStrategy.rollingUpdate";
  if (type === "OnDelete") {
    return when(rollingUpdate, invalidField(path, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  }
  if (type !== "RollingUpdate") {
    return [invalidField("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  const { partition, maxUnavailable } = rollingUpdate ?? {};
  const isStuck = maxUnavailable !== undefined && isNothing(maxUnavailable);
  return [
    ...checkNonNegative(`${path}.partition`, partition),
    ...checkIntOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...when(isStuck, invalidField(`${path}.maxUnavailable`, maxUnavailable, "cannot be 0")),
    ...checkAtMostWhole(`${path}.maxUnavailable`, maxUnavailable),
  ];
}

/** The controller gives pods their host names, their subdomain and the volumes of their claims. */
function asPodsHaveIt({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { spec } = template;
  const claimed = volumeClaimTemplates.map(claimName);
  const volumes = [
    ...claimed.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...(spec.volumes ?? []).filter(({ name }) => !claimed.includes(name)),
  ];
  return { ...template, spec: { ...spec, hostname: "", subdomain: "", volumes } };
}

const claimName = ({ metadata }: PersistentVolumeClaim): string => metadata?.name ?? "";

const CHANGEABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

function checkUnchangedSpec(spec: StatefulSetSpec, old: StatefulSetSpec): Errors {
  const kept = Object.fromEntries(CHANGEABLE.map((name) => [name, old[name]]));
  const names = CHANGEABLE.map((name) => `'${name}'`);
  const list = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const problem = `updates to statefulset spec for fields other than ${list} are forbidden`;
  return when(!semanticEqual({ ...spec, ...kept }, { ...old, ...kept }), forbiddenField("spec", problem));
}

const PARTS = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"] as const;

function validateStatus({ status }: StatefulSet, old: StatefulSet | undefined): Errors {
  const { replicas, readyReplicas = 0, availableReplicas = 0, collisionCount = 0 } = status;
  const isDecremented = collisionCount < (old?.status.collisionCount ?? 0);
  return [
    ...checkNonNegative("status.replicas", replicas),
    ...PARTS.flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
    ...checkNonNegative("status.observedGeneration", status.observedGeneration),
    ...checkNonNegative("status.collisionCount", status.collisionCount),
    ...PARTS.filter((name) => (status[name] ?? 0) > replicas).map((name) =>
      invalidField(`status.${name}`, status[name], "cannot be greater than status.replicas"),
    ),
    ...when(
      availableReplicas > readyReplicas,
      invalidField("status.availableReplicas", availableReplicas, "cannot be greater than status.readyReplicas"),
    ),
    ...when(isDecremented, invalidField("status.collisionCount", collisionCount, "cannot be decremented")),
  ];
}
