// The index of objects by their namespace.

import type { KubeObject } from "../api/meta/object.ts";
import type { Indexers } from "../client/informer.ts";

export const BY_NAMESPACE = "namespace";

export const byNamespace: Indexers<KubeObject> = {
  [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ""],
};
