// What `apply` has to change: the patch that takes the server's object to the manifest. Pure.

import type { ObjectSchema } from "../../api/schema/schema.ts";
import { planMergePatch, planStrategicPatch } from "../../api/schema/three-way.ts";
import type { AnyObject } from "../any-object.ts";
import { readLastApplied } from "./last-applied.ts";

export interface PlannedPatch {
  readonly contentType: "application/strategic-merge-patch+json" | "application/merge-patch+json";
  readonly patch: Readonly<Record<string, unknown>>;
  readonly isEmpty: boolean;
}

/** `modified` carries its own last-applied annotation. Kinds without a schema of ours are merged as JSON. */
export function planApplyPatch(
  schema: ObjectSchema | undefined,
  { modified, current }: { readonly modified: AnyObject; readonly current: AnyObject },
): PlannedPatch {
  const objects = { original: readLastApplied(current), modified, current };
  const patch = schema ? planStrategicPatch(schema, objects) : planMergePatch(objects);
  return {
    contentType: schema ? "application/strategic-merge-patch+json" : "application/merge-patch+json",
    patch,
    isEmpty: Object.keys(patch).length === 0,
  };
}
