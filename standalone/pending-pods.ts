// Explains to kctl why a pod is pending: kctl shows what the scheduler says, and the scheduler itself is asked, in kctl's own
// process, about the cluster that kctl sees.

import { viewedKinds, type ClusterView } from "../scheduler/explanation/cluster-view.ts";
import { explainPending } from "../scheduler/explanation/explain-pending.ts";

export interface PendingPods {
  /** What has to be listed, by the names under which `explain` takes the lists. */
  readonly kinds: typeof viewedKinds;
  /** `key` is `namespace/name`. Throws where the lists hold no such pod. */
  explain(view: ClusterView, key: string): ReturnType<typeof explainPending>;
}

export const pendingPods: PendingPods = { kinds: viewedKinds, explain: explainPending };
