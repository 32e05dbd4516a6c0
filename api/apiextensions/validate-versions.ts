// Rules for the versions of a definition taken together, from Kubernetes' validation. Internally Kubernetes keeps what all
// versions have in common beside them, and its errors name that place.

import type { CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from "./custom-resource-definition.ts";
import { someSchema } from "./schema-parts.ts";
import { validateStructural } from "./structural-schema.ts";
import {
  validateColumn,
  validateDeprecation,
  validateSchema,
  validateSelectableFields,
  validateSubresources,
} from "./validate-definition-version.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { serviceNameProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Parts = Pick<
  CustomResourceDefinitionVersion,
  "schema" | "subresources" | "additionalPrinterColumns" | "selectableFields"
>;

const NAMES = ["schema", "subresources", "additionalPrinterColumns", "selectableFields"] as const;

export interface VersionRules {
  /** False for definitions from before schemas had to be structural. */
  readonly isStructural: boolean;
}

export function validateVersions(spec: CustomResourceDefinitionSpec, rules: VersionRules): Errors {
  const { versions } = spec;
  const common = commonParts(versions);
  return [
    ...eachItem(versions, "spec.versions", ({ schema }, at) =>
      when(!schema?.openAPIV3Schema, requiredField(`${at}.schema.openAPIV3Schema`, "schemas are required")),
    ),
    ...eachItem(versions, "spec.versions", (version, at) => [
      ...nameErrors(version.name, `${at}.name`),
      ...validateDeprecation(version, at),
      ...validateParts(withoutParts(version, common), {
        ...{ path: at, schemaName: "schema", ...rules },
        hasStatus: hasStatus(version),
      }),
    ]),
    ...validateParts(common, {
      ...{ path: "spec", schemaName: "validation", ...rules },
      hasStatus: versions.some(hasStatus),
    }),
  ];
}

function nameErrors(name: string, path: string): Errors {
  const problems = serviceNameProblems(name);
  return when(problems.length > 0, invalidField(path, name, problems.join(",")));
}

/** What every version says in the same words. */
function commonParts(versions: readonly CustomResourceDefinitionVersion[]): Parts {
  const [first] = versions;
  if (!first) return {};
  const names = NAMES.filter((name) => versions.every((each) => semanticEqual(each[name], first[name])));
  return Object.fromEntries(names.map((name) => [name, first[name]]));
}

function withoutParts(version: CustomResourceDefinitionVersion, common: Parts): Parts {
  return Object.fromEntries(NAMES.filter((name) => !(name in common)).map((name) => [name, version[name]]));
}

const hasStatus = ({ subresources }: Parts) => subresources?.status !== undefined;

interface Place extends VersionRules {
  readonly path: string;
  readonly schemaName: string;
  readonly hasStatus: boolean;
}

function validateParts(parts: Parts, place: Place): Errors {
  const { path, schemaName } = place;
  const { schema, subresources, additionalPrinterColumns, selectableFields = [] } = parts;
  const root = schema?.openAPIV3Schema;
  return [
    ...(root ? validateSchema(root, `${path}.${schemaName}`, place) : []),
    ...(subresources ? validateSubresources(subresources, `${path}.subresources`) : []),
    ...eachItem(additionalPrinterColumns, `${path}.additionalPrinterColumns`, validateColumn),
    ...(selectableFields.length > 0 ? validateSelectable(parts, path) : []),
  ];
}

function validateSelectable({ schema, selectableFields = [] }: Parts, path: string): Errors {
  const root = schema?.openAPIV3Schema;
  const at = `${path}.selectableFields`;
  if (root) return validateSelectableFields(selectableFields, root, at);
  const problem =
    path === "spec"
      ? "selectableFields may only be set when validations.schema is included"
      : "selectableFields may only be set when version.schema.openAPIV3Schema is not included";
  return [invalidField(at, "", problem)];
}

/** Whether all schemas of a stored definition are structural. */
export function isStructurallySound({ versions }: CustomResourceDefinitionSpec): boolean {
  return versions.every(({ schema }) => {
    const root = schema?.openAPIV3Schema;
    return !root || (!someSchema(root, ({ $ref }) => $ref !== undefined) && validateStructural(root, "").length === 0);
  });
}
