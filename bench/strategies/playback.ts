// Plays a trace on a cell: jobs arrive, tasks that have a node run for their time and end. Where they go is for the strategy.

import type { PlacementRequest } from "../../api/placement/placement.ts";
import type { PodInfo } from "../../scheduler/pod-info.ts";
import type { Cell, Choice } from "./cell.ts";
import type { EventLine } from "./event-line.ts";
import { Measures } from "./measures.ts";
import type { Job, JobKind, Trace } from "./trace.ts";

/** A job, or what had to leave its nodes of one, on its way through a scheduler. */
export interface Work {
  readonly job: Job;
  /** The tasks that have no node. */
  waiting: PodInfo[];
  /** How much had been freed when there was last no room for it. */
  blockedAt: number;
}

/** Whoever finds nodes for jobs. */
export interface JobTaker {
  submit(work: Work): void;
  /** Tasks have left their nodes. */
  freed(): void;
}

export interface PlaybackParts {
  readonly cell: Cell;
  readonly line: EventLine;
}

export type TakerOf = (kind: JobKind) => JobTaker;

export class Playback {
  readonly cell: Cell;
  readonly line: EventLine;
  readonly measures = new Measures();
  readonly #jobs = new Map<string, Job>();
  #freed = 0;
  #takerOf: TakerOf = () => {
    throw new Error("nobody takes jobs yet");
  };

  constructor({ cell, line }: PlaybackParts) {
    this.cell = cell;
    this.line = line;
  }

  /** Grows whenever a task leaves its node. */
  get freed(): number {
    return this.#freed;
  }

  /** Resolves at the end of the trace; what then still runs or waits is left so. */
  async play({ jobs }: Trace, takerOf: TakerOf): Promise<void> {
    this.#takerOf = takerOf;
    for (const job of jobs) {
      this.line.in(job.submittedMs, async () => {
        this.measures.arrived(job.kind, job.name, this.line.nowMs);
        await this.#submit(job, job.tasks);
      });
    }
    await this.line.run();
  }

  /** Places what was chosen, except for what meets a conflict: that is returned. Those placed run from now on. */
  async place(
    work: Work,
    choices: readonly Choice[],
    options: Omit<PlacementRequest, "bindings">,
  ): Promise<readonly Choice[]> {
    if (choices.length === 0) return [];
    const { job } = work;
    const refused = await this.cell.place(choices, options);
    if (options.scheduler) this.measures.placement(options.scheduler, { metConflict: refused.length > 0 });
    const lost = new Set(refused.map(({ task }) => task));
    const placed = new Set(choices.map(({ task }) => task).filter((task) => !lost.has(task)));
    for (const task of placed) {
      this.#jobs.set(task.uid, job);
      this.line.in(job.runsMs, () => this.#end(task));
    }
    work.waiting = work.waiting.filter((task) => !placed.has(task));
    if (work.waiting.length === 0) this.measures.placed(job.kind, job.name, this.line.nowMs);
    this.#noteUse();
    return refused;
  }

  /** The tasks that are still there leave; new ones take their place in the queues. */
  async evict(tasks: readonly PodInfo[]): Promise<void> {
    for (const task of tasks) {
      const job = this.#jobs.get(task.uid);
      if (!job || !(await this.#leave(task))) continue;
      this.measures.preempted();
      await this.#submit(job, 1);
    }
  }

  async #submit(job: Job, count: number): Promise<void> {
    const waiting = await this.cell.submit(job, count);
    this.#takerOf(job.kind).submit({ job, waiting, blockedAt: -1 });
  }

  async #end(task: PodInfo): Promise<void> {
    if (!(await this.#leave(task))) return;
    this.#takerOf("batch").freed();
    this.#takerOf("service").freed();
  }

  async #leave(task: PodInfo): Promise<boolean> {
    if (!this.cell.isPlaced(task)) return false;
    this.#jobs.delete(task.uid);
    await this.cell.end(task);
    this.#freed++;
    this.#noteUse();
    return true;
  }

  #noteUse(): void {
    const { batch, service } = this.cell.requestedBy;
    this.measures.uses((batch.cpu ?? 0) + (service.cpu ?? 0), this.line.nowMs);
  }
}
