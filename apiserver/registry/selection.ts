// Which objects of a collection a request is about: its label and field selectors, read once and applied to each object.

import type { KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import {
  matchesFieldSelector,
  matchesSelector,
  parseFieldSelector,
  parseSelector,
  requiredFieldValue,
  SelectorError,
  type FieldSelector,
} from "../../api/meta/selector.ts";
import { StatusError } from "../../api/meta/status.ts";

export interface Selection {
  /** True where every object is selected. */
  readonly isAll: boolean;
  /** Set where only an object of this name can match. */
  readonly name?: string;
  matches(object: KubeObject): boolean;
}

const EVERYTHING: Selection = { isAll: true, matches: () => true };

/** Throws BadRequest for selectors that cannot be read and for fields that the kind cannot be selected by. */
export function readSelection(resource: ResourceDefinition, query: URLSearchParams, name?: string): Selection {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  if (!labelText && !fieldText && name === undefined) return EVERYTHING;
  const labels = readAs(() => parseSelector(labelText));
  const fields = withName(
    readAs(() => parseFieldSelector(fieldText)),
    name,
  );
  const supported = selectableNames(resource);
  const unknown = fields.find(({ field }) => supported && !supported.includes(field));
  if (unknown) throw unknownField(resource, unknown.field);
  return {
    isAll: labels.length === 0 && fields.length === 0,
    name: requiredFieldValue(fields, "metadata.name"),
    matches: (object) =>
      matchesSelector(labels, object.metadata.labels) &&
      (fields.length === 0 || matchesFieldSelector(fields, fieldsOf(resource, object))),
  };
}

/** What limits a request to a collection; undefined where nothing does that could be understood. */
export function limitingSelector(query: URLSearchParams): FieldSelector | undefined {
  const text = query.get("fieldSelector");
  if (!text) return undefined;
  try {
    return parseFieldSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** The one name that a list can show, for which reading it may be allowed though reading all is not. */
export function selectedName(query: URLSearchParams): string | undefined {
  const text = query.get("fieldSelector");
  if (!text) return undefined;
  const name = requiredFieldValue(
    readAs(() => parseFieldSelector(text)),
    "metadata.name",
  );
  return name === "" || name === "." || name === ".." || /[/%]/.test(name ?? "") ? undefined : name;
}

const unknownField = ({ selectableFields }: ResourceDefinition, field: string): StatusError =>
  new StatusError(
    "BadRequest",
    selectableFields
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  );

/** Where the path names an object, a selector of fields may only say the same. */
function withName(fields: FieldSelector, name: string | undefined): FieldSelector {
  if (name === undefined) return fields;
  if (fields.length === 0) return [{ field: "metadata.name", operator: "=", value: name }];
  if (requiredFieldValue(fields, "metadata.name") === name) return fields;
  throw new StatusError("BadRequest", "fieldSelector metadata.name doesn't match requested name");
}

function readAs<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw new StatusError("BadRequest", error.message);
    throw error;
  }
}

const fieldsOf = (resource: ResourceDefinition, object: KubeObject) => ({
  "metadata.name": object.metadata.name,
  "metadata.namespace": object.metadata.namespace ?? "",
  ...resource.selectableFields?.(object),
});

/** Asks a hollow object of the kind, since the fields do not depend on the values. Undefined when that cannot be told. */
function selectableNames(resource: ResourceDefinition): readonly string[] | undefined {
  const hollow = Object.fromEntries(
    Object.entries(resource.schema.fields)
      .filter(([, field]) => field.schema.type === "object")
      .map(([name]) => [name, {}]),
  );
  try {
    return Object.keys(fieldsOf(resource, hollow as unknown as KubeObject));
  } catch {
    return undefined;
  }
}
