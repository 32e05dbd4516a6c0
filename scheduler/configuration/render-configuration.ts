// A configuration as people wrote it, with all defaults: what /configz shows.

import { CONFIGURATION_KIND, CONFIGURATION_VERSION, type SchedulerConfiguration } from "./scheduler-configuration.ts";

export function renderConfiguration(configuration: SchedulerConfiguration): object {
  const profiles = configuration.profiles.map(({ args, ...profile }) => ({
    ...profile,
    pluginConfig: Object.entries(args).map(([name, each]) => ({ name, args: each })),
  }));
  return { ...configuration, apiVersion: CONFIGURATION_VERSION, kind: CONFIGURATION_KIND, profiles };
}
