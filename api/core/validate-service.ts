// Rules for services, from Kubernetes' service validation. Whether an address or a port is free is not known here.

import { isExternallyAccessible, needsHealthCheckNodePort } from "./service-strategy.ts";
import type { Service, ServicePort, ServiceSpec } from "./service.ts";
import { validatePortReference } from "./validate-port.ts";
import { validateServiceAddresses, validateAddressChange } from "./validate-service-addresses.ts";
import { checkFormat, checkPortNumber, eachItem, when } from "../meta/field-checks.ts";
import { checkCidr, checkEndpointIp } from "../meta/ip-address.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { labelProblems, serviceNameProblems, subdomainProblems } from "../meta/names.ts";
import { validateLabels } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const KUBELET_PORT = 10250;
const AFFINITY_SECONDS_MAX = 86400;
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

export function validateService(service: Service, old?: Service): FieldError[] {
  const { spec } = service;
  return [
    ...validateMetadata(service, old, { name: serviceNameProblems }),
    ...validateType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, "spec.selector"),
    ...validateAffinity(spec),
    ...validateServiceAddresses(spec),
    ...(old ? validateAddressChange(spec, old.spec) : []),
    ...eachItem(spec.externalIPs, "spec.externalIPs", (ip, at) => checkEndpointIp(at, ip)),
    ...validateLoadBalancer(spec, old?.spec),
    ...validateTrafficPolicies(spec),
  ];
}

export const isHeadless = ({ clusterIP, clusterIPs }: ServiceSpec): boolean =>
  clusterIP === "None" || clusterIPs?.[0] === "None";

function validateType(spec: ServiceSpec): Errors {
  const { type, externalName = "", ports } = spec;
  if (type === "ExternalName") {
    const cname = externalName.replace(/\.$/, "");
    return cname ? checkFormat("spec.externalName", cname, subdomainProblems) : [requiredField("spec.externalName")];
  }
  const isExposed = type === "LoadBalancer" || type === "NodePort";
  return [
    ...when(!ports?.length && !isHeadless(spec), requiredField("spec.ports")),
    ...when(
      isExposed && isHeadless(spec),
      invalidField("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`),
    ),
  ];
}

function validatePorts(spec: ServiceSpec): Errors {
  const { type, ports } = spec;
  const names = new Set<string>();
  const nodePorts = new Set<string>();
  const pairs = new Set<string>();
  const isNew = (set: Set<string>, key: string) => !set.has(key) && set.add(key);
  const kubelet = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
  return eachItem(ports, "spec.ports", (port, at) => [
    ...when(type === "LoadBalancer" && port.port === KUBELET_PORT, invalidField(`${at}.port`, port.port, kubelet)),
    ...when(!port.name && (ports ?? []).length > 1, requiredField(`${at}.name`)),
    ...validatePort(port, at),
    ...when(port.name && !isNew(names, port.name), duplicateField(`${at}.name`, port.name)),
    ...when(
      type === "ClusterIP" && port.nodePort,
      forbiddenField(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"),
    ),
    ...when(
      port.nodePort && !isNew(nodePorts, `${port.protocol}/${port.nodePort}`),
      duplicateField(`${at}.nodePort`, port.nodePort),
    ),
    ...when(
      !isNew(pairs, `${port.protocol}/${port.port}`),
      duplicateField(at, { protocol: port.protocol, port: port.port }),
    ),
  ]);
}

function validatePort({ name, port, targetPort, nodePort, appProtocol }: ServicePort, path: string): Errors {
  return [
    ...checkFormat(`${path}.name`, name, labelProblems),
    ...checkPortNumber(`${path}.port`, port),
    ...checkPortNumber(`${path}.nodePort`, nodePort || undefined),
    ...validatePortReference(targetPort, `${path}.targetPort`),
    ...checkFormat(`${path}.appProtocol`, appProtocol, qualifiedNameProblems),
  ];
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): Errors {
  if (sessionAffinity !== "ClientIP") {
    const problem = `must not be set when session affinity is ${sessionAffinity}`;
    return when(sessionAffinityConfig, forbiddenField("spec.sessionAffinityConfig", problem));
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 1;
  const problem = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
  return when(
    seconds <= 0 || seconds > AFFINITY_SECONDS_MAX,
    invalidField("spec.sessionAffinityConfig.clientIP.timeoutSeconds", seconds, problem),
  );
}

function validateLoadBalancer(spec: ServiceSpec, old: ServiceSpec | undefined): Errors {
  const { loadBalancerSourceRanges, allocateLoadBalancerNodePorts, loadBalancerClass } = spec;
  const isLoadBalancer = spec.type === "LoadBalancer";
  const wasLoadBalancer = old?.type === "LoadBalancer";
  return [
    ...when(
      !isLoadBalancer && loadBalancerSourceRanges?.length,
      forbiddenField("spec.LoadBalancerSourceRanges", ONLY_LOAD_BALANCER),
    ),
    ...eachItem(loadBalancerSourceRanges, "spec.LoadBalancerSourceRanges", (range, at) => checkCidr(at, range.trim())),
    ...when(
      !isLoadBalancer && allocateLoadBalancerNodePorts !== undefined,
      forbiddenField("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER),
    ),
    ...when(
      !isLoadBalancer && loadBalancerClass !== undefined,
      forbiddenField("spec.loadBalancerClass", ONLY_LOAD_BALANCER),
    ),
    ...checkFormat("spec.loadBalancerClass", loadBalancerClass, qualifiedNameProblems),
    ...when(
      isLoadBalancer && wasLoadBalancer && loadBalancerClass !== old.loadBalancerClass,
      invalidField("spec.loadBalancerClass", loadBalancerClass, "may not change once set"),
    ),
  ];
}

function validateTrafficPolicies(spec: ServiceSpec): Errors {
  const { externalTrafficPolicy, healthCheckNodePort = 0, trafficDistribution } = spec;
  const external = "may only be set for externally-accessible services";
  const health = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
  return [
    ...when(
      externalTrafficPolicy && !isExternallyAccessible(spec),
      invalidField("spec.externalTrafficPolicy", externalTrafficPolicy, external),
    ),
    ...when(
      healthCheckNodePort !== 0 && !needsHealthCheckNodePort(spec),
      invalidField("spec.healthCheckNodePort", healthCheckNodePort, health),
    ),
    ...when(
      trafficDistribution !== undefined && trafficDistribution !== "PreferClose",
      unsupportedField("spec.trafficDistribution", trafficDistribution, ["PreferClose"]),
    ),
  ];
}
