// Rules for conditions in the newer form, meta/v1 Condition, from Kubernetes' validation.

import type { Condition } from "./condition.ts";
import { checkFormat, checkRequired, eachItem, when } from "./field-checks.ts";
import { qualifiedNameProblems } from "./label-syntax.ts";
import type { Format } from "./names.ts";
import {
  duplicateField,
  invalidField,
  tooLongField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const REASON_BYTES_MAX = 1024;
const MESSAGE_BYTES_MAX = 32 * 1024;
const STATUSES = ["False", "True", "Unknown"];

export function validateConditions(conditions: readonly Condition[] | undefined, path: string): Errors {
  const types = (conditions ?? []).map(({ type }) => type);
  return eachItem(conditions, path, (condition, at, index) => {
    const isTaken = types.indexOf(condition.type) < index;
    return [...when(isTaken, duplicateField(`${at}.type`, condition.type)), ...validateCondition(condition, at)];
  });
}

function validateCondition(condition: Condition, path: string): Errors {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message = "" } = condition;
  return [
    ...qualifiedNameProblems(type ?? "").map((problem) => invalidField(`${path}.type`, type, problem)),
    ...when(!STATUSES.includes(status), unsupportedField(`${path}.status`, status, STATUSES)),
    ...when(
      observedGeneration < 0,
      invalidField(`${path}.observedGeneration`, observedGeneration, "must be greater than or equal to zero"),
    ),
    ...checkRequired(`${path}.lastTransitionTime`, lastTransitionTime, "must be set"),
    ...checkRequired(`${path}.reason`, reason, "must be set"),
    ...checkFormat(`${path}.reason`, reason, reasonProblems),
    ...when(byteLength(reason) > REASON_BYTES_MAX, tooLongField(`${path}.reason`, REASON_BYTES_MAX)),
    ...when(byteLength(message) > MESSAGE_BYTES_MAX, tooLongField(`${path}.message`, MESSAGE_BYTES_MAX)),
  ];
}

const byteLength = (text: string | undefined) => Buffer.byteLength(text ?? "");

const REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const REASON_REGEXP = new RegExp(`^${REASON}$`);

const reasonProblems: Format = (value) =>
  REASON_REGEXP.test(value)
    ? []
    : [
        "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'" +
          ` (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${REASON}')`,
      ];
