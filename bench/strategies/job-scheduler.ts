// A scheduler in simulated time, after Omega's model: a decision about a job takes a time for the job and one for each task, rests
// on what was true when it began, and is placed as one transaction when it is over. It thinks about one job at a time.

import type { PlacementRequest } from "../../api/placement/placement.ts";
import type { Choice } from "./cell.ts";
import type { Picture, Plan } from "./picture.ts";
import type { JobTaker, Playback, Work } from "./playback.ts";
import type { JobKind } from "./trace.ts";

export interface DecisionTimes {
  readonly jobMs: number;
  readonly taskMs: number;
}

export type TimesOf = (kind: JobKind) => DecisionTimes;

export const decisionMs = ({ jobMs, taskMs }: DecisionTimes, { waiting }: Work): number =>
  jobMs + taskMs * waiting.length;

export interface JobSchedulerOptions {
  readonly name: string;
  readonly playback: Playback;
  readonly picture: Picture;
  readonly timesOf: TimesOf;
  readonly mode: PlacementRequest["mode"];
  readonly conflicts: NonNullable<PlacementRequest["conflicts"]>;
}

export class JobScheduler implements JobTaker {
  readonly #options: JobSchedulerOptions;
  readonly #queue: Work[] = [];
  #isBusy = false;

  constructor(options: JobSchedulerOptions) {
    this.#options = options;
  }

  submit(work: Work): void {
    this.#queue.push(work);
    this.#next();
  }

  freed(): void {
    this.#next();
  }

  /** Jobs for which there was no room are passed over until something has been freed. */
  #next(): void {
    if (this.#isBusy) return;
    const { freed, line } = this.#options.playback;
    const index = this.#queue.findIndex(({ blockedAt }) => blockedAt !== freed);
    const [work] = index < 0 ? [] : this.#queue.splice(index, 1);
    if (!work) return;
    this.#isBusy = true;
    line.in(0, () => this.#begin(work));
  }

  async #begin(work: Work): Promise<void> {
    const { playback, picture, timesOf, conflicts, name } = this.#options;
    const { line, cell, measures, freed } = playback;
    picture.update(cell.history);
    const generations = conflicts === "NodeGeneration" ? await cell.generations() : undefined;
    const plan = picture.plan(work.waiting, { preempts: work.job.kind === "service" });
    const choices = generations
      ? plan.choices.map((choice) => ({ ...choice, generation: generations.get(choice.node) ?? 0 }))
      : plan.choices;
    const thinksMs = decisionMs(timesOf(work.job.kind), work);
    measures.thought(name, Math.min(thinksMs, line.leftMs));
    line.in(thinksMs, async () => {
      const refused = await this.#carryOut(work, { ...plan, choices });
      this.#isBusy = false;
      this.#putBack(work, { metConflict: refused.length > 0, freed });
      this.#next();
    });
  }

  async #carryOut(work: Work, plan: Plan): Promise<readonly Choice[]> {
    const { playback, picture, mode, conflicts, name } = this.#options;
    if (mode === "AllOrNothing" && plan.choices.length < work.waiting.length) {
      picture.undo(plan);
      return [];
    }
    await playback.evict(plan.victims.map(({ task }) => task));
    const refused = await playback.place(work, plan.choices, { mode, conflicts, scheduler: name });
    for (const { task } of refused) picture.forget(task);
    return refused;
  }

  /** After a conflict it is tried again at once; where there was no room, it lets others go first. */
  #putBack(work: Work, { metConflict, freed }: { readonly metConflict: boolean; readonly freed: number }): void {
    if (work.waiting.length === 0) return;
    work.blockedAt = metConflict ? -1 : freed;
    if (metConflict) this.#queue.unshift(work);
    else this.#queue.push(work);
  }
}
