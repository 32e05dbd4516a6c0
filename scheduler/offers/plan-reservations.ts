// Where reservations are held: what holds stays, what is not wanted any more goes, and what is missing gets the node with most
// room. Pure; that there really is room is decided by the transaction that writes the outcome.

import { resourceAmounts } from "../../api/core/pod-resources.ts";
import { heldBackFrom, type SetAside } from "../../api/kctl-scheduling/held-back.ts";
import type {
  HeldReservation,
  Reservation,
  ReservationSpec,
  ReservationStatus,
} from "../../api/kctl-scheduling/reservation.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import type { Condition } from "../../api/meta/condition.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { formatTime } from "../../lib/clock.ts";
import type { SharedNode } from "./offer-state.ts";

export interface ReservationUpdate {
  readonly reservation: Reservation;
  readonly status: ReservationStatus;
}

export interface ReservationState {
  readonly nodes: readonly SharedNode[];
  readonly reservations: readonly Reservation[];
  readonly nowMs: number;
}

/** The reservations whose status is to change, oldest first. */
export function planReservations({ nodes, reservations, nowMs }: ReservationState): readonly ReservationUpdate[] {
  const room = new Map(nodes.map((node) => [node.name, new Room(node)]));
  const inOrder = [...reservations].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  return inOrder.flatMap((reservation) => {
    if (reservation.metadata.deletionTimestamp) return [];
    const held = planHeld(reservation, room);
    const status = statusOf(reservation, held, nowMs);
    return semanticEqual(status, reservation.status) ? [] : [{ reservation, status }];
  });
}

const orderOf = ({ metadata }: Reservation) => `${metadata.creationTimestamp} ${metadata.name}`;

/** One node, with what this plan adds to it. */
class Room {
  readonly #added: SetAside[] = [];

  constructor(readonly node: SharedNode) {}

  /** How much of the node would be left of the scarcest of the resources, from 0 to 1; undefined: it does not fit. */
  leftAfter(more: SetAside): number | undefined {
    const { allocatable, requested, requestsByRole, reservations } = this.node;
    const held = heldBackFrom(undefined, [...reservations, ...this.#added, more], requestsByRole);
    const lefts = Object.keys(more.amounts).map((resource) => {
      const capacity = allocatable[resource] ?? 0;
      return (capacity - (requested[resource] ?? 0) - (held[resource] ?? 0)) / Math.max(capacity, 1);
    });
    const least = Math.min(...lefts);
    return least < 0 ? undefined : least;
  }

  add(more: SetAside): void {
    this.#added.push(more);
  }
}

function planHeld({ spec, status }: Reservation, room: ReadonlyMap<string, Room>): readonly HeldReservation[] {
  const wanted = spec.nodes ?? 1;
  const kept = (status.held ?? []).filter((held) => isWanted(held, spec, room)).slice(0, wanted);
  const held = [...kept];
  const setAside: SetAside = { role: spec.role, amounts: resourceAmounts(spec.resources) };
  while (held.length < wanted) {
    const best = emptiest(spec, setAside, { room, taken: new Set(held.map(({ node }) => node)) });
    if (!best) break;
    best.add(setAside);
    held.push({ node: best.node.name, role: spec.role, resources: spec.resources });
  }
  return held;
}

function isWanted(held: HeldReservation, spec: ReservationSpec, room: ReadonlyMap<string, Room>): boolean {
  const node = room.get(held.node)?.node;
  return (
    Boolean(node && matches(node, spec)) && held.role === spec.role && semanticEqual(held.resources, spec.resources)
  );
}

const matches = ({ name, labels }: SharedNode, { node, nodeSelector }: ReservationSpec): boolean =>
  (!node || node === name) && Object.entries(nodeSelector ?? {}).every(([key, value]) => labels[key] === value);

interface Candidates {
  readonly room: ReadonlyMap<string, Room>;
  readonly taken: ReadonlySet<string>;
}

function emptiest(spec: ReservationSpec, setAside: SetAside, { room, taken }: Candidates): Room | undefined {
  let best: { readonly room: Room; readonly left: number } | undefined;
  for (const each of room.values()) {
    if (taken.has(each.node.name) || !each.node.isOpen || !matches(each.node, spec)) continue;
    const left = each.leftAfter(setAside);
    if (left !== undefined && (!best || left > best.left)) best = { room: each, left };
  }
  return best?.room;
}

function statusOf(reservation: Reservation, held: readonly HeldReservation[], nowMs: number): ReservationStatus {
  const { spec, status, metadata } = reservation;
  const wanted = spec.nodes ?? 1;
  const isHeld = held.length === wanted;
  const conditions = setCondition<Condition>(status.conditions, {
    type: "Held",
    status: isHeld ? "True" : "False",
    reason: isHeld ? "Held" : "NoRoom",
    message: isHeld ? "" : `${held.length} of ${wanted} nodes hold it; no other node that matches has room`,
    lastTransitionTime: formatTime(nowMs),
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
  });
  return {
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(held.length > 0 && { held }),
    conditions,
  };
}
