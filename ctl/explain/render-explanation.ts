// The text of `kctl explain`, from the server's OpenAPI v3 document, laid out as kubectl lays it out. Pure.

import { closestName } from "../closest-name.ts";
import { CommandError } from "../command-error.ts";

/** The parts of an OpenAPI schema that are shown. */
export interface OpenApiSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly items?: OpenApiSchema;
  readonly allOf?: readonly OpenApiSchema[];
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Schemas by name, as under `components.schemas`. */
export type Schemas = Readonly<Record<string, OpenApiSchema>>;

export interface Explanation {
  readonly schemas: Schemas;
  readonly kind: GroupVersionKind;
  /** Field names from the kind down; none for the kind itself. */
  readonly path: readonly string[];
  readonly recursive: boolean;
}

const WIDTH = 76;
const ENUM_SHOWN_MAX = 4;

/** Throws CommandError where the document has no such kind or field. */
export function renderExplanation({ schemas, kind, path, recursive }: Explanation): string {
  const root = findKind(schemas, kind);
  const field = path.reduce<OpenApiSchema>((schema, name) => stepInto(schemas, schema, name), root);
  const lines = [
    ...(kind.group ? [`GROUP:      ${kind.group}`] : []),
    `KIND:       ${kind.kind}`,
    `VERSION:    ${kind.version}`,
    "",
    ...(path.length > 0 ? fieldHead(schemas, path.at(-1) ?? "", field) : []),
    "DESCRIPTION:",
    ...descriptions(schemas, field).flatMap((text) => wrap(text, "    ")),
    "    ",
    ...fieldList(schemas, field, recursive),
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function findKind(schemas: Schemas, { group, version, kind }: GroupVersionKind): OpenApiSchema {
  const found = Object.values(schemas).find((schema) =>
    schema["x-kubernetes-group-version-kind"]?.some(
      (each) => each.group === group && each.version === version && each.kind === kind,
    ),
  );
  if (found) return found;
  throw new CommandError(`the server's OpenAPI document has no schema of ${kind} in version ${version}`);
}

function fieldHead(schemas: Schemas, name: string, field: OpenApiSchema): string[] {
  const values = field.enum?.map((value) => `    ${String(value)}`);
  return [`FIELD: ${name} <${typeOf(schemas, field)}>`, ...(values ? ["ENUM:", ...values] : [""]), ""];
}

function fieldList(schemas: Schemas, field: OpenApiSchema, recursive: boolean): string[] {
  const owner = objectOf(schemas, field);
  if (!owner?.properties) return [];
  const lines = recursive ? fieldTree(schemas, owner, { level: 1, above: [] }) : plainFields(schemas, owner);
  return ["FIELDS:", ...lines];
}

function plainFields(schemas: Schemas, owner: OpenApiSchema): string[] {
  return sortedFields(owner).flatMap(([name, field]) => [
    ...fieldLines(schemas, { owner, name, field, indent: "  " }),
    ...descriptions(schemas, field)
      .slice(0, 1)
      .flatMap((text) => wrap(text, "    ")),
    "",
  ]);
}

const sortedFields = ({ properties = {} }: OpenApiSchema) =>
  Object.entries(properties).sort(([one], [other]) => (one < other ? -1 : 1));

interface Place {
  readonly level: number;
  /** The schemas that this one is inside of: types that contain themselves are shown once. */
  readonly above: readonly OpenApiSchema[];
}

function fieldTree(schemas: Schemas, owner: OpenApiSchema, { level, above }: Place): string[] {
  return sortedFields(owner).flatMap(([name, field]) => {
    const lines = fieldLines(schemas, { owner, name, field, indent: "  ".repeat(level) });
    const inner = objectOf(schemas, field);
    const isKnown = !inner || inner === owner || above.includes(inner);
    return isKnown ? lines : [...lines, ...fieldTree(schemas, inner, { level: level + 1, above: [...above, owner] })];
  });
}

interface ShownField {
  readonly owner: OpenApiSchema;
  readonly name: string;
  readonly field: OpenApiSchema;
  readonly indent: string;
}

function fieldLines(schemas: Schemas, { owner, name, field, indent }: ShownField): string[] {
  const required = owner.required?.includes(name) ? " -required-" : "";
  const values = field.enum?.map((value) => (value === "" ? '""' : String(value)));
  const shown = values?.slice(0, ENUM_SHOWN_MAX).join(", ");
  const more = (values?.length ?? 0) > ENUM_SHOWN_MAX ? ", ...." : "";
  return [
    `${indent}${name}\t<${typeOf(schemas, field)}>${required}`,
    ...(shown === undefined ? [] : [`${indent}enum: ${shown}${more}`]),
  ];
}

function referenced(schemas: Schemas, { $ref = "" }: OpenApiSchema): OpenApiSchema | undefined {
  return schemas[$ref.slice($ref.lastIndexOf("/") + 1)];
}

/** What stands behind references, lists and maps: the schema whose properties are the field's own. */
function objectOf(schemas: Schemas, schema: OpenApiSchema | undefined): OpenApiSchema | undefined {
  if (!schema || schema.properties) return schema;
  if (schema.$ref) return objectOf(schemas, referenced(schemas, schema));
  if (schema.items) return objectOf(schemas, schema.items);
  if (typeof schema.additionalProperties === "object") return objectOf(schemas, schema.additionalProperties);
  return objectOf(schemas, schema.allOf?.[0]);
}

function stepInto(schemas: Schemas, schema: OpenApiSchema, name: string): OpenApiSchema {
  const fields = objectOf(schemas, schema)?.properties ?? {};
  const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (found) return found;
  const suggestion = closestName(name, Object.keys(fields));
  throw new CommandError(
    `field ${JSON.stringify(name)} does not exist${suggestion ? `; did you mean "${suggestion}"?` : ""}`,
  );
}

const SCALARS = ["string", "number", "integer", "boolean"];

function typeOf(schemas: Schemas, schema: OpenApiSchema): string {
  if (schema.items) return `[]${typeOf(schemas, schema.items)}`;
  if (typeof schema.additionalProperties === "object") {
    return `map[string]${typeOf(schemas, schema.additionalProperties)}`;
  }
  const [only, ...others] = schema.allOf ?? [];
  if (only && others.length === 0 && !schema.properties) return typeOf(schemas, only);
  if (schema.$ref) return referenceName(schemas, schema.$ref);
  return schema.type && schema.type !== "object" ? schema.type : "Object";
}

function referenceName(schemas: Schemas, $ref: string): string {
  const target = referenced(schemas, { $ref })?.type ?? "";
  return SCALARS.includes(target) ? target : $ref.slice($ref.lastIndexOf(".") + 1);
}

/** The field's own, and then those of the types that it refers to. */
function descriptions(schemas: Schemas, schema: OpenApiSchema): string[] {
  const target = schema.$ref ? referenced(schemas, schema) : undefined;
  const inner = [...(schema.allOf ?? []), ...(schema.items ? [schema.items] : [])];
  return [
    ...(schema.description ? [schema.description] : []),
    ...(target ? descriptions(schemas, target) : []),
    ...inner.flatMap((each) => descriptions(schemas, each)),
  ];
}

/** Lines of at most 76 letters after the indent; longer words stand alone. */
function wrap(text: string, indent: string): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.split(/\s+/).filter((each) => each !== "")) {
      if (line !== "" && line.length + 1 + word.length > WIDTH) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line].map((each) => indent + each);
  });
}
