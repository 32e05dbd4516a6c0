// Rules for paths in the files of containers and volumes: none may lead out of the place it belongs to.

import { when } from "../meta/field-checks.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function checkNoBacksteps(path: string, value: string): Errors {
  return when(value.split("/").includes(".."), invalidField(path, value, "must not contain '..'"));
}

/** Relative, and downwards only. */
export function checkDescendingPath(path: string, value: string): Errors {
  return [
    ...when(value.startsWith("/"), invalidField(path, value, "must be a relative path")),
    ...checkNoBacksteps(path, value),
  ];
}

/** As checkDescendingPath, but names that begin with two dots are kept for the kubelet's own bookkeeping. */
export function checkFileName(path: string, value: string): Errors {
  const isReserved = value.startsWith("..") && !value.startsWith("../") && value !== "..";
  return [
    ...checkDescendingPath(path, value),
    ...when(isReserved, invalidField(path, value, "must not start with '..'")),
  ];
}
