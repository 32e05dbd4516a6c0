// The rules for a scheduler's configuration, with Kubernetes' messages.

import { isExtendedResource } from "../../api/core/resource-names.ts";
import { eachItem, when } from "../../api/meta/field-checks.ts";
import { qualifiedNameProblems } from "../../api/meta/label-syntax.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { duplicateField, invalidField, requiredField, type FieldError } from "../../api/schema/field-error.ts";
import { parseDurationMs } from "../../lib/duration.ts";
import {
  CONFIGURATION_VERSION,
  extensionPoints,
  type ExtenderConfiguration,
  type RawConfiguration,
} from "./scheduler-configuration.ts";

type Errors = readonly FieldError[];
type Profile = RawConfiguration["profiles"][number];

/** All that is wrong, but for the arguments of plugins; see validate-plugin-args.ts. */
export function validateConfiguration(configuration: RawConfiguration): Errors {
  const { clientConnection, leaderElection, parallelism, profiles, extenders } = configuration;
  const { percentageOfNodesToScore, podInitialBackoffSeconds: first, podMaxBackoffSeconds: most } = configuration;
  const { burst } = clientConnection;
  return [
    ...when(burst < 0, invalidField("clientConnection.burst", burst, "must be non-negative")),
    ...validateLeaderElection(leaderElection),
    ...when(parallelism <= 0, invalidField("parallelism", parallelism, "should be an integer value greater than zero")),
    ...validateProfiles(profiles),
    ...checkPercentage(percentageOfNodesToScore, "percentageOfNodesToScore"),
    ...when(first <= 0, invalidField("podInitialBackoffSeconds", first, "must be greater than 0")),
    ...when(
      most < first,
      invalidField("podMaxBackoffSeconds", most, "must be greater than or equal to PodInitialBackoffSeconds"),
    ),
    ...validateExtenders(extenders),
  ];
}

function validateLeaderElection(election: RawConfiguration["leaderElection"]): Errors {
  if (!election.leaderElect) return [];
  const { resourceLock, resourceName, resourceNamespace } = election;
  const lease = durationOf(election.leaseDuration);
  const renew = durationOf(election.renewDeadline);
  const path = "leaderElection";
  const durations = (["leaseDuration", "renewDeadline", "retryPeriod"] as const).flatMap((name) =>
    checkPositive(election[name], `${path}.${name}`),
  );
  const tooShort = "LeaseDuration must be greater than RenewDeadline";
  const noLock = 'resourceLock value must be "leases"';
  return [
    ...durations,
    ...when(lease < renew, invalidField(`${path}.leaseDuration`, election.renewDeadline, tooShort)),
    ...when(!resourceNamespace, invalidField(`${path}.resourceNamespace`, "", "resourceNamespace is required")),
    ...when(!resourceName, invalidField(`${path}.resourceName`, "", "resourceName is required")),
    ...when(resourceLock !== "leases", invalidField(`${path}.resourceLock`, resourceLock, noLock)),
  ];
}

const durationOf = (text: string) => parseDurationMs(text) ?? NaN;

function checkPositive(text: string, path: string): Errors {
  const ms = parseDurationMs(text);
  if (ms === undefined) return [invalidField(path, text, "must be a duration such as 15s or 1m30s")];
  return when(ms <= 0, invalidField(path, text, "must be greater than zero"));
}

const checkPercentage = (percentage: number | undefined, path: string): Errors =>
  when(
    percentage !== undefined && (percentage < 0 || percentage > 100),
    invalidField(path, percentage, "not in valid range [0-100]"),
  );

function validateProfiles(profiles: readonly Profile[]): Errors {
  if (profiles.length === 0) return [requiredField("profiles")];
  const queueSort = profiles[0]?.plugins.queueSort;
  const enabled = queueSort?.enabled.length ?? 0;
  const tooMany = "only one queue sort plugin can be enabled";
  return [
    ...eachItem(profiles, "profiles", (profile, at, index) => [
      ...validateProfile(profile, at),
      ...checkDuplicateName(profiles, index),
    ]),
    ...when(enabled > 1, invalidField("profiles[0].plugins.queueSort.Enabled", enabled, tooMany)),
    ...eachItem(profiles, "profiles", ({ plugins }, at) =>
      when(
        !semanticEqual(plugins.queueSort, queueSort),
        invalidField(`${at}.plugins.queueSort`, plugins.queueSort, "must be the same for all profiles"),
      ),
    ),
  ];
}

function checkDuplicateName(profiles: readonly Profile[], index: number): Errors {
  const name = profiles[index]?.schedulerName;
  const first = profiles.findIndex(({ schedulerName }) => schedulerName === name);
  return when(first < index, duplicateField(`profiles[${index}].schedulerName`, `profiles[${first}].schedulerName`));
}

function validateProfile({ schedulerName, percentageOfNodesToScore, plugins, pluginConfig }: Profile, path: string) {
  return [
    ...when(!schedulerName, requiredField(`${path}.schedulerName`)),
    ...checkPercentage(percentageOfNodesToScore, `${path}.percentageOfNodesToScore`),
    ...extensionPoints.flatMap((point) =>
      eachItem(plugins[point].enabled, `${path}.plugins.${point}.enabled`, ({ name }, at) => checkRemoved(name, at)),
    ),
    ...eachItem(pluginConfig, `${path}.pluginConfig`, ({ name }, at, index) => [
      ...when(pluginConfig.findIndex((each) => each.name === name) < index, duplicateField(at, name)),
      ...checkRemoved(name, at),
    ]),
  ];
}

const REMOVED = ["AzureDiskLimits", "CinderLimits", "EBSLimits", "GCEPDLimits"];

const checkRemoved = (name: string, path: string): Errors => {
  const version = `"${CONFIGURATION_VERSION}"`;
  const problem = `was invalid in version ${version} (KubeSchedulerConfiguration is version ${version})`;
  return when(REMOVED.includes(name), invalidField(path, name, problem));
};

function validateExtenders(extenders: readonly ExtenderConfiguration[]): Errors {
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  const seen = new Set<string>();
  return [
    ...eachItem(extenders, "extenders", (extender, at) => validateExtender(extender, at, seen)),
    ...when(
      binders > 1,
      invalidField("extenders", `found ${binders} extenders implementing bind`, "only one extender can implement bind"),
    ),
  ];
}

function validateExtender(extender: ExtenderConfiguration, path: string, seen: Set<string>): Errors {
  const { urlPrefix, prioritizeVerb, weight = 0, httpTimeout = "0s", managedResources } = extender;
  const timeoutPath = `${path}.httpTimeout`;
  const isUrl = URL.canParse(urlPrefix) && /^https?:/.test(urlPrefix);
  return [
    ...when(!isUrl, invalidField(`${path}.urlPrefix`, urlPrefix, "must be an http or https URL")),
    ...when(
      Boolean(prioritizeVerb) && weight <= 0,
      invalidField(`${path}.weight`, weight, "must have a positive weight applied to it"),
    ),
    ...when(
      parseDurationMs(httpTimeout) === undefined,
      invalidField(timeoutPath, httpTimeout, "must be a duration such as 5s or 500ms"),
    ),
    ...eachItem(managedResources, `${path}.managedResources`, ({ name }, at) => {
      const errors = checkExtendedResource(name, `${at}.name`);
      const isKnown = seen.has(name);
      seen.add(name);
      return [
        ...errors,
        ...when(isKnown, invalidField(`${at}.name`, name, "duplicate extender managed resource name")),
      ];
    }),
  ];
}

function checkExtendedResource(name: string, path: string): Errors {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalidField(path, name, problem));
  return when(!isExtendedResource(name), invalidField(path, name, "is an invalid extended resource name"));
}
