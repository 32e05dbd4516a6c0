// What every object of the API has in common, and the builder for the schema of a top-level kind.

import { objectMeta, type ObjectMetaFields } from "./object-meta.ts";
import { type Field, type InferFields, type ObjectSchema, object, optional, string } from "../schema/schema.ts";

/** Metadata of a stored object: the server has filled in what identifies a version of it. */
export interface ObjectMeta extends ObjectMetaFields {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** What a client sends to create an object: the server adds the rest of the metadata, and the status. */
export type NewObject<T extends KubeObject> = Omit<T, "apiVersion" | "kind" | "metadata" | "status"> &
  Partial<Pick<T, Extract<keyof T, "status">>> & {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly metadata: ObjectMetaFields;
  };

/** Names an object within its kind. Cluster-scoped objects have no namespace. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or `name` for cluster-scoped objects: the form of queue keys and log lines. */
export function formatKey(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** The key that names the object among those of its kind. */
export function keyOf(object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace ? { namespace, name } : { name };
}

const typeMeta = {
  apiVersion: optional(
    2,
    string(),
    "The version of the schema that this object is written in, as GROUP/VERSION, or VERSION alone for the core group. Servers convert known versions to the stored one and refuse unknown ones.",
  ),
  kind: optional(
    1,
    string(),
    "The type of the object, in CamelCase. It cannot be changed. Servers may infer it from the endpoint that the request goes to.",
  ),
};

/** The schema of a top-level kind: `fields` plus apiVersion, kind and metadata. */
export const kubeObject = <const F extends Readonly<Record<string, Field>>>(
  name: string,
  description: string,
  fields: F,
): ObjectSchema<KubeObject & InferFields<F>> =>
  object(name, description, {
    ...typeMeta,
    metadata: optional(1, objectMeta, "Standard metadata of the object."),
    ...fields,
  }) as never;
