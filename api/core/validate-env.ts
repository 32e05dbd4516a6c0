// Rules for the environment of containers and for references to the pod's own fields, from Kubernetes' pod validation.

import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from "./env.ts";
import { checkFormat, checkRequired, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { configKeyProblems, envNameProblems } from "../meta/names.ts";
import { invalidField, requiredField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const ENV_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
const VOLUME_FIELDS = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];
/** Fields that Kubernetes knows but offers to neither environments nor volumes. */
const OTHER_FIELDS = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];
const KNOWN_FIELDS = new Set([...ENV_FIELDS, ...VOLUME_FIELDS, ...OTHER_FIELDS]);

const RESOURCES = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const CPU_DIVISORS = ["0", "1m", "1"];
const BYTE_DIVISORS = ["0", "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

export function validateEnv(env: readonly EnvVar[] | undefined, path: string): Errors {
  return eachItem(env, path, ({ name, value, valueFrom }, at) => [
    ...checkRequiredFormat(`${at}.name`, name, envNameProblems),
    ...(valueFrom ? validateValueFrom(valueFrom, `${at}.valueFrom`, value ?? "") : []),
  ]);
}

function validateValueFrom(source: EnvVarSource, path: string, value: string): Errors {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter(Boolean).length;
  const oneOf = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
  return [
    ...(fieldRef ? validateFieldRef(fieldRef, `${path}.fieldRef`, ENV_FIELDS) : []),
    ...(resourceFieldRef ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`) : []),
    ...(secretKeyRef ? validateKeyRef(secretKeyRef, `${path}.secretKeyRef`) : []),
    ...when(count === 0, invalidField(path, "", oneOf)),
    ...when(count > 0 && value, invalidField(path, "", "may not be specified when `value` is not empty")),
    ...when(count > 1 && !value, invalidField(path, "", "may not have more than one field specified at a time")),
  ];
}

/** A field of the pod for a file of a downwardAPI volume. */
export const validateVolumeFieldRef = (ref: ObjectFieldSelector, path: string): Errors =>
  validateFieldRef(ref, path, VOLUME_FIELDS);

function validateFieldRef({ fieldPath }: ObjectFieldSelector, path: string, allowed: readonly string[]): Errors {
  const at = `${path}.fieldPath`;
  if (!fieldPath) return [requiredField(at)];
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath);
  if (subscript) return checkFormat(at, (subscript[2] ?? "").toLowerCase() || "/", qualifiedNameProblems);
  if (allowed.includes(fieldPath)) return [];
  const unknown = `error converting fieldPath: field label not supported: ${fieldPath}`;
  return KNOWN_FIELDS.has(fieldPath)
    ? [unsupportedField(at, fieldPath, [...allowed].sort())]
    : [invalidField(at, fieldPath, unknown)];
}

/** An amount of a container's resources. */
export function validateResourceFieldRef({ resource, divisor = "0" }: ResourceFieldSelector, path: string): Errors {
  const at = `${path}.resource`;
  if (!resource) return [requiredField(at)];
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource);
  if (!RESOURCES.includes(resource) && !isHugePages) return [unsupportedField(at, resource, RESOURCES)];
  const allowed = resource.endsWith(".cpu") ? CPU_DIVISORS : BYTE_DIVISORS;
  const name = resource.slice(resource.indexOf(".") + 1);
  const texts = resource.endsWith(".cpu") ? "1m and 1" : BYTE_DIVISORS.slice(1).join(", ");
  const problem = `only divisor's values ${texts} are supported with the ${name} resource`;
  return when(!allowed.includes(divisor), invalidField(`${path}.divisor`, divisor, problem));
}

function validateKeyRef({ name, key }: ConfigMapKeySelector, path: string): Errors {
  return [...checkRequired(`${path}.name`, name ?? ""), ...checkRequiredFormat(`${path}.key`, key, configKeyProblems)];
}

export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string): Errors {
  return eachItem(sources, path, ({ prefix, configMapRef, secretRef }, at) => [
    ...checkFormat(`${at}.prefix`, prefix, envNameProblems),
    ...(configMapRef ? checkRequired(`${at}.configMapRef.name`, configMapRef.name ?? "") : []),
    ...(secretRef ? checkRequired(`${at}.secretRef.name`, secretRef.name ?? "") : []),
    ...when(!configMapRef && !secretRef, invalidField(at, "", "must specify one of: `configMapRef` or `secretRef`")),
    ...when(configMapRef && secretRef, invalidField(at, "", "may not have more than one field specified at a time")),
  ]);
}
