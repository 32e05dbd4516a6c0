// The profiles of a scheduler, each with its own rules, over one snapshot and one queue. A pod chooses one by its schedulerName.

import type { Pod } from "../api/core/pod.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Random } from "../lib/random.ts";
import type { Profile } from "./configuration/build-profile.ts";
import { PodScheduler } from "./schedule.ts";
import { isInShard, type Shard } from "./shard.ts";
import type { Snapshot } from "./snapshot.ts";

export interface ProfileParts extends Profile {
  /** Speaks in the profile's name. */
  readonly events: EventRecorder;
  /** Its part of the pods; all unless given. */
  readonly shard?: Shard;
}

export interface RunningProfile extends ProfileParts {
  readonly decider: PodScheduler;
}

export class Profiles {
  readonly #byName: ReadonlyMap<string, RunningProfile>;

  constructor(profiles: readonly ProfileParts[], snapshot: Snapshot, random: Random) {
    this.#byName = new Map(
      profiles.map((profile) => [
        profile.schedulerName,
        { ...profile, decider: new PodScheduler(snapshot, profile.plugins, random) },
      ]),
    );
  }

  /** Undefined: the pod names another scheduler. */
  of({ spec }: Pick<Pod, "spec">): RunningProfile | undefined {
    return this.#byName.get(spec.schedulerName ?? "default-scheduler");
  }

  /** What a pod without a node needs next, of this shard or of another; undefined: it is another scheduler's, or on its way out. */
  waitsFor(pod: Pod): "node" | "gates" | "other shard" | undefined {
    const profile = this.of(pod);
    if (!profile || pod.metadata.deletionTimestamp) return undefined;
    if (profile.shard && !isInShard(pod, profile.shard)) return "other shard";
    const isGated = pod.spec.schedulingGates?.length && profile.byPoint.preEnqueue.includes("SchedulingGates");
    return isGated ? "gates" : "node";
  }
}
