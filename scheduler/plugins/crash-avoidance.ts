// Sends the replacement of a pod elsewhere when the pods of its controller keep crashing on one node and not on others: then
// the machine is to blame. A preference, never a filter, and silent about all controllers whose pods do not crash.

import { crashOwnerOf, type OwnerCrashes } from "../crashes/crash-memory.ts";
import { SCORE_MAX, type SchedulerPlugin, type TopologyAnswers, type TopologyJudge } from "../framework.ts";
import type { Snapshot } from "../snapshot.ts";

/** On a pod: `false`, and where others of its controller have crashed is nothing to it. */
export const AVOID_LABEL = "scheduling.kctl.dev/avoid-crashed-nodes";

const NOTHING: TopologyAnswers = {};

export const crashAvoidance: SchedulerPlugin = {
  name: "CrashAvoidance",
  // Such a node is often the emptiest and the one that spreading wants: together those count for four.
  weight: 5,
  prepare({ pod, labels }, snapshot) {
    const owner = crashOwnerOf(pod);
    if (owner === undefined || labels[AVOID_LABEL] === "false") return undefined;
    return { topology: new CrashJudge(owner, snapshot) };
  },
};

class CrashJudge implements TopologyJudge {
  readonly #owner: string;
  readonly #snapshot: Snapshot;
  #blamed = "";
  #topologyVersion = -1;
  #answers = NOTHING;

  constructor(owner: string, snapshot: Snapshot) {
    this.#owner = owner;
    this.#snapshot = snapshot;
  }

  answers(): TopologyAnswers {
    const crashes = this.#snapshot.crashes.of(this.#owner);
    if (!crashes) return NOTHING;
    const blamed = this.#blame(crashes);
    const key = blamed.join(" ");
    const { topologyVersion } = this.#snapshot;
    if (key === this.#blamed && topologyVersion === this.#topologyVersion) return this.#answers;
    this.#blamed = key;
    this.#topologyVersion = topologyVersion;
    this.#answers = blamed.length === 0 ? NOTHING : this.#avoiding(blamed);
    return this.#answers;
  }

  /** Pods that crash on several nodes are to blame themselves, unless on more nodes they do not. */
  #blame(crashes: OwnerCrashes): readonly string[] {
    const { crashed, often } = this.#snapshot.crashes.lately(crashes);
    if (often.length === 0 || crashed.size === 1) return often;
    const fine = new Set<string>();
    for (const { pod, countByNode } of this.#snapshot.cohorts.all()) {
      if (crashOwnerOf(pod.pod) !== this.#owner) continue;
      for (const name of countByNode.keys()) if (!crashed.has(name)) fine.add(name);
    }
    return fine.size > crashed.size ? [...often].sort() : [];
  }

  #avoiding(names: readonly string[]): TopologyAnswers {
    const blamed = new Set(names.map((name) => this.#snapshot.node(name)?.row));
    return {
      score(rows, scores) {
        for (let index = 0; index < rows.length; index++) scores[index] = blamed.has(rows[index]) ? 0 : SCORE_MAX;
      },
    };
  }
}
