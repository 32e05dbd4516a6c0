// Rules for custom resource definitions, from Kubernetes' validation. A definition that breaks a rule already may keep
// breaking it.

import type {
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionStatus,
} from "./custom-resource-definition.ts";
import { validateApproval } from "./validate-approval.ts";
import { isStructurallySound, validateVersions } from "./validate-versions.ts";
import { isConditionTrue } from "../meta/condition-list.ts";
import { checkFormat, checkRequired, checkUnchanged, eachItem, when } from "../meta/field-checks.ts";
import { serviceNameProblems, subdomainProblems, type Format } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { validateReviewVersions, validateWebhookClient } from "../meta/validate-webhook.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateCustomResourceDefinition(
  definition: CustomResourceDefinition,
  old?: CustomResourceDefinition,
): FieldError[] {
  const { spec, status } = definition;
  const wanted = `${spec.names.plural}.${spec.group}`;
  const name: Format = (text) => [
    ...subdomainProblems(text),
    ...(text === wanted ? [] : ['must be spec.names.plural+"."+spec.group']),
  ];
  return [
    ...validateMetadata(definition, old, { name, scope: "Cluster" }),
    ...validateSpec(spec, old?.spec),
    ...(old ? checkKept(spec, old) : []),
    ...validateNames(status.acceptedNames, "status.acceptedNames"),
    ...(isStatusWrite(definition, old) ? [] : validateStoredVersions(status, spec)),
    ...validateApproval(definition, old),
    ...when(spec.preserveUnknownFields && !old?.spec.preserveUnknownFields, () =>
      invalidField(
        "spec.preserveUnknownFields",
        spec.preserveUnknownFields,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      ),
    ),
  ];
}

function validateSpec(spec: CustomResourceDefinitionSpec, old: CustomResourceDefinitionSpec | undefined): Errors {
  const { names, versions, conversion } = spec;
  const stored = versions.filter(({ storage }) => storage).length;
  const isStructural = !spec.preserveUnknownFields || !old || isStructurallySound(old);
  return [
    ...validateGroup(spec.group),
    ...checkEnumeration("spec.scope", spec.scope, ["Cluster", "Namespaced"]),
    ...validateVersions(spec, { isStructural }),
    ...when(new Set(versions.map(({ name }) => name)).size < versions.length, () =>
      invalidField("spec.versions", versions, "must contain unique version names"),
    ),
    ...when(stored !== 1, () =>
      invalidField("spec.versions", versions, "must have exactly one version marked as storage version"),
    ),
    ...checkRequired("spec.names.plural", names.plural),
    ...checkRequired("spec.names.singular", names.singular ?? ""),
    ...checkRequired("spec.names.kind", names.kind),
    ...checkRequired("spec.names.listKind", names.listKind ?? ""),
    ...validateNames(names, "spec.names"),
    ...when(conversion && conversion.strategy !== "None" && spec.preserveUnknownFields, () =>
      invalidField(
        "spec.conversion.strategy",
        conversion?.strategy,
        "must be None if spec.preserveUnknownFields is true",
      ),
    ),
    ...(conversion ? validateConversion(conversion, old?.conversion) : []),
  ];
}

function validateGroup(group: string): Errors {
  if (!group) return [requiredField("spec.group")];
  const problems = subdomainProblems(group);
  if (problems.length > 0) return [invalidField("spec.group", group, problems.join(","))];
  return when(!group.includes("."), () =>
    invalidField("spec.group", group, "should be a domain with at least one dot"),
  );
}

function checkEnumeration(path: string, value: string, values: readonly string[]): Errors {
  if (!value) return [requiredField(path)];
  return when(!values.includes(value), () => unsupportedField(path, value, values));
}

/** Once there may be objects, what they are stored under cannot change. */
function checkKept(spec: CustomResourceDefinitionSpec, { spec: old, status }: CustomResourceDefinition): Errors {
  const isEstablished = isConditionTrue(status.conditions, "Established");
  return [
    ...(isEstablished
      ? [
          ...checkUnchanged("spec.scope", spec.scope, old.scope),
          ...checkUnchanged("spec.names.kind", spec.names.kind, old.names.kind),
        ]
      : []),
    ...checkUnchanged("spec.group", spec.group, old.group),
    ...checkUnchanged("spec.names.plural", spec.names.plural, old.names.plural),
  ];
}

/** The problems of a name in one message. */
const joined =
  (format: Format): Format =>
  (value) => {
    const problems = format(value);
    return problems.length > 0 ? [problems.join(",")] : [];
  };

const lowerCaseName = joined(serviceNameProblems);
const mixedCaseName: Format = (value) =>
  lowerCaseName(value.toLowerCase()).map((problem) => `may have mixed case, but should otherwise match: ${problem}`);

function validateNames(names: CustomResourceDefinitionNames, path: string): Errors {
  const { plural, singular, kind, listKind, shortNames, categories } = names;
  const checkEach = (value: string, at: string) =>
    lowerCaseName(value).map((problem) => invalidField(at, value, problem));
  return [
    ...checkFormat(`${path}.plural`, plural, lowerCaseName),
    ...checkFormat(`${path}.singular`, singular, lowerCaseName),
    ...checkFormat(`${path}.kind`, kind, mixedCaseName),
    ...checkFormat(`${path}.listKind`, listKind, mixedCaseName),
    ...eachItem(shortNames, `${path}.shortNames`, checkEach),
    ...when(kind && kind === listKind, () =>
      invalidField(`${path}.listKind`, listKind, "kind and listKind may not be the same"),
    ),
    ...eachItem(categories, `${path}.categories`, checkEach),
  ];
}

const REVIEW_VERSIONS = ["v1", "v1beta1"];

/** In Kubernetes' internal form, whose names its errors have, the fields of the webhook are the conversion's own. */
function validateConversion(conversion: CustomResourceConversion, old: CustomResourceConversion | undefined): Errors {
  const { strategy, webhook } = conversion;
  const path = "spec.conversion";
  const versions = webhook?.conversionReviewVersions ?? [];
  const oldVersions = old?.webhook?.conversionReviewVersions ?? [];
  const isKnownRequired = oldVersions.length === 0 || oldVersions.some((each) => REVIEW_VERSIONS.includes(each));
  const strategyErrors = checkEnumeration(`${path}.strategy`, strategy, ["None", "Webhook"]);
  if (strategy !== "Webhook") {
    const problem = "should not be set when strategy is not set to Webhook";
    return [
      ...strategyErrors,
      ...when(webhook?.clientConfig, () => forbiddenField(`${path}.webhookClientConfig`, problem)),
      ...when(versions.length > 0, () => forbiddenField(`${path}.conversionReviewVersions`, problem)),
    ];
  }
  return [
    ...strategyErrors,
    ...(webhook?.clientConfig
      ? validateWebhookClient(webhook.clientConfig, `${path}.webhookClientConfig`)
      : [requiredField(`${path}.webhookClientConfig`, "required when strategy is set to Webhook")]),
    ...validateReviewVersions(versions, `${path}.conversionReviewVersions`, {
      known: REVIEW_VERSIONS,
      isKnownRequired,
    }),
  ];
}

/** Who moves objects from version to version says by the status which ones are left; Kubernetes takes their word. */
function isStatusWrite({ spec, status }: CustomResourceDefinition, old: CustomResourceDefinition | undefined): boolean {
  return (
    old !== undefined &&
    semanticEqual(spec, old.spec) &&
    !semanticEqual(status.storedVersions, old.status.storedVersions)
  );
}

function validateStoredVersions(
  { storedVersions = [] }: CustomResourceDefinitionStatus,
  { versions }: CustomResourceDefinitionSpec,
): Errors {
  const path = "status.storedVersions";
  if (storedVersions.length === 0) return [invalidField(path, storedVersions, "must have at least one stored version")];
  const names = versions.map(({ name }) => name);
  const missing = versions.filter(({ name, storage }) => storage && !storedVersions.includes(name));
  return [
    ...missing.map(({ name }) => invalidField(path, storedVersions, `must have the storage version ${name}`)),
    ...eachItem(storedVersions, path, (name, at) =>
      when(!names.includes(name), () =>
        invalidField(
          at,
          name,
          `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
        ),
      ),
    ),
  ];
}
