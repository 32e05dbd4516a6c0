// Compares the schemas of the built-in kinds, with everything that they contain, with facts taken from Kubernetes 1.32.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { tokenRequest } from "./authentication/token-request.ts";
import { builtinResources, virtualResources } from "./index.ts";
import type { Field, ObjectShape, Schema } from "./schema/schema.ts";

type TypeText = string | readonly TypeText[];

interface FieldFacts {
  readonly proto: number;
  readonly type: TypeText;
  readonly required?: boolean;
  readonly default?: string;
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
}

interface TypeFacts {
  readonly fields: Readonly<Record<string, FieldFacts>> & { readonly $inline?: readonly string[] };
  readonly structType?: string;
}

interface GroupFacts {
  readonly types: Readonly<Record<string, TypeFacts>>;
  readonly named?: Readonly<Record<string, { readonly is: TypeText; readonly values?: readonly string[] }>>;
}

type Facts = Readonly<Record<string, GroupFacts>>;

const path = join(import.meta.dirname, "../../shared/facts/kubernetes-api-1.32.json");
const facts = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Facts) : undefined;

const PACKAGES = /^io\.k8s\.(api|(apiextensions-apiserver|kube-aggregator)\.pkg\.apis)\./;
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
/** No part of Kubernetes' own API, and none of the facts. */
const METRICS = "io.k8s.metrics.";
const PRIMITIVES: Readonly<Record<string, string>> = {
  string: "string",
  "types.UID": "string",
  boolean: "boolean",
  int32: "int32",
  int64: "int64",
  double: "number",
  bytes: "byte",
  "meta/v1.Time": "date-time",
  "meta/v1.MicroTime": "micro-time",
  "resource.Quantity": "quantity",
  "intstr.IntOrString": "int-or-string",
  "meta/v1.FieldsV1": "any",
  "runtime.RawExtension": "any",
};

/** Types that became stable in Kubernetes 1.33 as they were: the facts, which are older, have them in beta only. */
const PROMOTED = new Set(
  ["IPAddress", "IPAddressSpec", "ParentReference", "ServiceCIDR", "ServiceCIDRSpec", "ServiceCIDRStatus"].map(
    (type) => `networking/v1.${type}`,
  ),
);

/** The facts about this group are from Kubernetes 1.20: some types and fields, and most list types, came later. */
const OLDER = "apiextensions/v1";
const ADDED_TYPES = new Set(["ValidationRule", "SelectableField", "CustomResourceSubresourceStatus"]);
const ADDED_FIELDS = new Set([
  "JSONSchemaProps.x-kubernetes-validations",
  "CustomResourceDefinitionVersion.selectableFields",
]);
const isAdded = (group: string, type: string, field: string) => group === OLDER && ADDED_FIELDS.has(`${type}.${field}`);

/** Where the facts are too old for list types, the schema's own are taken. */
function withListType(group: string, facts: Comparable, declared: Comparable | undefined): Comparable {
  return group === OLDER
    ? defined({ ...facts, listType: declared?.listType, listMapKeys: declared?.listMapKeys })
    : facts;
}

/** `core/v1` and `Pod` of `io.k8s.api.core.v1.Pod`. */
function locate(name: string): { group: string; type: string } {
  if (name.startsWith(META)) return { group: "meta/v1", type: name.slice(META.length) };
  const [group = "", version = "", type = ""] = name.replace(PACKAGES, "").split(".");
  const isPromoted = PROMOTED.has(`${group}/${version}.${type}`);
  return { group: isPromoted ? `${group}/v1beta1` : `${group}/${version}`, type };
}

/** The schema's type in the facts' words, such as `list of core/v1.Container`. */
function renderSchema(schema: Schema): string {
  switch (schema.type) {
    case "lazy":
      return renderSchema(schema.of());
    case "list":
      return `list of ${renderSchema(schema.items)}`;
    case "map":
      return `map of ${renderSchema(schema.values)}`;
    case "object":
    case "union": {
      const { group, type } = locate(schema.name);
      return `${group}.${type}`;
    }
    case "string":
    case "integer":
      return schema.format ?? "string";
    default:
      return schema.type;
  }
}

/** A name from another group has that group in front. */
function resolveName(group: string, type: string): { home: string; name: string } {
  const dot = type.includes("/") ? type.lastIndexOf(".") : -1;
  return { home: dot < 0 ? group : type.slice(0, dot), name: type.slice(dot + 1) };
}

function renderFacts(group: string, raw: TypeText): string {
  // Where Kubernetes imports the core group by another name, the facts have a part of that in front.
  const type = typeof raw === "string" ? raw.replace(/^(?:api|core)core\//, "core/") : raw;
  if (typeof type !== "string") {
    const inner = renderFacts(group, type.at(-1) ?? "");
    return `${type[0] === "map" ? "map" : "list"} of ${inner}`;
  }
  const local = type.startsWith(`${group}.`) ? type.slice(group.length + 1) : type;
  const primitive = PRIMITIVES[type] ?? PRIMITIVES[`${group}.${local}`];
  if (primitive) return primitive;
  const { home, name } = resolveName(group, type);
  const named = facts?.[home]?.named?.[name];
  return named ? renderFacts(home, named.is) : `${home}.${name}`;
}

/** The fields of a type and of the types embedded in it; TypeMeta is the same in every kind and left out. */
function expectedFields(group: string, type: string): Record<string, FieldFacts & { readonly group: string }> {
  const { $inline = [], ...own } = facts?.[group]?.types[type]?.fields ?? {};
  const embedded = $inline
    .filter((name) => !name.endsWith("TypeMeta"))
    .map((embeddedName) => {
      const { home, name } = resolveName(group, embeddedName);
      return expectedFields(home, name);
    });
  const fields = Object.entries(own as Record<string, FieldFacts>).map(([name, field]) => [name, { ...field, group }]);
  return Object.assign({}, ...embedded, Object.fromEntries(fields)) as Record<string, FieldFacts & { group: string }>;
}

interface Comparable {
  readonly proto: number;
  readonly type: string;
  readonly required: boolean;
  readonly [rule: string]: unknown;
}

function describeFacts(field: FieldFacts & { readonly group: string }): Comparable {
  const { proto, type, required = false, listType, listMapKeys, mapType, patchStrategy, patchMergeKey } = field;
  const literal = field.default?.startsWith("ref(") ? undefined : field.default;
  return defined({
    proto,
    type: renderFacts(field.group, type),
    required,
    default: literal === undefined ? undefined : (JSON.parse(literal) as unknown),
    // Bytes are a list in Go alone.
    listType: type === "bytes" ? undefined : listType,
    listMapKeys,
    mapType,
    patchStrategy,
    patchMergeKey,
  });
}

/** Structs that Go never leaves out have a default of `{}` here; it stands for no `+default` of Kubernetes. */
function describeField({ proto, schema, required, default: value, strategy, structType }: Field): Comparable {
  const isPresent = JSON.stringify(value) === "{}";
  const rules = schema.type === "list" || schema.type === "map" ? schema : undefined;
  const list = schema.type === "list" ? schema : undefined;
  return defined({
    proto,
    type: renderSchema(schema),
    required,
    default: isPresent ? undefined : value,
    listType: list?.listType,
    listMapKeys: list?.keys,
    mapType: rules?.type === "map" ? rules.mapType : structType,
    patchStrategy: strategy ?? list?.strategy,
    patchMergeKey: list?.mergeKey,
  });
}

const defined = (object: Comparable): Comparable =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Comparable;

/** Kubernetes' own; what is ours alone has its name from elsewhere. */
const kinds = [...[...builtinResources, ...virtualResources].map(({ schema }) => schema), tokenRequest].filter(
  ({ name }) => name.startsWith("io.k8s."),
);

/** Every object schema that the built-in kinds consist of, by its OpenAPI name. */
function closure(): ReadonlyMap<string, ObjectShape> {
  const found = new Map<string, ObjectShape>();
  const visit = (schema: Schema): void => {
    if (schema.type === "lazy") visit(schema.of());
    if (schema.type === "list") visit(schema.items);
    if (schema.type === "map") visit(schema.values);
    if (schema.type !== "object" || found.has(schema.name)) return;
    found.set(schema.name, schema);
    for (const field of Object.values(schema.fields)) visit(field.schema);
  };
  for (const kind of kinds) visit(kind);
  return found;
}

const NOT_COMPARED = new Set(["apiVersion", "kind", "metadata"]);
const isKind = (shape: ObjectShape) => kinds.some(({ name }) => name === shape.name);

if (facts) {
  describe("the schemas, compared with the facts about Kubernetes", () => {
    for (const [name, shape] of closure()) {
      const { group, type } = locate(name);
      if ((group === OLDER && ADDED_TYPES.has(type)) || name.startsWith(METRICS)) continue;

      it(`describe ${group} ${type} as it is`, () => {
        expect(facts[group]?.types, name).to.have.property(type);
        expect(shape.structType).to.equal(facts[group]?.types[type]?.structType);
        const skipped = (field: string) => (isKind(shape) && NOT_COMPARED.has(field)) || isAdded(group, type, field);
        const wanted = Object.entries(expectedFields(group, type)).filter(([field]) => !skipped(field));
        const declared = Object.entries(shape.fields).filter(([field]) => !skipped(field));
        const fields = Object.fromEntries(declared.map(([field, of]) => [field, describeField(of)]));
        expect(fields).to.deep.equal(
          Object.fromEntries(
            wanted.map(([field, of]) => [field, withListType(group, describeFacts(of), fields[field])]),
          ),
        );
      });
    }

    it("cover the closure of all kinds", () => {
      expect(closure().size).to.be.greaterThan(150);
    });
  });
} else {
  process.stderr.write(
    `\nSKIPPED: the schemas are not compared with Kubernetes' API, because ${path} is absent.\n` +
      "The file comes with the project's shared material, not with its source.\n\n",
  );
}
