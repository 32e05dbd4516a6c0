// Room that is being kept for pods which wait for it to become whole. In the snapshot it shows as pods that are there, to everybody
// who has to heed it; who comes first anyway, or will be gone by then, does not see it.

import { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";
import { endIfStarted } from "./endings.ts";

export interface Place {
  readonly pod: PodInfo;
  readonly node: string;
}

export interface KeptRoom {
  /** The name of a pod group, or a pod's uid. */
  readonly unit: string;
  readonly uids: ReadonlySet<string>;
  readonly priority: number;
  /** Where the pods are to go. None: only their queue has to keep room for them. */
  readonly places: readonly Place[];
  /** When the pods will start, in milliseconds since 1970; undefined: it is not known, or the room is being made now. */
  readonly startMs: number | undefined;
}

interface Room extends KeptRoom {
  readonly standIns: readonly Place[];
  isShown: boolean;
}

const STAND_IN = "kept/";

export const isStandIn = ({ uid }: PodInfo) => uid.startsWith(STAND_IN);

/** Bound: an entry for each pod that room is kept for. */
export class KeptRooms {
  readonly #snapshot: Snapshot;
  readonly #rooms = new Map<string, Room>();
  readonly #roomOfPod = new Map<string, Room>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  get isEmpty(): boolean {
    return this.#rooms.size === 0;
  }

  get all(): Iterable<KeptRoom> {
    return this.#rooms.values();
  }

  find(unit: string): KeptRoom | undefined {
    return this.#rooms.get(unit);
  }

  /** The room that is kept for the pod, or for what it is placed together with. */
  ofPod(uid: string): KeptRoom | undefined {
    return this.#roomOfPod.get(uid);
  }

  /** Takes the place of what was kept for the unit. It is not seen before `arrange`. */
  keep(kept: KeptRoom): void {
    this.drop(kept.unit);
    const standIns = kept.places.map(({ pod, node }) => ({ pod: standInFor(pod), node }));
    const room: Room = { ...kept, standIns, isShown: false };
    this.#rooms.set(kept.unit, room);
    for (const uid of kept.uids) this.#roomOfPod.set(uid, room);
  }

  /** Returns what was kept. */
  drop(unit: string): KeptRoom | undefined {
    const room = this.#rooms.get(unit);
    if (!room) return undefined;
    this.#hide(room);
    this.#rooms.delete(unit);
    for (const uid of room.uids) this.#roomOfPod.delete(uid);
    return room;
  }

  /** From now on the snapshot shows what the pods have to heed. */
  arrange(pods: readonly PodInfo[], nowMs: number): void {
    for (const room of this.#rooms.values()) {
      if (pods.some((pod) => heeds(pod, room, nowMs))) this.#show(room);
      else this.#hide(room);
    }
  }

  /** Whether there is any room that the pod must leave to others. */
  isHeededBy(pod: PodInfo, nowMs: number): boolean {
    for (const room of this.#rooms.values()) if (heeds(pod, room, nowMs)) return true;
    return false;
  }

  #show(room: Room): void {
    if (room.isShown) return;
    room.isShown = true;
    for (const { pod, node } of room.standIns) this.#snapshot.addPod(pod, node);
  }

  #hide(room: Room): void {
    if (!room.isShown) return;
    room.isShown = false;
    for (const { pod } of room.standIns) this.#snapshot.removePod(pod.uid);
  }
}

/** Not its own, not that of pods which come after it, and not where it has ended before the room is needed. */
function heeds(pod: PodInfo, room: KeptRoom, nowMs: number): boolean {
  if (room.uids.has(pod.uid) || pod.priority > room.priority) return false;
  return room.startMs === undefined || endIfStarted(pod, nowMs) > room.startMs;
}

function standInFor({ pod }: PodInfo): PodInfo {
  return new PodInfo({ ...pod, metadata: { ...pod.metadata, uid: STAND_IN + pod.metadata.uid } });
}
