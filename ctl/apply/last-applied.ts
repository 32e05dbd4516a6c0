// The annotation in which `apply` remembers what it has applied, so that the next time it can tell what the manifest no longer has. It is
// kubectl's own, so that both can take turns. Pure.

import type { AnyObject } from "../any-object.ts";
import { renderCompactJson } from "../printers/go-text.ts";

export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** The object with the annotation set to what it is now. */
export function withLastApplied(object: AnyObject): AnyObject {
  const annotations = { ...object.metadata.annotations };
  delete annotations[LAST_APPLIED];
  const bare = { ...object, metadata: { ...object.metadata, annotations } };
  const text = `${renderCompactJson(bare)}\n`;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}

/** What was applied the last time; undefined where nothing was, or nothing legible. */
export function readLastApplied({ metadata }: AnyObject): AnyObject | undefined {
  const text = metadata.annotations?.[LAST_APPLIED];
  if (!text) return undefined;
  try {
    return JSON.parse(text) as AnyObject;
  } catch {
    // Somebody has changed the annotation by hand. Without it nothing is deleted, which is the safe side.
    return undefined;
  }
}
