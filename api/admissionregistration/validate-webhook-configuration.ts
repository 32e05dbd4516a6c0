// Rules for webhook configurations, from Kubernetes' validation. What an older object got wrong it may keep.

import type { MutatingWebhookConfiguration } from "./mutating-webhook-configuration.ts";
import type { ValidatingWebhook, ValidatingWebhookConfiguration } from "./validating-webhook-configuration.ts";
import { validateMatchConditions, validateRule } from "./validate-admission-rule.ts";
import { checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { validateReviewVersions, validateWebhookClient } from "../meta/validate-webhook.ts";
import {
  duplicateField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];
/** What both sorts of webhooks have. */
type Webhook = Omit<ValidatingWebhook, "failurePolicy" | "matchPolicy">;

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const HARMLESS = ["None", "NoneOnDryRun"];
const SIDE_EFFECTS = ["None", "NoneOnDryRun", "Some", "Unknown"];
const TIMEOUT_MAX_SECONDS = 30;
const NAME_PARTS_MIN = 3;

export function validateMutatingWebhookConfiguration(
  configuration: MutatingWebhookConfiguration,
  old?: MutatingWebhookConfiguration,
): FieldError[] {
  return validateConfiguration(configuration, old);
}

export function validateValidatingWebhookConfiguration(
  configuration: ValidatingWebhookConfiguration,
  old?: ValidatingWebhookConfiguration,
): FieldError[] {
  return validateConfiguration(configuration, old);
}

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

function validateConfiguration(configuration: Configuration, old: Configuration | undefined): FieldError[] {
  const webhooks: readonly Webhook[] = configuration.webhooks ?? [];
  const rules = rulesFor(webhooks, old?.webhooks);
  const names = webhooks.map(({ name }) => name);
  return [
    ...validateMetadata(configuration, old, { name: subdomainProblems, scope: "Cluster" }),
    ...eachItem(webhooks, "webhooks", (webhook, at, index) => [
      ...validateWebhook(webhook, at, rules),
      ...validateReviewVersions(webhook.admissionReviewVersions, `${at}.admissionReviewVersions`, {
        known: REVIEW_VERSIONS,
        missing: `must specify one of ${REVIEW_VERSIONS.join(", ")}`,
        isKnownRequired: rules.isKnownRequired,
      }),
      ...when(
        rules.areNamesUnique && webhook.name && names.indexOf(webhook.name) < index,
        duplicateField(`${at}.name`, webhook.name),
      ),
    ]),
  ];
}

interface Rules {
  readonly areNamesUnique: boolean;
  readonly isKnownRequired: boolean;
  readonly isHarmlessRequired: boolean;
  /** Conditions that have not changed are not looked at again. */
  readonly checksConditions: boolean;
}

function rulesFor(webhooks: readonly Webhook[], old: readonly Webhook[] | undefined): Rules {
  if (!old) {
    return { areNamesUnique: true, isKnownRequired: true, isHarmlessRequired: true, checksConditions: true };
  }
  const conditionsOf = (list: readonly Webhook[]) => list.map(({ matchConditions = [] }) => matchConditions);
  const isKnown = (version: string) => REVIEW_VERSIONS.includes(version);
  return {
    areNamesUnique: new Set(old.map(({ name }) => name)).size === old.length,
    isKnownRequired: old.every(({ admissionReviewVersions: all }) => all.length === 0 || all.some(isKnown)),
    isHarmlessRequired: old.every(({ sideEffects }) => HARMLESS.includes(sideEffects)),
    checksConditions: !semanticEqual(conditionsOf(webhooks), conditionsOf(old)),
  };
}

function validateWebhook(webhook: Webhook, path: string, rules: Rules): Errors {
  const { timeoutSeconds = 1, namespaceSelector, objectSelector } = webhook;
  return [
    ...checkQualifiedName(webhook.name, `${path}.name`),
    ...eachItem(webhook.rules, `${path}.rules`, validateRule),
    ...checkSideEffects(webhook.sideEffects, `${path}.sideEffects`, rules.isHarmlessRequired ? HARMLESS : SIDE_EFFECTS),
    ...when(
      timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_MAX_SECONDS,
      invalidField(`${path}.timeoutSeconds`, timeoutSeconds, "the timeout value must be between 1 and 30 seconds"),
    ),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(objectSelector, `${path}.objectSelector`),
    ...validateWebhookClient(webhook.clientConfig, `${path}.clientConfig`),
    ...(rules.checksConditions ? validateMatchConditions(webhook.matchConditions, `${path}.matchConditions`) : []),
  ];
}

function checkQualifiedName(name: string, path: string): Errors {
  if (!name) return checkRequired(path, name);
  const problems = subdomainProblems(name);
  if (problems.length > 0) return [invalidField(path, name, problems.join(","))];
  return when(
    name.split(".").length < NAME_PARTS_MIN,
    invalidField(path, name, "should be a domain with at least three segments separated by dots"),
  );
}

function checkSideEffects(value: string, path: string, allowed: readonly string[]): Errors {
  if (!value) return [requiredField(path, `must specify one of ${allowed.join(", ")}`)];
  return when(!allowed.includes(value), unsupportedField(path, value, allowed));
}
