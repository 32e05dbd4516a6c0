// The APIService objects of the versions that this server serves itself, as kube-aggregator makes them at its start. Their
// priorities are kube-apiserver's.

import { localCondition } from "../../api/apiregistration/api-service-strategy.ts";
import { apiServices } from "../../api/apiregistration/api-service.ts";
import { groupPriority, versionPriority } from "../discovery/group-order.ts";
import { systemObject, type SystemObject } from "./system-object.ts";

export interface GroupVersion {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
}

/** Kubernetes' mark of what it made at its start and does not make again while it runs. */
export const AUTOMANAGED_LABELS = { "kube-aggregator.kubernetes.io/automanaged": "onstart" };

/** `now` is RFC 3339. The group of APIService itself is not listed: it is the aggregator's own. */
export function localApiServices(versions: readonly GroupVersion[], now: string): readonly SystemObject[] {
  return versions
    .filter(({ group }) => group !== apiServices.group)
    .map(({ group, version }) =>
      systemObject(apiServices, {
        metadata: { name: `${version}.${group}`, labels: AUTOMANAGED_LABELS },
        spec: {
          ...(group && { group }),
          version,
          groupPriorityMinimum: groupPriority(group),
          versionPriority: versionPriority(group, version),
        },
        status: { conditions: [localCondition(now)] },
      }),
    );
}
