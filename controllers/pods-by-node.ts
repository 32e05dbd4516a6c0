// The index of pods by the node they are bound to.

import type { Pod } from "../api/core/pod.ts";
import type { Indexers } from "../client/informer.ts";

export const BY_NODE = "node-name";

export const podsByNode: Indexers<Pod> = {
  [BY_NODE]: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []),
};
