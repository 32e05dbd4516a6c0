// Rules for what claims ask for, from Kubernetes' validation. Expressions in CEL are checked for their length alone.

import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
} from "./device-claim.ts";
import { checkDriver, checkLabel, checkList, checkQualifiedAttributeName } from "./validate-device-names.ts";
import { checkRequired, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { renderJson } from "../../lib/json.ts";
import { invalidField, requiredField, tooLongField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** Of requests, constraints, settings and selectors. */
export const LIST_MAX = 32;
const EXPRESSION_BYTES_MAX = 10 * 1024;
const PARAMETERS_BYTES_MAX = 10 * 1024;

export interface ClaimRules {
  /** True for what is stored already: a limit that came later does not apply. */
  readonly isStored: boolean;
}

export function validateDeviceClaim(claim: DeviceClaim, path: string, rules: ClaimRules): Errors {
  const names = (claim.requests ?? []).map(({ name }) => name);
  return [
    ...checkList(claim.requests, `${path}.requests`, {
      ...{ countMax: LIST_MAX, check: validateRequest },
      key: { of: ({ name }) => name, field: "name" },
    }),
    ...checkList(claim.constraints, `${path}.constraints`, {
      countMax: LIST_MAX,
      check: (constraint, at) => validateConstraint(constraint, at, names),
    }),
    ...checkList(claim.config, `${path}.config`, {
      countMax: LIST_MAX,
      check: (config: DeviceClaimConfiguration, at) => [
        ...checkRequestNames(config.requests, `${at}.requests`, names),
        ...validateConfiguration(config, at, rules),
      ],
    }),
  ];
}

function validateRequest({ name, deviceClassName, selectors, ...amount }: DeviceRequest, path: string): Errors {
  const nameErrors = checkLabel(`${path}.name`, name);
  if (!deviceClassName) {
    const problem = "exactly one of `deviceClassName` or `firstAvailable` must be specified";
    return [...nameErrors, requiredField(path, problem)];
  }
  return [
    ...nameErrors,
    ...subdomainProblems(deviceClassName).map((problem) =>
      invalidField(`${path}.deviceClassName`, deviceClassName, problem),
    ),
    ...validateSelectors(selectors, `${path}.selectors`),
    ...validateAmount(amount, path),
  ];
}

type Amount = Pick<DeviceRequest, "allocationMode" | "count">;

function validateAmount({ allocationMode = "", count = 0 }: Amount, path: string): Errors {
  switch (allocationMode) {
    case "All":
      return when(
        count !== 0,
        invalidField(`${path}.count`, count, "must not be specified when allocationMode is 'All'"),
      );
    case "ExactCount":
      return when(count <= 0, invalidField(`${path}.count`, count, "must be greater than zero"));
    default:
      return [unsupportedField(`${path}.allocationMode`, allocationMode, ["All", "ExactCount"])];
  }
}

export function validateSelectors(selectors: readonly DeviceSelector[] | undefined, path: string): Errors {
  return checkList(selectors, path, {
    countMax: LIST_MAX,
    check: ({ cel }, at) => {
      if (!cel) return [requiredField(`${at}.cel`)];
      const isTooLong = Buffer.byteLength(cel.expression) > EXPRESSION_BYTES_MAX;
      return [
        ...checkRequired(`${at}.cel.expression`, cel.expression.trim()),
        ...when(isTooLong, tooLongField(`${at}.cel.expression`, EXPRESSION_BYTES_MAX)),
      ];
    },
  });
}

function validateConstraint(
  { requests, matchAttribute }: DeviceConstraint,
  path: string,
  names: readonly string[],
): Errors {
  return [
    ...checkRequestNames(requests, `${path}.requests`, names),
    ...(matchAttribute === undefined
      ? [requiredField(`${path}.matchAttribute`)]
      : checkQualifiedAttributeName(`${path}.matchAttribute`, matchAttribute)),
  ];
}

export function checkRequestNames(
  requests: readonly string[] | undefined,
  path: string,
  names: readonly string[],
): Errors {
  return checkList(requests, path, {
    ...{ countMax: LIST_MAX, key: { of: (name) => name, field: "" } },
    check: (name, at) => checkRequestName(name, at, names),
  });
}

export function checkRequestName(name: string, path: string, names: readonly string[]): Errors {
  const problem =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const parts = name.split("/");
  if (parts.length > 2) return [invalidField(path, name, problem)];
  return [
    ...parts.flatMap((part) => checkLabel(path, part)),
    ...when(!names.includes(name), invalidField(path, name, problem)),
  ];
}

export function validateConfiguration({ opaque }: DeviceConfiguration, path: string, rules: ClaimRules): Errors {
  if (!opaque) return [requiredField(`${path}.opaque`)];
  return [
    ...checkDriver(`${path}.opaque.driver`, opaque.driver),
    ...checkRawObject(opaque.parameters, `${path}.opaque.parameters`, {
      bytesMax: rules.isStored ? Infinity : PARAMETERS_BYTES_MAX,
    }),
  ];
}

export function checkRawObject(value: unknown, path: string, { bytesMax }: { readonly bytesMax: number }): Errors {
  if (value === undefined || value === null) return [requiredField(path)];
  if (Buffer.byteLength(renderJson(value)) > bytesMax) return [tooLongField(path, bytesMax)];
  const isObject = typeof value === "object" && !Array.isArray(value);
  return when(!isObject, invalidField(path, "<value omitted>", "parameters must be a valid JSON object"));
}
