// One declaration per kind: from it come the TypeScript type, routes, defaults, validation, merge rules, OpenAPI and the
// columns of `kctl get`. A CustomResourceDefinition becomes one of these at run time.

import type { KubeObject } from "./meta/object.ts";
import type { FieldError } from "./schema/field-error.ts";
import type { ObjectSchema } from "./schema/schema.ts";

export interface ResourceDefinition<T extends KubeObject = KubeObject> {
  /** The API group; "" is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower-case plural, as in the URL. */
  readonly plural: string;
  /** Lower-case singular; the kind in lower case unless given. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly schema: ObjectSchema<T>;
  readonly subresources?: readonly Subresource[];
  /** Verbs served; all of get, list, watch, create, update, patch, delete and deletecollection unless given. */
  readonly verbs?: readonly Verb[];
  readonly columns: readonly Column<T>[];
  /** What clients of the version are warned with, where they should move to another one. */
  readonly deprecation?: string;
  /** The folder under /registry/ that kube-apiserver keeps the kind in, where it is not the plural. */
  readonly storagePath?: string;
  /** Field selectors besides metadata.name and metadata.namespace: the value at each selectable path. */
  selectableFields?(object: T): Readonly<Record<string, string>>;
  /** Cross-field and immutability rules, all errors at once; `old` is given on update. Pure, never throws. */
  validate?(object: T, old?: T): FieldError[];
  /** What a client should know about an object that is valid but unwise: each text says where and why. Pure. */
  warnings?(object: T): readonly string[];
  /** Set for a version other than the one that objects are stored in: how the two are turned into each other. */
  readonly conversion?: Conversion;
  /** Server-owned fields on create and update (status reset, generation, allocation-free fields). Pure. */
  prepare?(object: T, old?: T): T;
  /** As prepare, for writes of the status subresource; by default status and metadata's labels are taken, spec is kept. `now` is RFC 3339. */
  prepareStatus?(object: T, old: T, now: string): T;
}

/**
 * Requests to this version are read, defaulted and pruned by its own schema, then converted; everything else (admission,
 * preparation, validation, storage) happens to the stored version. Both directions are pure, total and lose nothing.
 */
export interface Conversion {
  /** The version that is stored; itself without a conversion. */
  readonly stored: ResourceDefinition;
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** Subresources with behaviour of their own (log, exec, binding …) are implemented in apiserver/subresources. */
export type Subresource =
  | "status"
  | "scale"
  | "binding"
  | "eviction"
  | "log"
  | "exec"
  | "attach"
  | "portforward"
  | "proxy"
  | "ephemeralcontainers"
  | "resize"
  | "token"
  | "approval"
  | "finalize"
  | "accept"
  | "decline"
  | "revive";

/** A column of the Table form of a list (meta.k8s.io/v1 Table). */
export interface Column<T> {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: "name";
  /** 0 shows always, 1 only with `-o wide`. */
  readonly priority: 0 | 1;
  readonly description: string;
  /** The cell, at time `nowMs` (milliseconds since 1970). Pure. */
  cell(object: T, nowMs: number): string | number | boolean | null;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(resource: Pick<ResourceDefinition, "group" | "version">): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/** The collection's path, or the object's where a name is given: `/apis/apps/v1/namespaces/default/deployments/web`. */
export function resourcePath(
  resource: Pick<ResourceDefinition, "group" | "version" | "plural">,
  target: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const root = resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`;
  const namespace = target.namespace ? `/namespaces/${encodeURIComponent(target.namespace)}` : "";
  const name = target.name ? `/${encodeURIComponent(target.name)}` : "";
  const subresource = target.subresource ? `/${target.subresource}` : "";
  return `${root}${namespace}/${resource.plural}${name}${subresource}`;
}
