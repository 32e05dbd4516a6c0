// The node as events of its kubelet name it: by its name alone, as Kubernetes' kubelets do.

import { nodes } from "../api/core/node.ts";
import type { EventSubject } from "../client/event-recorder.ts";

export const nodeSubject = (name: string): EventSubject => ({
  object: {
    apiVersion: "v1",
    kind: nodes.kind,
    metadata: { name, uid: name, resourceVersion: "", creationTimestamp: "" },
  },
});
