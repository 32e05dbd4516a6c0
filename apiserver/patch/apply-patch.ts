// Applies a patch of any of Kubernetes' types to an object.

import { StatusError } from "../../api/meta/status.ts";
import type { Schema } from "../../api/schema/schema.ts";
import { applyStrategicMerge, isJsonObject } from "../../api/schema/strategic-merge.ts";
import { goMismatch } from "./go-mismatch.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";

export type PatchType = "json" | "merge" | "strategic";

export interface PatchInput {
  readonly type: PatchType;
  readonly patch: unknown;
  readonly current: unknown;
  /** Says how strategic merge patches merge lists. */
  readonly schema: Schema;
}

/** The patched value, not yet decoded; `current` is not changed. Throws StatusError. */
export function applyPatch({ type, patch, current, schema }: PatchInput): unknown {
  if (type === "json") return applyJsonPatch(current, patch);
  if (!isJsonObject(patch)) {
    throw new StatusError("BadRequest", `error decoding patch: ${goMismatch(patch, "map[string]interface {}")}`);
  }
  if (type === "merge") return applyMergePatch(current, patch);
  return applyStrategicMerge(schema, isJsonObject(current) ? current : {}, patch);
}
