// Which address a request to `pods/NAME/proxy`, `services/NAME/proxy` and `nodes/NAME/proxy` is for: the pure part, with
// Kubernetes' rules and words. NAME may carry a scheme and a port: `https:web:8443`.

import { BlockList, isIP } from "node:net";
import type { Endpoints, EndpointSubset } from "../../api/core/endpoints.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Service } from "../../api/core/service.ts";
import { StatusError } from "../../api/meta/status.ts";

export interface ProxyTarget {
  /** Of `http:`, `https:`; http where the name says nothing. */
  readonly scheme: "http" | "https";
  readonly name: string;
  /** As the name has it; empty where it has none. */
  readonly port: string;
}

/** Throws BadRequest for what is no such name. `kind`: what Kubernetes calls it in its error. */
export function parseTarget(id: string, kind: "pod" | "service" | "node"): ProxyTarget {
  const parts = id.split(":");
  const [scheme, name, port] = parts.length === 3 ? parts : ["", parts[0], parts[1]];
  if (parts.length > 3 || !name || !["", "http", "https"].includes(scheme ?? "")) {
    throw new StatusError("BadRequest", `invalid ${kind} request ${JSON.stringify(id)}`);
  }
  return { scheme: scheme === "https" ? "https" : "http", name, port: port ?? "" };
}

/** Where the pod listens: at the port named, or else the first that it declares. Throws BadRequest. */
export function podUrl({ scheme, port }: ProxyTarget, { spec, status }: Pod): string {
  const declared = spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  return urlOf({ scheme, address: podAddress(status), port: port || String(declared ?? "") });
}

const podAddress = ({ podIPs = [], podIP }: Pod["status"]) => podIPs[0]?.ip ?? podIP ?? "";

/** Throws BadRequest for addresses that this server does not connect to, and for ports that are none. */
export function urlOf({ scheme, address, port }: Omit<ProxyTarget, "name"> & { readonly address: string }): string {
  if (!isProxyable(address)) throw new StatusError("BadRequest", "address not allowed");
  const number = Number(port);
  if (port !== "" && (!/^\d+$/.test(port) || number < 1 || number > 65535)) {
    throw new StatusError("BadRequest", `${JSON.stringify(port)} is no port number`);
  }
  const host = isIP(address) === 6 ? `[${address}]` : address;
  return `${scheme}://${host}${port && `:${port}`}`;
}

const refused = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
] as const) {
  refused.addSubnet(net, bits);
}
refused.addAddress("::", "ipv6");
refused.addAddress("::1", "ipv6");
refused.addSubnet("fe80::", 10, "ipv6");
refused.addSubnet("ff00::", 8, "ipv6");

/** Pods that are plain processes live here: see docs/decisions/0010. Nothing else on a host does. */
const processPods = new BlockList();
processPods.addSubnet("127.64.0.0", 10);

/**
 * Whoever writes a pod's status could make this server connect anywhere: to itself, to its host's other programs, to the
 * metadata service of a cloud. Addresses that are no pod's are refused. They are addresses, never names, so that nothing is
 * resolved after the check.
 */
export function isProxyable(address: string): boolean {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return false;
  const family = version === 6 ? "ipv6" : "ipv4";
  return processPods.check(address, family) || !refused.check(address, family);
}

export interface ServiceBackends {
  readonly service: Service | undefined;
  readonly endpoints: Endpoints;
  /** The pod of that name in the service's namespace; undefined where there is none. */
  findPod(name: string): Pod | undefined;
  /** Uniform in [0, 1). */
  chance(): number;
}

/** One of the addresses behind the service. Throws ServiceUnavailable where there is none that is a pod's. */
export function serviceUrl(target: ProxyTarget, id: string, backends: ServiceBackends): string {
  const { scheme, name } = target;
  const port = portName(target, backends.service);
  const { subsets = [] } = backends.endpoints;
  if (subsets.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  for (const subset of startingAnywhere(subsets, backends)) {
    const found = subset.ports?.find((each) => (each.name ?? "") === port);
    const address = found && startingAnywhere(subset.addresses ?? [], backends).find(isPods(backends));
    if (address) return urlOf({ scheme, address: address.ip, port: String(found.port) });
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(id)}`);
}

/** Endpoints know ports by name; a number stands for the service's own port of that number. */
function portName({ name, port }: ProxyTarget, service: Service | undefined): string {
  if (!/^\d+$/.test(port)) return port;
  const found = service?.spec.ports?.find((each) => each.port === Number(port));
  if (!found) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return found.name ?? "";
}

type Address = NonNullable<EndpointSubset["addresses"]>[number];

/** Endpoints can be written by hand: what leads to no pod of the same namespace is passed over. */
function isPods({ endpoints, findPod }: ServiceBackends): (address: Address) => boolean {
  return ({ ip, targetRef }) => {
    if (!targetRef?.name || targetRef.namespace !== endpoints.metadata.namespace) return false;
    const status = findPod(targetRef.name)?.status;
    return status !== undefined && [status.podIP, ...(status.podIPs ?? []).map((each) => each.ip)].includes(ip);
  };
}

function startingAnywhere<T>(items: readonly T[], { chance }: ServiceBackends): readonly T[] {
  const start = Math.floor(chance() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}

const unavailable = (message: string) => new StatusError("ServiceUnavailable", message);
