// Lets the scheduler see what nodes have set aside for roles: as that much less for all other pods. Without reservations, and where
// the API server has none, it costs nothing. Should it lag behind, the server refuses the binding.

import { resourceAmounts } from "../../api/core/pod-resources.ts";
import type { SetAside } from "../../api/kctl-scheduling/held-back.ts";
import { reservations, type Reservation } from "../../api/kctl-scheduling/reservation.ts";
import { servesGangs } from "../queues/served-kinds.ts";
import type { Stage, StageParts } from "../stage.ts";

export function reservationStage(parts: StageParts): Stage {
  const stop = new AbortController();
  let isChanging = false;
  const wake = () => {
    isChanging = true;
    parts.wake(["NodeCapacity"]);
    isChanging = false;
  };
  return {
    name: "Reservations",
    synced: follow({ ...parts, wake }, stop.signal),
    // Pods that still find no room may be able to make some, now that it would be theirs.
    isNews: () => isChanging,
    stop: () => stop.abort(),
  };
}

type FollowParts = Omit<StageParts, "wake"> & { wake(): void };

async function follow({ client, clock, snapshot, informer, wake }: FollowParts, signal: AbortSignal): Promise<void> {
  if (!(await servesGangs(client, clock, signal)) || signal.aborted) return;
  const cache = informer(reservations);
  const held = new Map<string, Reservation>();
  cache.onChange(({ type, object }) => {
    const { name } = object.metadata;
    const before = held.get(name);
    if (type === "deleted") held.delete(name);
    else held.set(name, object);
    const touched = new Set([...nodesOf(before), ...(type === "deleted" ? [] : nodesOf(object))]);
    for (const node of touched) snapshot.setAside(node, setAsideOn(node, held.values()));
    if (touched.size > 0) wake();
  });
  await cache.synced;
}

const nodesOf = (reservation: Reservation | undefined) => (reservation?.status.held ?? []).map(({ node }) => node);

function setAsideOn(node: string, all: Iterable<Reservation>): readonly SetAside[] {
  return [...all].flatMap(({ status }) =>
    (status.held ?? [])
      .filter((each) => each.node === node)
      .map(({ role, resources }) => ({ role, amounts: resourceAmounts(resources) })),
  );
}
