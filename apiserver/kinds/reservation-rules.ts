// Reservations: what a reservation holds is written into the records of its nodes, in the transaction that says so. From then on
// no other role's pod can take it; a node without room refuses, and nothing is held.

import type { HeldReservation, Reservation } from "../../api/kctl-scheduling/reservation.ts";
import { resourceAmounts } from "../../api/core/pod-resources.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { AllocationChange } from "../allocation/plan-allocation.ts";
import type { KindRules } from "./kind-rules.ts";

export const reservationRules: KindRules = {
  accompany: ({ old, object }) => ({
    allocations: planSettingAside(old?.object as Reservation | undefined, object as Reservation | undefined),
  }),
};

/** Exported for its test. */
export function planSettingAside(
  old: Reservation | undefined,
  reservation: Reservation | undefined,
): readonly AllocationChange[] {
  const name = (reservation ?? old)?.metadata.name ?? "";
  const before = byNode(old);
  const after = byNode(reservation);
  const nodes = new Set([...before.keys(), ...after.keys()]);
  return [...nodes].flatMap((node) => {
    const held = after.get(node);
    if (semanticEqual(before.get(node), held)) return [];
    return [{ node, setAside: { reservation: name, kept: held ? keptOf(held) : null } }];
  });
}

export const keptOf = ({ role, resources }: HeldReservation) => ({ role, amounts: resourceAmounts(resources) });

const byNode = (reservation: Reservation | undefined): ReadonlyMap<string, HeldReservation> =>
  new Map((reservation?.status.held ?? []).map((held) => [held.node, held]));
