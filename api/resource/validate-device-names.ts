// The forms of names around devices, and lists of them, from Kubernetes' validation.

import { checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems, type Format } from "../meta/names.ts";
import {
  duplicateField,
  invalidField,
  requiredField,
  tooLongField,
  tooManyField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const DRIVER_BYTES_MAX = 63;
const POOL_BYTES_MAX = 253;
const IDENTIFIER_BYTES_MAX = 32;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NO_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";

const checkAll = (path: string, value: string, format: Format): Errors =>
  format(value).map((problem) => invalidField(path, value, problem));

/** Names of devices and of requests. */
export const checkLabel = (path: string, value: string): Errors => checkAll(path, value, labelProblems);

export function checkDriver(path: string, value: string): Errors {
  return [
    ...checkRequired(path, value),
    ...when(Buffer.byteLength(value) > DRIVER_BYTES_MAX, tooLongField(path, DRIVER_BYTES_MAX)),
    ...checkAll(path, value, (text) => subdomainProblems(text.toLowerCase())),
  ];
}

export function checkPool(path: string, value: string): Errors {
  if (!value) return [requiredField(path)];
  return [
    ...when(Buffer.byteLength(value) > POOL_BYTES_MAX, tooLongField(path, POOL_BYTES_MAX)),
    ...value.split("/").flatMap((part) => checkAll(path, part, subdomainProblems)),
  ];
}

/** `model`, or `example.com/model`. */
export function checkAttributeName(path: string, name: string): Errors {
  if (!name) return [requiredField(path, "name required")];
  const [first = "", second, ...rest] = name.split("/");
  if (rest.length > 0) return [];
  if (second === undefined) return checkIdentifier(path, first);
  return [
    ...(first ? checkDriver(path, first) : [requiredField(path, "the domain must not be empty")]),
    ...(second ? checkIdentifier(path, second) : [requiredField(path, "the name must not be empty")]),
  ];
}

export function checkQualifiedAttributeName(path: string, name: string): Errors {
  return [
    ...checkAttributeName(path, name),
    ...when(name && !name.includes("/"), invalidField(path, name, "must include a domain")),
  ];
}

function checkIdentifier(path: string, value: string): Errors {
  const mismatch = { ...invalidField(path, value, NO_IDENTIFIER), reason: "FieldValueTypeInvalid" } as const;
  return [
    ...when(Buffer.byteLength(value) > IDENTIFIER_BYTES_MAX, tooLongField(path, IDENTIFIER_BYTES_MAX)),
    ...when(!IDENTIFIER.test(value), mismatch),
  ];
}

interface ListRules<T> {
  readonly countMax?: number;
  /** What tells the items apart, and the field that errors about it name; empty for the item itself. */
  readonly key?: { readonly of: (item: T) => string; readonly field: string };
  readonly check: (item: T, path: string) => Errors;
}

export function checkList<T>(items: readonly T[] | undefined, path: string, rules: ListRules<T>): Errors {
  const { countMax = Infinity, key, check } = rules;
  const count = items?.length ?? 0;
  const keys = key ? (items ?? []).map(key.of) : [];
  return [
    ...eachItem(items, path, check),
    ...when(count > countMax, tooManyField(path, count, countMax)),
    ...keys.flatMap((each, index) =>
      when(
        keys.indexOf(each) < index,
        duplicateField(key?.field ? `${path}[${index}].${key.field}` : `${path}[${index}]`, each),
      ),
    ),
  ];
}
