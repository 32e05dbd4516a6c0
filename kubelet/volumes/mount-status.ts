// How a container's volumes are mounted, for its status. Pure.

import type { Container } from "../../api/core/container.ts";
import type { VolumeMountStatus } from "../../api/core/pod-status.ts";

/** No runtime here makes mounts below a read-only one read-only, too, so that is never claimed. */
export function mountStatuses({ volumeMounts = [] }: Pick<Container, "volumeMounts">): readonly VolumeMountStatus[] {
  return volumeMounts.map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly && { readOnly, recursiveReadOnly: "Disabled" }),
  }));
}
