// What reservations hold on each node, as the snapshot takes it.

import { resourceAmounts } from "../api/core/pod-resources.ts";
import type { SetAside } from "../api/kctl-scheduling/held-back.ts";
import type { Reservation } from "../api/kctl-scheduling/reservation.ts";

/** By the name of the node; those without are left out. */
export function setAsidesByNode(reservations: readonly Reservation[]): ReadonlyMap<string, readonly SetAside[]> {
  const byNode = new Map<string, SetAside[]>();
  for (const { status } of reservations) {
    for (const { node, role, resources } of status.held ?? []) {
      byNode.set(node, [...(byNode.get(node) ?? []), { role, amounts: resourceAmounts(resources) }]);
    }
  }
  return byNode;
}
