// Makes the rules of a profile from what the configuration says: which plugins work where, how much they count, and what is set
// about them.

import type { NodeJudge, SchedulerPlugin, TopologyAnswers, TopologyJudge } from "../framework.ts";
import { buildPlugins } from "../plugins/index.ts";
import type { PluginArgs } from "./plugin-args.ts";
import { effectivePlugins, knownPlugins, type EffectivePlugins, type PluginsByPoint } from "./plugin-sets.ts";
import type { SchedulerProfile } from "./scheduler-configuration.ts";

const kubernetesNames = new Set(knownPlugins.map(({ name }) => name));

/** How the pods that name one scheduler are scheduled. */
export interface Profile {
  readonly schedulerName: string;
  /** In the order in which filters are asked. */
  readonly plugins: readonly SchedulerPlugin[];
  /** The plugins that work at each point, by name: also those that are no rules, such as DefaultPreemption. */
  readonly byPoint: PluginsByPoint;
  readonly args: PluginArgs;
}

export function buildProfile({ plugins, schedulerName, args }: SchedulerProfile): Profile {
  const effective = effectivePlugins(plugins, schedulerName);
  return { schedulerName, plugins: buildRules(args, effective), byPoint: effective.byPoint, args };
}

/** Plugins that Kubernetes does not have keep their place behind those before them. */
function buildRules(args: PluginArgs, effective: EffectivePlugins): readonly SchedulerPlugin[] {
  const { filter } = effective.byPoint;
  let place = -1;
  const placed = buildPlugins(args).flatMap((plugin) => {
    if (!kubernetesNames.has(plugin.name)) return [{ plugin, place }];
    const index = filter.indexOf(plugin.name);
    place = index < 0 ? filter.length : index;
    const limited = limitPlugin(plugin, effective);
    return limited ? [{ plugin: limited, place }] : [];
  });
  return placed.sort((a, b) => a.place - b.place).map(({ plugin }) => plugin);
}

/** The plugin, at the points where it works; undefined: it does not. */
function limitPlugin(plugin: SchedulerPlugin, { byPoint, weights }: EffectivePlugins): SchedulerPlugin | undefined {
  const filters = byPoint.filter.includes(plugin.name);
  const scores = byPoint.score.includes(plugin.name);
  if (!filters && !scores) return undefined;
  const weight = weights.get(plugin.name) ?? plugin.weight;
  if (filters && scores) return { ...plugin, weight };
  const limit = filters ? filterOnly : scoreOnly;
  return {
    ...plugin,
    weight,
    prepare(pod, snapshot) {
      const judge = plugin.prepare(pod, snapshot);
      return judge && limit(judge);
    },
  };
}

const filterOnly = (judge: NodeJudge): NodeJudge => ({
  ...judge,
  score: undefined,
  scale: undefined,
  ...(judge.topology && { topology: limitTopology(judge.topology, ({ filter, sums }) => ({ filter, sums })) }),
});

const scoreOnly = ({ score, scale, topology }: NodeJudge): NodeJudge => ({
  score,
  scale,
  ...(topology && { topology: limitTopology(topology, ({ score: points, sums }) => ({ score: points, sums })) }),
});

/** Gives the same object for the same answers, as PodClass relies on. */
function limitTopology(judge: TopologyJudge, limit: (answers: TopologyAnswers) => TopologyAnswers): TopologyJudge {
  let last: { readonly given: TopologyAnswers; readonly limited: TopologyAnswers } | undefined;
  return {
    answers() {
      const given = judge.answers();
      if (last?.given !== given) last = { given, limited: limit(given) };
      return last.limited;
    },
  };
}
