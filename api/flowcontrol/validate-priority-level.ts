// Rules for priority levels, from Kubernetes' validation.

import { mandatoryPriorityLevels } from "./mandatory-objects.ts";
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from "./priority-level-configuration.ts";
import { validateFlowConditions } from "./validate-flow-schema.ts";
import { checkRange, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const EXEMPT = "exempt";
const QUEUES_MAX = 10_000_000;
/** The hash that deals the queues has no more bits. */
const HASH_BITS = 60;
const PERCENT = { min: 0, max: 100 };

export function validatePriorityLevel(
  level: PriorityLevelConfiguration,
  old?: PriorityLevelConfiguration,
): FieldError[] {
  return [
    ...validateMetadata(level, old, { name: subdomainProblems, scope: "Cluster" }),
    ...validateSpec(level.metadata.name, level.spec),
    ...checkMandatory(level),
    ...validateFlowConditions(level.status.conditions),
  ];
}

/** Of the level `exempt` users may change what it leaves to the others. */
function checkMandatory({ metadata: { name }, spec }: PriorityLevelConfiguration): Errors {
  const fixed = mandatoryPriorityLevels.find((each) => each.metadata.name === name)?.spec;
  if (!fixed) return [];
  const isExempt = name === EXEMPT;
  const compared = isExempt ? { ...spec, exempt: fixed.exempt } : spec;
  const what = isExempt ? `'${name}' except the 'spec.exempt' field` : `'${name}'`;
  return when(
    !semanticEqual(compared, fixed),
    invalidField("spec", spec, `spec of ${what} must equal the fixed value`),
  );
}

function validateSpec(name: string, { type, limited, exempt }: PriorityLevelConfigurationSpec): Errors {
  const isMisnamed = (name === EXEMPT) !== (type === "Exempt");
  const nameErrors = when(
    isMisnamed,
    invalidField("spec.type", type, "type must be 'Exempt' if and only if name is 'exempt'"),
  );
  switch (type) {
    case "Exempt":
      return [
        ...nameErrors,
        ...when(limited, forbiddenField("spec.limited", "must be nil if the type is not Limited")),
        ...(exempt ? validateExempt(exempt, "spec.exempt") : []),
      ];
    case "Limited":
      return [
        ...nameErrors,
        ...when(exempt, forbiddenField("spec.exempt", "must be nil if the type is Limited")),
        ...(limited
          ? validateLimited(limited, "spec.limited")
          : [requiredField("spec.limited", "must not be empty when type is Limited")]),
      ];
    default:
      return [...nameErrors, unsupportedField("spec.type", type, ["Exempt", "Limited"])];
  }
}

function checkNonNegative(path: string, value: number | undefined, problem = "must be a non-negative integer"): Errors {
  return when(value !== undefined && value < 0, invalidField(path, value, problem));
}

function validateExempt(exempt: ExemptPriorityLevelConfiguration, path: string): Errors {
  return [
    ...checkNonNegative(`${path}.nominalConcurrencyShares`, exempt.nominalConcurrencyShares),
    ...checkRange(`${path}.lendablePercent`, exempt.lendablePercent, PERCENT),
  ];
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: string): Errors {
  const { nominalConcurrencyShares, limitResponse, lendablePercent, borrowingLimitPercent } = limited;
  const borrowing = "if specified, must be a non-negative integer";
  return [
    ...checkNonNegative(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares),
    ...validateLimitResponse(limitResponse, `${path}.limitResponse`),
    ...checkRange(`${path}.lendablePercent`, lendablePercent, PERCENT),
    ...checkNonNegative(`${path}.borrowingLimitPercent`, borrowingLimitPercent, borrowing),
  ];
}

function validateLimitResponse({ type, queuing }: LimitResponse, path: string): Errors {
  switch (type) {
    case "Reject":
      return when(
        queuing,
        forbiddenField(`${path}.queuing`, "must be nil if limited.limitResponse.type is not Limited"),
      );
    case "Queue":
      return queuing
        ? validateQueuing(queuing, `${path}.queuing`)
        : [requiredField(`${path}.queuing`, "must not be empty if limited.limitResponse.type is Limited")];
    default:
      return [unsupportedField(`${path}.type`, type, ["Queue", "Reject"])];
  }
}

function validateQueuing(
  { queueLengthLimit = 0, queues = 0, handSize = 0 }: QueuingConfiguration,
  path: string,
): Errors {
  const tooMany = `must not be greater than ${QUEUES_MAX}`;
  const problem = handSizeProblem(queues, handSize);
  return [
    ...when(queueLengthLimit <= 0, invalidField(`${path}.queueLengthLimit`, queueLengthLimit, "must be positive")),
    ...when(queues <= 0, invalidField(`${path}.queues`, queues, "must be positive")),
    ...when(queues > QUEUES_MAX, invalidField(`${path}.queues`, queues, tooMany)),
    ...(problem ? [invalidField(`${path}.handSize`, handSize, problem)] : []),
  ];
}

function handSizeProblem(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return "must be positive";
  if (handSize > queues) return `should not be greater than queues (${queues})`;
  return Math.ceil(Math.log2(queues) * handSize) > HASH_BITS
    ? `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`
    : undefined;
}
