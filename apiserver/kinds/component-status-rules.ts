// Component statuses: none is stored. The server knows one component from its own experience, which is the store; schedulers
// and controllers tell how they are at their own addresses, which it does not know.

import type { ComponentStatus } from "../../api/core/component-status.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Store } from "../storage/store.ts";
import type { KindRules } from "./kind-rules.ts";

export const componentStatusRules = (store: Store): KindRules => ({
  compute: async () => [await checkStore(store)],
});

/** Named as Kubernetes names the first member of its etcd. */
async function checkStore(store: Store): Promise<ComponentStatus> {
  const problem = await store.revision().then(() => undefined, errorMessage);
  const outcome =
    problem === undefined
      ? ({ status: "True", message: "ok" } as const)
      : ({ status: "False", error: problem } as const);
  return {
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name: "etcd-0" } as ComponentStatus["metadata"],
    conditions: [{ type: "Healthy", ...outcome }],
  };
}
