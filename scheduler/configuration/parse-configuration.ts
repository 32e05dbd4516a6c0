// Reads a KubeSchedulerConfiguration: YAML or JSON in, everything that a scheduler needs to know out, with all defaults. What
// is wrong is refused with Kubernetes' messages; what is harmless but has no effect is said in `warnings`.

import { applyDefaults } from "../../api/schema/default.ts";
import type { FieldError } from "../../api/schema/field-error.ts";
import { DecodeError, prune } from "../../api/schema/prune.ts";
import type { Schema } from "../../api/schema/schema.ts";
import { parseYaml, YamlError } from "../../lib/yaml.ts";
import { isPluginWithArgs, pluginArgs, type PluginArgs, type PluginWithArgs } from "./plugin-args.ts";
import { effectivePlugins, knownPlugins, PluginSetError } from "./plugin-sets.ts";
import {
  CONFIGURATION_KIND,
  CONFIGURATION_VERSION,
  schedulerConfiguration,
  type RawConfiguration,
  type SchedulerConfiguration,
  type SchedulerProfile,
} from "./scheduler-configuration.ts";
import { validateConfiguration } from "./validate-configuration.ts";
import { validatePluginArgs } from "./validate-plugin-args.ts";

/** What is wrong with a configuration, for the person who wrote it. */
export class ConfigurationError extends Error {}

export interface ParsedConfiguration {
  readonly configuration: SchedulerConfiguration;
  readonly warnings: readonly string[];
}

/** Throws ConfigurationError. */
export function parseConfiguration(text: string): ParsedConfiguration {
  const raw = decodeStrictly(schedulerConfiguration, readDocument(text)) as RawConfiguration;
  const errors: FieldError[] = [...validateConfiguration(raw)];
  const profiles = raw.profiles.map((profile, index) => readProfile(profile, `profiles[${index}]`, errors));
  if (errors.length > 0) throw new ConfigurationError(renderErrors(errors));
  for (const { plugins, schedulerName } of profiles) checkPlugins(plugins, schedulerName);
  const configuration = { ...raw, profiles: profiles.map((profile) => leaveToExtenders(profile, raw.extenders)) };
  return { configuration, warnings: warningsFor(raw) };
}

/** What holds where no configuration is given. */
export const defaultConfiguration = (): SchedulerConfiguration =>
  parseConfiguration(JSON.stringify({ apiVersion: CONFIGURATION_VERSION, kind: CONFIGURATION_KIND })).configuration;

function readDocument(text: string): unknown {
  const value = readOnlyDocument(text);
  const { apiVersion, kind } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const wanted = `apiVersion: ${CONFIGURATION_VERSION} and kind: ${CONFIGURATION_KIND} are expected`;
  if (typeof kind !== "string" || kind === "") throw new ConfigurationError(`Object 'Kind' is missing: ${wanted}`);
  if (typeof apiVersion !== "string" || apiVersion === "")
    throw new ConfigurationError(`Object 'apiVersion' is missing: ${wanted}`);
  if (apiVersion !== CONFIGURATION_VERSION || kind !== CONFIGURATION_KIND)
    throw new ConfigurationError(`no kind "${kind}" is registered for version "${apiVersion}": ${wanted}`);
  return value;
}

function readOnlyDocument(text: string): unknown {
  try {
    const documents = parseYaml(text);
    if (documents.length > 1) throw new ConfigurationError("there is more than one document; one is expected");
    return documents[0]?.value;
  } catch (error) {
    if (error instanceof YamlError) throw new ConfigurationError(error.message);
    throw error;
  }
}

/** With defaults. */
function decodeStrictly<T>(schema: Schema<T>, value: unknown): T {
  try {
    const { object, problems } = prune(schema, value);
    if (problems.length > 0) throw new ConfigurationError(`strict decoding error: ${problems.join(", ")}`);
    return applyDefaults(schema, object as T);
  } catch (error) {
    if (error instanceof DecodeError) throw new ConfigurationError(error.message);
    throw error;
  }
}

function readProfile(
  { pluginConfig, ...profile }: RawConfiguration["profiles"][number],
  path: string,
  errors: FieldError[],
): SchedulerProfile {
  const given = new Map(pluginConfig.map(({ name, args }, index) => [name, { args, index }]));
  const entries = Object.keys(pluginArgs).map((name) => {
    const { args, index = 0 } = given.get(name) ?? {};
    return [name, readArgs(name as PluginWithArgs, args, { path, index, errors })];
  });
  return { ...profile, args: Object.fromEntries(entries) as PluginArgs };
}

/** What an extender looks after need not suffice by the scheduler's own count, where it says so. */
function leaveToExtenders(profile: SchedulerProfile, extenders: RawConfiguration["extenders"]): SchedulerProfile {
  const managed = extenders.flatMap(({ managedResources }) => managedResources);
  const ignored = managed.filter(({ ignoredByScheduler }) => ignoredByScheduler).map(({ name }) => name);
  if (ignored.length === 0) return profile;
  const fit = profile.args.NodeResourcesFit;
  const ignoredResources = [...fit.ignoredResources, ...ignored];
  return { ...profile, args: { ...profile.args, NodeResourcesFit: { ...fit, ignoredResources } } };
}

interface ArgsPlace {
  readonly path: string;
  readonly index: number;
  readonly errors: FieldError[];
}

function readArgs(plugin: PluginWithArgs, value: unknown, { path, index, errors }: ArgsPlace): unknown {
  const place = `${path}.pluginConfig[${index}]`;
  try {
    checkArgsType(plugin, value);
    const args = decodeStrictly(pluginArgs[plugin] as Schema<PluginArgs[PluginWithArgs]>, value ?? {});
    errors.push(...validatePluginArgs(plugin, args, `${place}.args`));
    return args;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(`decoding .${place}: decoding args for plugin ${plugin}: ${error.message}`);
  }
}

/** The type of the arguments may be left out, as it follows from the plugin. */
function checkArgsType(plugin: string, value: unknown): void {
  const { apiVersion = CONFIGURATION_VERSION, kind = `${plugin}Args` } = (value ?? {}) as Record<string, unknown>;
  if (apiVersion === CONFIGURATION_VERSION && kind === `${plugin}Args`) return;
  const wanted = `${plugin}Args of ${CONFIGURATION_VERSION} is expected`;
  throw new ConfigurationError(
    `args for plugin ${plugin} were not of type ${plugin}Args.kubescheduler.config.k8s.io, ` +
      `got ${String(kind)} of ${String(apiVersion)}: ${wanted}`,
  );
}

function renderErrors(errors: readonly FieldError[]): string {
  const texts = errors.map(({ path, message }) => `${path}: ${message}`);
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}

function checkPlugins(plugins: SchedulerProfile["plugins"], schedulerName: string): void {
  try {
    effectivePlugins(plugins, schedulerName);
  } catch (error) {
    if (!(error instanceof PluginSetError)) throw error;
    throw new ConfigurationError(
      `initializing profiles: creating profile for scheduler name ${schedulerName}: ${error.message}`,
    );
  }
}

const names = new Set(knownPlugins.map(({ name }) => name));

/** What is accepted for the sake of files that are there, and does nothing. */
function warningsFor({ profiles, percentageOfNodesToScore }: RawConfiguration): readonly string[] {
  const percentages = [percentageOfNodesToScore, ...profiles.map((profile) => profile.percentageOfNodesToScore)];
  const isSampling = percentages.some((percentage) => percentage !== undefined && percentage !== 0);
  const configured = profiles.flatMap(({ pluginConfig }) => pluginConfig.map(({ name }) => name));
  return [
    ...(isSampling ? ["percentageOfNodesToScore has no effect: all nodes are looked at, and scored"] : []),
    ...configured
      .filter((name) => !names.has(name))
      .map((name) => `pluginConfig for ${name} has no effect: there is no such plugin`),
    ...configured
      .filter((name) => names.has(name) && !isPluginWithArgs(name))
      .map((name) => `pluginConfig for ${name} has no effect: the plugin takes no arguments`),
  ];
}
