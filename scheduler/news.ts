// What one change of the cluster means for the pods that wait: asked once for all that the rules treat alike, so that a change
// costs little however many pods wait.

import type { Blocker } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodScheduler } from "./schedule.ts";
import type { Snapshot } from "./snapshot.ts";

interface Answer {
  readonly priority: number;
  readonly decider: PodScheduler;
  readonly isNews: boolean;
}

/** Of use until the snapshot changes again. Bound: an entry for each class of pods that wait. */
export class News {
  readonly #changed: NodeInfo | undefined;
  readonly #promised: ReadonlySet<string>;
  readonly #answers = new Map<ReadonlySet<Blocker>, Map<string, Answer>>();

  /** `changed`: the node that the change is about; undefined: it is about several. */
  constructor({ nominations }: Snapshot, changed: NodeInfo | undefined) {
    this.#changed = changed;
    this.#promised = new Set(changed ? nominations.on(changed.name).map(({ uid }) => uid) : []);
  }

  /** See `PodScheduler.isNews`. What is promised to a pod makes it unlike its equals there. */
  isFor(pod: PodInfo, blockers: ReadonlySet<Blocker>, decider: PodScheduler): boolean {
    if (this.#promised.has(pod.uid)) return decider.isNews(pod, blockers, this.#changed);
    const answers = this.#answers.get(blockers) ?? new Map<string, Answer>();
    this.#answers.set(blockers, answers);
    const known = answers.get(pod.classKey);
    if (known?.decider === decider && known.priority === pod.priority) return known.isNews;
    const isNews = decider.isNews(pod, blockers, this.#changed);
    answers.set(pod.classKey, { priority: pod.priority, decider, isNews });
    return isNews;
  }
}
