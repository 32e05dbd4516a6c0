// Several schedulers that share the jobs of one kind, each with its part, as the shards of the production scheduler do.

import { isInShard } from "../../scheduler/shard.ts";
import type { JobTaker, Work } from "./playback.ts";

export class Shards implements JobTaker {
  readonly #schedulers: readonly JobTaker[];

  constructor(schedulers: readonly JobTaker[]) {
    this.#schedulers = schedulers;
  }

  /** A job is placed as a whole: its first task says where it belongs. */
  submit(work: Work): void {
    const { length: count } = this.#schedulers;
    const [first] = work.waiting;
    this.#schedulers.find((_, index) => !first || isInShard(first.pod, { number: index + 1, count }))?.submit(work);
  }

  freed(): void {
    for (const scheduler of this.#schedulers) scheduler.freed();
  }
}
