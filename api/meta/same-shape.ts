// Versions of a kind that differ in nothing but their names: a beta that became stable as it was.

import type { KubeObject } from "./object.ts";
import { apiVersionOf, type Conversion, type ResourceDefinition } from "../resource.ts";

/** How a version is turned into the stored one and back where both have the same fields. */
export function sameShape(version: string, stored: ResourceDefinition): Conversion {
  const own = apiVersionOf({ group: stored.group, version });
  const kept = apiVersionOf(stored);
  return {
    stored,
    toStored: (object: KubeObject): KubeObject => ({ ...object, apiVersion: kept }),
    fromStored: (object: KubeObject): KubeObject => ({ ...object, apiVersion: own }),
  };
}
