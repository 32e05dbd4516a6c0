// Rules for limit ranges, from Kubernetes' validation: limits must leave room for something, and defaults must keep to them.

import type { LimitRange, LimitRangeItem } from "./limit-range.ts";
import { checkContainerResourceName, checkResourceName, isOvercommitAllowed } from "./resource-names.ts";
import { readQuantity } from "./validate-resources.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { subdomainProblems } from "../meta/names.ts";
import { compareQuantities, milliValue, quantityOf, type Quantity } from "../meta/quantity.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { duplicateField, forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const TYPES = ["Pod", "Container", "PersistentVolumeClaim"];
const LIMITS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;
type Limit = (typeof LIMITS)[number];

export function validateLimitRange(range: LimitRange, old?: LimitRange): FieldError[] {
  const types = new Set<string>();
  return [
    ...validateMetadata(range, old, { name: subdomainProblems }),
    ...eachItem(range.spec.limits, "spec.limits", (item, at) => {
      const isTaken = types.has(item.type);
      types.add(item.type);
      return [
        ...validateType(`${at}.type`, item.type),
        ...when(isTaken, duplicateField(`${at}.type`, item.type)),
        ...validateItem(item, at),
      ];
    }),
  ];
}

function validateType(path: string, type = ""): Errors {
  const problems = qualifiedNameProblems(type).map((problem) => invalidField(path, type, problem));
  if (problems.length > 0) return problems;
  const isKnown = type.includes("/") || TYPES.includes(type);
  return when(!isKnown, invalidField(path, type, "must be a standard limit type or fully qualified"));
}

function validateItem(item: LimitRangeItem, path: string): Errors {
  const isPod = item.type === "Pod";
  const isClaim = item.type === "PersistentVolumeClaim";
  const checked = isPod ? LIMITS.filter((limit) => limit !== "default" && limit !== "defaultRequest") : LIMITS;
  const checkName = isPod || item.type === "Container" ? checkContainerResourceName : checkResourceName;
  const isSet = (limit: Limit) => Object.keys(item[limit] ?? {}).length > 0;
  const notForPods = "may not be specified when `type` is 'Pod'";
  const hasNoSize = item.min?.storage === undefined && item.max?.storage === undefined;
  const noSize = "either minimum or maximum storage value is required, but neither was provided";
  const names = new Set(checked.flatMap((limit) => Object.keys(item[limit] ?? {})));
  return [
    ...checked.flatMap((limit) =>
      Object.keys(item[limit] ?? {}).flatMap((name) => checkName(`${path}.${limit}[${name}]`, name)),
    ),
    ...when(isPod && isSet("default"), forbiddenField(`${path}.default`, notForPods)),
    ...when(isPod && isSet("defaultRequest"), forbiddenField(`${path}.defaultRequest`, notForPods)),
    ...when(isClaim && hasNoSize, requiredField(`${path}.limits`, noSize)),
    ...[...names].flatMap((name) => validateResource({ item, name, checked }, path)),
  ];
}

interface OneResource {
  readonly item: LimitRangeItem;
  readonly name: string;
  readonly checked: readonly Limit[];
}

type Amounts = Partial<Record<Limit, Amount>>;
interface Amount {
  readonly text: string;
  readonly quantity: Quantity;
}

/** `lower` must not be more than `upper`. The error is about `at`, and shows the amount of `shown`. */
interface OrderRule {
  readonly lower: Limit;
  readonly upper: Limit;
  readonly at: Limit;
  readonly shown: Limit;
  readonly words: readonly [lower: string, than: string];
}

const ORDER: readonly OrderRule[] = [
  { lower: "min", upper: "max", at: "min", shown: "min", words: ["min value", "max value"] },
  {
    lower: "min",
    upper: "defaultRequest",
    at: "defaultRequest",
    shown: "defaultRequest",
    words: ["min value", "default request value"],
  },
  {
    lower: "defaultRequest",
    upper: "max",
    at: "defaultRequest",
    shown: "defaultRequest",
    words: ["default request value", "max value"],
  },
  {
    lower: "defaultRequest",
    upper: "default",
    at: "defaultRequest",
    shown: "defaultRequest",
    words: ["default request value", "default limit value"],
  },
  { lower: "min", upper: "default", at: "default", shown: "min", words: ["min value", "default value"] },
  { lower: "default", upper: "max", at: "default", shown: "max", words: ["default value", "max value"] },
];

function validateResource({ item, name, checked }: OneResource, path: string): Errors {
  const amounts: Amounts = {};
  for (const limit of checked) {
    const text = item[limit]?.[name];
    const quantity = text === undefined ? undefined : readQuantity(text);
    if (text !== undefined && quantity) amounts[limit] = { text, quantity };
  }
  const at = (limit: Limit) => `${path}.${limit}[${name}]`;
  return [
    ...ORDER.flatMap((rule) => checkOrder(amounts, rule, at(rule.at))),
    ...checkRatio(amounts, at("maxLimitRequestRatio")),
    ...(isOvercommitAllowed(name) ? [] : checkEqualDefaults(amounts, name, at("defaultRequest"))),
  ];
}

function checkOrder(amounts: Amounts, { lower, upper, shown, words }: OrderRule, path: string): Errors {
  const [low, high] = [amounts[lower], amounts[upper]];
  if (!low || !high || compareQuantities(low.quantity, high.quantity) <= 0) return [];
  const problem = `${words[0]} ${low.text} is greater than ${words[1]} ${high.text}`;
  return [invalidField(path, amounts[shown]?.text, problem)];
}

/** A ratio says how many times the request a limit may be; the bounds may leave room for less. */
function checkRatio({ maxLimitRequestRatio: ratio, min, max }: Amounts, path: string): Errors {
  if (!ratio) return [];
  const isBelowOne = compareQuantities(ratio.quantity, quantityOf(1)) < 0;
  const room = min && max ? milliValue(max.quantity) / milliValue(min.quantity) : Infinity;
  const isTooMuch = milliValue(ratio.quantity) / 1000 > room;
  return [
    ...when(isBelowOne, invalidField(path, ratio.text, `ratio ${ratio.text} is less than 1`)),
    ...when(
      isTooMuch,
      invalidField(path, ratio.text, `ratio ${ratio.text} is greater than max/min = ${room.toFixed(6)}`),
    ),
  ];
}

/** What cannot be promised twice is asked for and limited to the same amount. */
function checkEqualDefaults({ default: limit, defaultRequest: request }: Amounts, name: string, path: string): Errors {
  if (!limit || !request || compareQuantities(limit.quantity, request.quantity) === 0) return [];
  const problem = `default value ${limit.text} must equal to defaultRequest value ${request.text} in ${name}`;
  return [invalidField(path, request.text, problem)];
}
