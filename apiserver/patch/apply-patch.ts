// Applies a patch of any of Kubernetes' types to an object. Merge patches only for now: the others are being written.

import { StatusError } from "../../api/meta/status.ts";
import type { Schema } from "../../api/schema/schema.ts";

export type PatchType = "json" | "merge" | "strategic";

export interface PatchInput {
  readonly type: PatchType;
  readonly patch: unknown;
  readonly current: unknown;
  readonly schema: Schema;
}

/** The patched value; `current` is not changed. Throws StatusError. */
export function applyPatch({ type, patch, current }: PatchInput): unknown {
  if (type !== "merge") throw new StatusError("UnsupportedMediaType", `patches of type ${type} are not supported yet`);
  return mergePatch(current, patch);
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function mergePatch(current: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(current) ? current : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
