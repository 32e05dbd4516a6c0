// The rules that follow from a schema alone: required fields and enumerations, and, where asked, that keys in lists are
// unique. Takes decoded objects, whose types fit already. Rules across fields belong to each kind's `validate`.

import { compileOnce } from "./compile-once.ts";
import { duplicateField, type FieldError, requiredField, unsupportedField } from "./field-error.ts";
import { type PathPart, renderFieldPath } from "./field-path.ts";
import type { ListShape, ObjectShape, Schema } from "./schema.ts";

export interface ValidateOptions {
  /**
   * Whether lists of type `set` and `map` must be free of duplicates. Kubernetes demands it of custom resources; of its own
   * kinds it leaves it to each kind (a container's `env` may repeat names).
   */
  readonly uniqueLists?: boolean;
}

/** All breaches, in the order of the schema's fields. The status is not looked at, as Kubernetes does not either. */
export function validateObject<T>(schema: Schema<T>, object: T, options: ValidateOptions = {}): FieldError[] {
  const walk: Walk = { path: [], errors: [], uniqueLists: options.uniqueLists ?? false };
  rootCheckOf(schema)?.(object, walk);
  return walk.errors;
}

interface Walk {
  readonly path: PathPart[];
  readonly errors: FieldError[];
  readonly uniqueLists: boolean;
}

type Check = (value: unknown, walk: Walk) => void;
type Fields = Readonly<Record<string, unknown>>;

const rootCheckOf = compileOnce((schema) =>
  schema.type === "object" ? objectCheck(schema, (name) => name !== "status") : checkOf(schema),
);
const checkOf: (schema: Schema) => Check | undefined = compileOnce(compileCheck);

/** Undefined where the schema has no rule, so that the walk skips it. */
function compileCheck(schema: Schema): Check | undefined {
  switch (schema.type) {
    case "string":
      return schema.values && enumerationCheck(schema.values);
    case "list":
      return listCheck(schema);
    case "map":
      return mapCheck(checkOf(schema.values));
    case "object":
      return objectCheck(schema, () => true);
    case "lazy":
      return (value, walk) => checkOf(schema.of())?.(value, walk);
    case "union":
      return (value, walk) => {
        const chosen = schema.schemaOf(value);
        if (chosen) checkOf(chosen)?.(value, walk);
      };
    default:
      return undefined;
  }
}

function enumerationCheck(values: readonly string[]): Check {
  const allowed = new Set<unknown>(values);
  const sorted = [...values].sort();
  return (value, walk) => {
    if (!allowed.has(value)) walk.errors.push(unsupportedField(renderFieldPath(walk.path), value, sorted));
  };
}

function objectCheck(shape: ObjectShape, isChecked: (name: string) => boolean): Check | undefined {
  const fields = Object.entries(shape.fields)
    .filter(([name]) => isChecked(name))
    .map(([name, { required, isLenient, schema }]) => ({
      name,
      required: required && !isLenient,
      check: checkOf(schema),
    }))
    .filter(({ required, check }) => required || check);
  if (fields.length === 0) return undefined;
  return (value, walk) => {
    const depth = walk.path.length;
    for (const { name, required, check } of fields) {
      const part = (value as Fields)[name];
      walk.path[depth] = name;
      if (part !== undefined) check?.(part, walk);
      else if (required) walk.errors.push(requiredField(renderFieldPath(walk.path)));
    }
    walk.path.length = depth;
  };
}

function mapCheck(check: Check | undefined): Check | undefined {
  if (!check) return undefined;
  return (value, walk) => {
    const depth = walk.path.length;
    for (const [key, entry] of Object.entries(value as Fields)) {
      walk.path[depth] = { key };
      check(entry, walk);
    }
    walk.path.length = depth;
  };
}

function listCheck(shape: ListShape): Check | undefined {
  const check = checkOf(shape.items);
  const identify = identityOf(shape);
  if (!check && !identify) return undefined;
  return (value, walk) => {
    const depth = walk.path.length;
    const seen = walk.uniqueLists && identify ? new Set<string>() : undefined;
    for (const [index, item] of (value as readonly unknown[]).entries()) {
      walk.path[depth] = index;
      check?.(item, walk);
      if (seen && identify) checkUnique(identify(item), seen, walk);
    }
    walk.path.length = depth;
  };
}

function checkUnique(identity: unknown, seen: Set<string>, walk: Walk): void {
  const text = JSON.stringify(identity);
  if (seen.has(text)) walk.errors.push(duplicateField(renderFieldPath(walk.path), identity));
  seen.add(text);
}

/** What tells an item of the list from the others; undefined for lists that may repeat items. */
function identityOf({ listType, keys = [] }: ListShape): ((item: unknown) => unknown) | undefined {
  if (listType === "set") return (item) => item;
  if (listType !== "map") return undefined;
  return (item) => Object.fromEntries(keys.map((key) => [key, (item as Fields)[key]]));
}
