// The form in which objects lie in the store: JSON without resourceVersion, which is the key's revision.

import type { KubeObject } from "../api/meta/object.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import { parseJson, renderJson } from "../lib/json.ts";
import { omit } from "./omit.ts";
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
  return { bytes: Buffer.from(renderJson(stored)), object: stored };
}

/** Frozen, with metadata.resourceVersion set. Throws when the bytes are no object of the API. */
export function decodeStored({ value, revision }: EncodedVersion): KubeObject {
  const parsed = parseJson(value).value as KubeObject;
  return atRevision(deepFreeze(parsed), revision);
}
