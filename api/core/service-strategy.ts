// What the server decides about a service on each write, apart from choosing addresses and ports: clients leave out values
// that were allocated to them before, and change the type without taking back what the old type needed.

import type { Service, ServicePort, ServiceSpec } from "./service.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";

/** Every type but ExternalName has an address inside the cluster, even if it is `None`. */
export const needsClusterIP = ({ type }: ServiceSpec): boolean => type !== "ExternalName";
export const needsNodePorts = ({ type, allocateLoadBalancerNodePorts = true }: ServiceSpec): boolean =>
  type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts);
/** A port of its own where each node tells the load balancer whether it has endpoints. */
export const needsHealthCheckNodePort = ({ type, externalTrafficPolicy }: ServiceSpec): boolean =>
  type === "LoadBalancer" && externalTrafficPolicy === "Local";
/** True where traffic from outside the cluster may arrive. */
export const isExternallyAccessible = ({
  type,
  externalIPs = [],
}: Pick<ServiceSpec, "type" | "externalIPs">): boolean =>
  type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && externalIPs.length > 0);

export function prepareService(service: Service, old?: Service): Service {
  if (!old) {
    return { ...service, spec: withClusterIPs(service.spec), status: { loadBalancer: {} } };
  }
  const kept = withClusterIPs(keepAllocated(service.spec, old.spec), old.spec);
  return { ...service, spec: dropObsolete(kept, old.spec), status: old.status };
}

/** `clusterIP` is the first of `clusterIPs`; older clients set it alone, or clear it alone. */
function withClusterIPs(spec: ServiceSpec, old?: ServiceSpec): ServiceSpec {
  const { clusterIP = "", clusterIPs = [] } = spec;
  if (clusterIP && clusterIPs.length === 0) return { ...spec, clusterIPs: [clusterIP] };
  const changedAlone = old && clusterIP !== (old.clusterIP ?? "") && semanticEqual(clusterIPs, old.clusterIPs);
  if (!changedAlone) return spec;
  return { ...spec, clusterIPs: clusterIP ? [clusterIP, ...clusterIPs.slice(1)] : [] };
}

/** Values that the server allocated stay although the client did not send them. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  return definedFields({
    ...spec,
    ...(needsClusterIP(spec) && needsClusterIP(old) && keepAddresses(spec, old)),
    ...(needsNodePorts(spec) && needsNodePorts(old) && { ports: keepNodePorts(spec.ports, old.ports) }),
    ...(needsHealthCheckNodePort(spec) &&
      needsHealthCheckNodePort(old) && {
        healthCheckNodePort: spec.healthCheckNodePort || old.healthCheckNodePort,
      }),
  });
}

function keepAddresses(spec: ServiceSpec, old: ServiceSpec): Partial<ServiceSpec> {
  const clusterIP = spec.clusterIP || old.clusterIP;
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? old.ipFamilyPolicy;
  if (spec.clusterIPs?.length || clusterIP !== old.clusterIP) return { clusterIP, ipFamilyPolicy };
  return { clusterIP, ipFamilyPolicy, clusterIPs: old.clusterIPs, ipFamilies: spec.ipFamilies ?? old.ipFamilies };
}

/** A port keeps the node port of the old port of its name, unless another port asks for that number. */
function keepNodePorts(ports: readonly ServicePort[] = [], oldPorts: readonly ServicePort[] = []): ServicePort[] {
  const allocated = new Map(oldPorts.map(({ name, nodePort }) => [name ?? "", nodePort]));
  const used = new Set(ports.flatMap(({ nodePort }) => (nodePort ? [nodePort] : [])));
  return ports.map((port) => {
    const before = allocated.get(port.name ?? "");
    if (port.nodePort || !before || used.has(before)) return port;
    used.add(before);
    return { ...port, nodePort: before };
  });
}

/** A value that the new type has no use for goes, unless the client changed it, which validation then refuses. */
function dropObsolete(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const dropped: { -readonly [K in keyof ServiceSpec]?: ServiceSpec[K] } = { ...spec };
  const drop = (needs: (of: ServiceSpec) => boolean, ...names: (keyof ServiceSpec)[]) => {
    if (!needs(old) || needs(spec)) return;
    if (names.every((name) => semanticEqual(spec[name], old[name]))) for (const name of names) delete dropped[name];
  };
  drop(needsClusterIP, "clusterIP", "clusterIPs");
  drop(needsClusterIP, "ipFamilies", "ipFamilyPolicy");
  drop(needsHealthCheckNodePort, "healthCheckNodePort");
  drop(({ type }) => type === "LoadBalancer", "allocateLoadBalancerNodePorts");
  drop(({ type }) => type === "LoadBalancer", "loadBalancerClass");
  drop(isExternallyAccessible, "externalTrafficPolicy");
  drop(needsClusterIP, "internalTrafficPolicy");
  if (needsNodePorts(old) && !needsNodePorts(spec) && sameNodePorts(spec, old)) {
    dropped.ports = spec.ports?.map(withoutNodePort);
  }
  return dropped;
}

const nodePortsOf = ({ ports = [] }: ServiceSpec) => ports.flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
const sameNodePorts = (a: ServiceSpec, b: ServiceSpec) => semanticEqual(nodePortsOf(a).sort(), nodePortsOf(b).sort());

function withoutNodePort(port: ServicePort): ServicePort {
  const copy: { -readonly [K in keyof ServicePort]: ServicePort[K] } = { ...port };
  delete copy.nodePort;
  return copy;
}
