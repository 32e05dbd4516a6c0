// What a write of a kind's status subresource may change.

import { definedFields } from "./defined-fields.ts";
import type { KubeObject } from "./object.ts";

interface WithSpec extends KubeObject {
  readonly spec: unknown;
}

/** Takes the status and the metadata, keeps the spec and the generation. */
export function keepSpec<T extends WithSpec>(object: T, old: T): T {
  return {
    ...object,
    spec: old.spec,
    metadata: definedFields({ ...object.metadata, generation: old.metadata.generation }),
  };
}

/** As keepSpec, for kinds whose status subresource leaves all metadata as it is that users write. */
export function keepSpecAndMetadata<T extends WithSpec>(object: T, old: T): T {
  const { labels, annotations, finalizers, ownerReferences, generation } = old.metadata;
  const kept = { labels, annotations, finalizers, ownerReferences, generation };
  return { ...object, spec: old.spec, metadata: definedFields({ ...object.metadata, ...kept }) };
}
