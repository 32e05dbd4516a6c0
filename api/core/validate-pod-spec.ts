// Rules for what a pod is to be, whether in a pod or in a template, from Kubernetes' pod validation.

import type { PodDNSConfig, PodSpec } from "./pod.ts";
import { validateAffinity } from "./validate-affinity.ts";
import { validateContainers } from "./validate-container.ts";
import { validatePlatform } from "./validate-pod-platform.ts";
import { validateSpreadConstraints, validateToleration } from "./validate-placement.ts";
import { validateHostNetworkPorts } from "./validate-port.ts";
import { validateAmount } from "./validate-resources.ts";
import { validatePodSecurityContext } from "./validate-security-context.ts";
import { validateVolumes } from "./validate-volume.ts";
import { checkFormat, checkRange, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { checkIp } from "../meta/ip-address.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import { validateLabels } from "../meta/validate-labels.ts";
import { duplicateField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const INT32_MAX = 2 ** 31 - 1;
const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;

export interface PodSpecRules {
  readonly isTemplate: boolean;
}

export function validatePodSpec(spec: PodSpec, path: string, { isTemplate }: PodSpecRules): Errors {
  const context = {
    volumes: new Map((spec.volumes ?? []).map((volume) => [volume.name, volume])),
    claimNames: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
    graceSeconds: spec.terminationGracePeriodSeconds ?? 0,
    isTemplate,
  };
  return [
    ...validateVolumes(spec.volumes, `${path}.volumes`),
    ...validateContainers(spec, path, context),
    ...validateHost(spec, path, isTemplate),
    ...validatePodSecurityContext(spec.securityContext, `${path}.securityContext`),
    ...validatePlatform(spec, path),
    ...validatePlacement(spec, path),
    ...validateNaming(spec, path),
    ...validateDns(spec, path),
    ...validateGates(spec, path),
    ...checkRange(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, { min: 1, max: INT32_MAX }),
    ...Object.entries(spec.overhead ?? {}).flatMap(([name, amount]) =>
      validateAmount(name, amount, `${path}.overhead[${name}]`),
    ),
  ];
}

function validateHost(spec: PodSpec, path: string, isTemplate: boolean): Errors {
  const both = "ShareProcessNamespace and HostPID cannot both be enabled";
  const rules = { isTemplate };
  return [
    ...(spec.hostNetwork
      ? [
          ...validateHostNetworkPorts(spec.containers, `${path}.containers`, rules),
          ...validateHostNetworkPorts(spec.initContainers, `${path}.initContainers`, rules),
        ]
      : []),
    ...when(spec.shareProcessNamespace && spec.hostPID, invalidField(`${path}.shareProcessNamespace`, true, both)),
    ...eachItem(spec.hostAliases, `${path}.hostAliases`, ({ ip, hostnames }, at) => [
      ...checkIp(`${at}.ip`, ip ?? ""),
      ...(hostnames ?? []).flatMap((name) => checkFormat(`${at}.hostnames`, name, subdomainProblems)),
    ]),
  ];
}

function validatePlacement(spec: PodSpec, path: string): Errors {
  return [
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...eachItem(spec.tolerations, `${path}.tolerations`, validateToleration),
    ...validateSpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
  ];
}

function validateNaming(spec: PodSpec, path: string): Errors {
  return [
    ...checkFormat(`${path}.serviceAccountName`, spec.serviceAccountName, subdomainProblems),
    ...checkFormat(`${path}.nodeName`, spec.nodeName, subdomainProblems),
    ...checkFormat(`${path}.hostname`, spec.hostname, labelProblems),
    ...checkFormat(`${path}.subdomain`, spec.subdomain, labelProblems),
    ...checkFormat(`${path}.priorityClassName`, spec.priorityClassName, subdomainProblems),
    ...checkFormat(`${path}.runtimeClassName`, spec.runtimeClassName, subdomainProblems),
  ];
}

function validateDns({ dnsPolicy, dnsConfig }: PodSpec, path: string): Errors {
  const at = `${path}.dnsConfig`;
  if (dnsPolicy !== "None") return dnsConfig ? validateDnsConfig(dnsConfig, at) : [];
  if (!dnsConfig) return [requiredField(at, "must provide `dnsConfig` when `dnsPolicy` is None")];
  const problem = "must provide at least one DNS nameserver when `dnsPolicy` is None";
  return [
    ...when(!dnsConfig.nameservers?.length, requiredField(`${at}.nameservers`, problem)),
    ...validateDnsConfig(dnsConfig, at),
  ];
}

function validateDnsConfig({ nameservers = [], searches = [], options }: PodDNSConfig, path: string): Errors {
  const tooManyServers = `must not have more than ${NAMESERVERS_MAX} nameservers`;
  const tooManySearches = `must not have more than ${SEARCHES_MAX} search paths`;
  return [
    ...when(nameservers.length > NAMESERVERS_MAX, invalidField(`${path}.nameservers`, nameservers, tooManyServers)),
    ...eachItem(nameservers, `${path}.nameservers`, (server, at) => checkIp(at, server)),
    ...when(searches.length > SEARCHES_MAX, invalidField(`${path}.searches`, searches, tooManySearches)),
    ...eachItem(searches, `${path}.searches`, (domain, at) =>
      domain === "." ? [] : checkFormat(at, domain.replace(/\.$/, ""), subdomainProblems),
    ),
    ...eachItem(options, `${path}.options`, ({ name }, at) => checkRequired(at, name ?? "", "must not be empty")),
  ];
}

function validateGates({ readinessGates, schedulingGates }: PodSpec, path: string): Errors {
  const names = new Set<string>();
  return [
    ...eachItem(readinessGates, `${path}.readinessGates`, ({ conditionType }, at) =>
      checkFormat(`${at}.conditionType`, conditionType, qualifiedNameProblems),
    ),
    ...eachItem(schedulingGates, `${path}.schedulingGates`, ({ name }, at) => {
      const isTaken = names.has(name);
      names.add(name);
      return [...checkFormat(at, name, qualifiedNameProblems), ...when(isTaken, duplicateField(at, name))];
    }),
  ];
}
