// Rules for storage classes, from Kubernetes' validation. Volumes are made from a class, so most of it cannot change.

import type { StorageClass, TopologySelectorLabelRequirement, TopologySelectorTerm } from "./storage-class.ts";
import { checkUnchanged, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const PARAMETERS_MAX = 512;
const PARAMETERS_BYTES_MAX = 256 * 1024;

export function validateStorageClass(storageClass: StorageClass, old?: StorageClass): FieldError[] {
  return [
    ...validateMetadata(storageClass, old, { name: subdomainProblems, scope: "Cluster" }),
    ...validateProvisioner(storageClass.provisioner),
    ...validateParameters(storageClass.parameters),
    ...validateTopologies(storageClass.allowedTopologies ?? []),
    ...(old ? validateChange(storageClass, old) : []),
  ];
}

const FIXED = ["parameters", "provisioner", "reclaimPolicy"] as const;

const validateChange = (next: StorageClass, old: StorageClass): Errors => [
  ...FIXED.filter((name) => !semanticEqual(next[name] ?? {}, old[name] ?? {})).map((name) =>
    forbiddenField(name, `updates to ${name} are forbidden.`),
  ),
  ...checkUnchanged("volumeBindingMode", next.volumeBindingMode, old.volumeBindingMode),
];

function validateProvisioner(provisioner: string): Errors {
  if (!provisioner) return [requiredField("provisioner")];
  const lower = provisioner.toLowerCase();
  return qualifiedNameProblems(lower).map((problem) => invalidField("provisioner", lower, problem));
}

function validateParameters(parameters: Readonly<Record<string, string>> = {}): Errors {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) return [tooLongField("parameters", PARAMETERS_MAX)];
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...when(Object.hasOwn(parameters, ""), invalidField("parameters", "", "field can not be empty.")),
    ...when(bytes > PARAMETERS_BYTES_MAX, tooLongField("parameters", PARAMETERS_BYTES_MAX)),
  ];
}

function validateTopologies(terms: readonly TopologySelectorTerm[]): Errors {
  // A term without conditions says nothing, which Kubernetes reports as a repetition too.
  const seen = new Set([identify({})]);
  return eachItem(terms, "allowedTopologies", (term, path) => {
    const at = `${path}.matchLabelExpressions`;
    const identity = identify(term);
    const isRepeated = seen.has(identity);
    seen.add(identity);
    return [...validateTerm(term, at), ...when(isRepeated, duplicateField(at, ""))];
  });
}

/** What tells terms apart; neither the order of keys nor that of values does. */
function identify({ matchLabelExpressions = [] }: TopologySelectorTerm): string {
  const values = new Map(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]));
  return JSON.stringify([...values].sort());
}

function validateTerm({ matchLabelExpressions }: TopologySelectorTerm, path: string): Errors {
  const keys = new Set<string>();
  return eachItem(matchLabelExpressions, path, (requirement, at) => {
    const isTaken = keys.has(requirement.key);
    keys.add(requirement.key);
    return [...validateRequirement(requirement, at), ...when(isTaken, duplicateField(`${at}.key`, requirement.key))];
  });
}

function validateRequirement({ key = "", values = [] }: TopologySelectorLabelRequirement, path: string): Errors {
  return [
    ...when(values.length === 0, requiredField(`${path}.values`)),
    ...eachItem(values, `${path}.values`, (value, at, index) =>
      when(values.indexOf(value) < index, duplicateField(at, value)),
    ),
    ...qualifiedNameProblems(key).map((problem) => invalidField(`${path}.key`, key, problem)),
  ];
}
