// Rules for references to objects of any kind, as ingresses and their classes make them.

import { pathSegmentProblems, subdomainProblems } from "../meta/names.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

interface Reference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

export function validateObjectReference({ apiGroup, kind, name }: Reference, path: string): readonly FieldError[] {
  const groupProblems = apiGroup === undefined ? [] : subdomainProblems(apiGroup);
  return [
    ...groupProblems.map((problem) => invalidField(`${path}.apiGroup`, apiGroup, problem)),
    ...(kind
      ? pathSegmentProblems(kind).map((problem) => invalidField(`${path}.kind`, kind, problem))
      : [requiredField(`${path}.kind`, "kind is required")]),
    ...(name
      ? pathSegmentProblems(name).map((problem) => invalidField(`${path}.name`, name, problem))
      : [requiredField(`${path}.name`, "name is required")]),
  ];
}
