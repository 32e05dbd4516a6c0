// The form in which objects lie in the store: JSON without resourceVersion, which is the key's revision. What
// kube-apiserver has left there in its protobuf form can be read too.

import type { KubeObject } from "../api/meta/object.ts";
import { shareByText, type FieldSet } from "../api/schema/field-set.ts";
import type { ObjectShape } from "../api/schema/schema.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import { parseJson } from "../lib/json.ts";
import { omit } from "./omit.ts";
import { decodeProtobuf, isProtobuf, openEnvelope } from "./protobuf/decode-protobuf.ts";
import { renderObject } from "./render-object.ts";
import { atRevision } from "./storage/cache-entry.ts";
import type { EncodedVersion } from "./storage/watch-cache.ts";

/** The bytes to store, and the frozen object that they stand for. */
export interface StoredForm {
  readonly bytes: Uint8Array;
  readonly object: KubeObject;
}

export function encodeStored(object: KubeObject): StoredForm {
  const { apiVersion, kind, metadata, ...rest } = object;
  const kept = omit(metadata, "resourceVersion");
  const stored = deepFreeze({ apiVersion, kind, metadata: kept, ...rest }) as unknown as KubeObject;
  return { bytes: Buffer.from(renderObject(stored)), object: stored };
}

/** Frozen, with metadata.resourceVersion set. Reads kube-apiserver's protobuf too. Throws when the bytes are no object of the kind. */
export function decodeStored(schema: ObjectShape, { value, revision }: EncodedVersion): KubeObject {
  const parsed = isProtobuf(value) ? decodeProtobuf(schema, openEnvelope(value)) : parseJson(value).value;
  return atRevision(deepFreeze(withSharedOwners(parsed as KubeObject)), revision);
}

/** The sets of owned fields are larger than many an object, and the same for most of a kind. */
function withSharedOwners(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata;
  if (!managedFields) return object;
  const shared = managedFields.map((entry) =>
    entry.fieldsV1 === undefined ? entry : { ...entry, fieldsV1: shareByText(entry.fieldsV1 as FieldSet) },
  );
  return { ...object, metadata: { ...object.metadata, managedFields: shared } };
}
