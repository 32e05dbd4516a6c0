// Which plugins work at which extension points: Kubernetes' default plugins, changed by what a profile enables and disables.
// Its order of precedence: what is said about a point comes before what is said about all points (multiPoint).

import { type ExtensionPoint, extensionPoints, type PluginEntry, type Plugins } from "./scheduler-configuration.ts";

interface KnownPlugin {
  readonly name: string;
  readonly points: readonly ExtensionPoint[];
  /** How much its scores count by default. */
  readonly weight?: number;
}

const filtering = ["preFilter", "filter"] as const;
const scoring = ["preScore", "score"] as const;

/** All plugins there are; they work by default, in this order. */
export const knownPlugins: readonly KnownPlugin[] = [
  { name: "SchedulingGates", points: ["preEnqueue"] },
  { name: "PrioritySort", points: ["queueSort"] },
  { name: "NodeUnschedulable", points: ["filter"] },
  { name: "NodeName", points: ["filter"] },
  { name: "TaintToleration", points: ["filter", ...scoring], weight: 3 },
  { name: "NodeAffinity", points: [...filtering, ...scoring], weight: 2 },
  { name: "NodePorts", points: filtering },
  { name: "NodeResourcesFit", points: [...filtering, ...scoring], weight: 1 },
  { name: "VolumeRestrictions", points: filtering },
  { name: "NodeVolumeLimits", points: filtering },
  { name: "VolumeBinding", points: [...filtering, ...scoring, "reserve", "preBind"] },
  { name: "VolumeZone", points: filtering },
  { name: "PodTopologySpread", points: [...filtering, ...scoring], weight: 2 },
  { name: "InterPodAffinity", points: [...filtering, ...scoring], weight: 2 },
  { name: "DynamicResources", points: ["preEnqueue", ...filtering, "postFilter", "reserve", "preBind"] },
  { name: "DefaultPreemption", points: ["preEnqueue", "postFilter"] },
  { name: "NodeResourcesBalancedAllocation", points: scoring, weight: 1 },
  { name: "ImageLocality", points: ["score"], weight: 1 },
  { name: "DefaultBinder", points: ["bind"] },
];

const byName = new Map(knownPlugins.map((plugin) => [plugin.name, plugin]));
const works = (name: string, point: ExtensionPoint) => byName.get(name)?.points.includes(point) ?? false;

export type PluginsByPoint = Readonly<Record<ExtensionPoint, readonly string[]>>;

export interface EffectivePlugins {
  readonly byPoint: PluginsByPoint;
  /** How much the scores of a plugin count. */
  readonly weights: ReadonlyMap<string, number>;
}

/** A profile that cannot be made. The message is Kubernetes'. */
export class PluginSetError extends Error {}

/** What works in the end. Throws PluginSetError. */
export function effectivePlugins(plugins: Plugins, schedulerName: string): EffectivePlugins {
  const everywhere = mergedWithDefaults(plugins.multiPoint);
  const entries = extensionPoints.map((point) => [point, pluginsAt(point, plugins, everywhere)] as const);
  const byPoint = Object.fromEntries(entries) as unknown as PluginsByPoint;
  checkCounts(byPoint, schedulerName);
  return { byPoint, weights: weightsOf(byPoint.score, [...plugins.score.enabled, ...everywhere]) };
}

/** The default plugins that are not disabled, in the form that the profile gives them, and those it enables besides. */
function mergedWithDefaults({ enabled, disabled }: Plugins["multiPoint"]): readonly PluginEntry[] {
  const off = new Set(disabled.map(({ name }) => name));
  const custom = new Map(enabled.map((entry) => [entry.name, entry]));
  const kept = off.has("*") ? [] : knownPlugins.filter(({ name }) => !off.has(name));
  const names = new Set(kept.map(({ name }) => name));
  return [
    ...kept.map(({ name, weight }) => custom.get(name) ?? { name, weight }),
    ...enabled.filter(({ name }) => !names.has(name)),
  ];
}

/** First what the point says of plugins that work everywhere, then the others that do, then what works there only. */
function pluginsAt(point: ExtensionPoint, plugins: Plugins, everywhere: readonly PluginEntry[]): readonly string[] {
  const { enabled, disabled } = plugins[point];
  const own = uniqueNames(enabled, point);
  for (const name of own) {
    const type = `${point.charAt(0).toUpperCase()}${point.slice(1)}Plugin`;
    if (!byName.has(name)) throw new PluginSetError(`${type} "${name}" does not exist`);
    if (!works(name, point)) throw new PluginSetError(`plugin "${name}" does not extend ${type} plugin`);
  }
  const off = new Set(disabled.map(({ name }) => name));
  if (off.has("*")) return own;
  const shared = uniqueNames(everywhere, "multiPoint").filter((name) => {
    if (!byName.has(name)) throw new PluginSetError(`MultiPointPlugin "${name}" does not exist`);
    return works(name, point) && !off.has(name);
  });
  return [
    ...own.filter((name) => shared.includes(name)),
    ...shared.filter((name) => !own.includes(name)),
    ...own.filter((name) => !shared.includes(name)),
  ];
}

function uniqueNames(entries: readonly PluginEntry[], where: string): readonly string[] {
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) throw new PluginSetError(`plugin "${name}" already registered as "${where}"`);
    names.add(name);
  }
  return [...names];
}

function checkCounts({ queueSort, bind }: PluginsByPoint, schedulerName: string): void {
  const profile = `profile with scheduler name "${schedulerName}"`;
  if (queueSort.length !== 1)
    throw new PluginSetError(`only one queue sort plugin required for ${profile}, but got ${queueSort.length}`);
  if (bind.length === 0) throw new PluginSetError(`at least one bind plugin is needed for ${profile}`);
}

/** What the score point says of a plugin comes first. A weight of 0 is none. */
function weightsOf(scoring: readonly string[], entries: readonly PluginEntry[]): ReadonlyMap<string, number> {
  const weightOf = (name: string) => entries.find((entry) => entry.name === name)?.weight || 1;
  return new Map(scoring.map((name) => [name, weightOf(name)]));
}
