// What the rules know about all pods that differ in nothing but what they request. Most pods that are like no other differ in
// just that, so that only the rules about resources have to look at every node for them.

import type { NodeJudge, SchedulerPlugin, TopologyAnswers, TopologyJudge } from "./framework.ts";
import { namedNodes, refusalOf, type NamedNodes, type NamingRule, type Refusal } from "./named-nodes.ts";
import type { PodInfo } from "./pod-info.ts";
import { RowAnswers, type RankedJudge } from "./row-answers.ts";
import { RowTotals } from "./row-totals.ts";
import type { Snapshot } from "./snapshot.ts";

interface PluginTopology {
  readonly plugin: SchedulerPlugin;
  readonly judge: TopologyJudge;
}

/** What a rule says about the pods near the nodes. */
export interface PluginAnswers {
  readonly plugin: SchedulerPlugin;
  readonly answers: TopologyAnswers;
}

export class ClassShape {
  readonly plugins: readonly SchedulerPlugin[];
  /** The judges of the rules that do not read what a pod requests. */
  readonly judges: ReadonlyMap<SchedulerPlugin, NodeJudge>;
  readonly rows: RowAnswers;
  /** Where the pods of all its classes add up their points, one decision after the other. */
  readonly totals = new RowTotals();
  /** The only nodes where the pods may go; undefined: they name none. */
  readonly only: NamedNodes | undefined;
  /** The nodes that the pods name have nothing in common. */
  readonly refusal: Refusal | undefined;
  readonly #snapshot: Snapshot;
  readonly #shape: number;
  readonly #topologies: readonly PluginTopology[];
  readonly #mayAge: readonly NodeJudge[];
  #answers: readonly PluginAnswers[] = [];

  constructor(pod: PodInfo, snapshot: Snapshot, plugins: readonly SchedulerPlugin[]) {
    this.plugins = plugins;
    this.#snapshot = snapshot;
    this.#shape = snapshot.shape;
    const ranked = plugins.flatMap((plugin, order): readonly RankedJudge[] => {
      const judge = plugin.readsRequests ? undefined : plugin.prepare(pod, snapshot);
      return judge ? [{ plugin, judge, order }] : [];
    });
    this.judges = new Map(ranked.map(({ plugin, judge }) => [plugin, judge]));
    const naming = ranked.flatMap(({ plugin, judge: { nodeNames } }): readonly NamingRule[] =>
      nodeNames ? [{ plugin, names: nodeNames }] : [],
    );
    this.only = namedNodes(naming);
    this.refusal = this.only?.names.size === 0 ? refusalOf(naming) : undefined;
    this.rows = new RowAnswers(snapshot, ranked, this.only?.names);
    this.#topologies = ranked.flatMap(({ plugin, judge: { topology } }) =>
      topology ? [{ plugin, judge: topology }] : [],
    );
    this.#mayAge = ranked.map(({ judge }) => judge).filter(({ isCurrent }) => isCurrent);
  }

  /** Nothing that concerns all nodes has changed since the rules looked at the pods. */
  get current(): boolean {
    return this.#shape === this.#snapshot.shape && this.#mayAge.every((judge) => judge.isCurrent?.());
  }

  /** What holds now. The same array as before if every rule gave the same answers as before. */
  answers(): readonly PluginAnswers[] {
    let changed = this.#answers.length !== this.#topologies.length;
    const fresh = this.#topologies.map(({ plugin, judge }, index) => {
      const answers = judge.answers();
      if (this.#answers[index]?.answers !== answers) changed = true;
      return { plugin, answers };
    });
    if (changed) this.#answers = fresh;
    return this.#answers;
  }
}
