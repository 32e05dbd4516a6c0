// Services: the cluster IP and the node ports are chosen, recorded and released in the service's own transaction.

import { invalidField } from "../../api/schema/field-error.ts";
import { needsClusterIP, needsHealthCheckNodePort, needsNodePorts } from "../../api/core/service-strategy.ts";
import { services, type Service, type ServicePort, type ServiceSpec } from "../../api/core/service.ts";
import { formatKey } from "../../api/meta/object.ts";
import { invalid, StatusError } from "../../api/meta/status.ts";
import { ipAddresses, type IPAddress } from "../../api/networking/ip-address.ts";
import type { Random } from "../../lib/random.ts";
import {
  addressKeys,
  isAllocatable,
  IP_ADDRESSES_PREFIX,
  listTaken,
  NODE_PORTS_PREFIX,
  pickFree,
  portKeys,
  type NumberedKeys,
  type ServiceAddressRanges,
} from "../addresses/service-address-ranges.ts";
import { addressesOf, addressRecord, holderOf } from "../addresses/service-address-records.ts";
import type { View } from "../registry/view.ts";
import type { Check, Store, Write } from "../storage/store.ts";
import { decodeStored, encodeStored } from "../stored-object.ts";
import type { Accompaniment, Change, KindRules } from "./kind-rules.ts";

interface ServiceRulesOptions {
  readonly store: Store;
  readonly random: Random;
  readonly ranges: ServiceAddressRanges;
}

export function serviceRules(options: ServiceRulesOptions): KindRules {
  return {
    createsOnUpdate: true,
    returnsDeleted: true,
    accompany: (change, view) => new Allocation(options, change, view).plan(),
  };
}

/** All that it has on every node, the one for health checks among them. */
const nodePortsOf = (service: Service | undefined): readonly number[] => {
  const { ports = [], healthCheckNodePort } = service?.spec ?? {};
  return [...new Set([...ports.flatMap(({ nodePort }) => nodePort || []), ...[healthCheckNodePort || []].flat()])];
};

/** One attempt of one write: what the service keeps, gains and loses. */
class Allocation {
  readonly #options: ServiceRulesOptions;
  readonly #change: Change;
  readonly #view: View;
  readonly #old: Service | undefined;
  readonly #checks: Check[] = [];
  readonly #writes: Write[] = [];

  constructor(options: ServiceRulesOptions, change: Change, view: View) {
    this.#options = options;
    this.#change = change;
    this.#view = view;
    this.#old = change.old?.object as Service | undefined;
  }

  async plan(): Promise<Accompaniment> {
    const service = this.#change.object as Service | undefined;
    const filled = service && (await this.#fill(service));
    await this.#claim(filled);
    await this.#release(filled);
    return { object: filled, checks: this.#checks, writes: this.#writes };
  }

  /** The service with every address and port that it needs and did not ask for. */
  async #fill(service: Service): Promise<Service> {
    const spec = withFamily(await this.#fillHealthCheck(await this.#fillPorts(await this.#fillAddress(service.spec))));
    return spec === service.spec ? service : { ...service, spec };
  }

  async #fillAddress(spec: ServiceSpec): Promise<ServiceSpec> {
    if (!needsClusterIP(spec) || spec.clusterIP) return spec;
    const keys = addressKeys(this.#options.ranges.cidr);
    const ip = keys.render(await this.#pick(keys, "failed to allocate a serviceIP: range is full"));
    return { ...spec, clusterIP: ip, clusterIPs: [ip] };
  }

  async #fillPorts(spec: ServiceSpec): Promise<ServiceSpec> {
    if (!needsNodePorts(spec) || spec.ports?.every(({ nodePort }) => nodePort)) return spec;
    const keys = portKeys(this.#options.ranges.nodePorts);
    const asked = new Set(
      spec.ports?.flatMap(({ nodePort }) => (nodePort ? [keys.parse(String(nodePort)) ?? -1] : [])),
    );
    const ports: ServicePort[] = [];
    for (const port of spec.ports ?? []) {
      const twin = ports.find((other) => other.port === port.port && other.protocol !== port.protocol);
      if (port.nodePort) {
        ports.push(port);
      } else if (twin?.nodePort) {
        ports.push({ ...port, nodePort: twin.nodePort });
      } else {
        const index = await this.#pick(keys, "failed to allocate a nodePort: range is full", asked);
        asked.add(index);
        ports.push({ ...port, nodePort: Number(keys.render(index)) });
      }
    }
    return { ...spec, ports };
  }

  /** Where load balancers ask which nodes have endpoints of a service whose traffic stays on the node. */
  async #fillHealthCheck(spec: ServiceSpec): Promise<ServiceSpec> {
    if (!needsHealthCheckNodePort(spec) || spec.healthCheckNodePort) return spec;
    const keys = portKeys(this.#options.ranges.nodePorts);
    const own = new Set(spec.ports?.flatMap(({ nodePort }) => (nodePort ? [keys.parse(String(nodePort)) ?? -1] : [])));
    const index = await this.#pick(keys, "failed to allocate a HealthCheck NodePort : range is full", own);
    return { ...spec, healthCheckNodePort: Number(keys.render(index)) };
  }

  /** A first guess is free nearly always; when it was not, the transaction failed and what is taken is looked up. */
  async #pick(keys: NumberedKeys, full: string, besides: ReadonlySet<number> = new Set()): Promise<number> {
    const { store, random } = this.#options;
    const mustLook = this.#view.isLive || besides.size > 0;
    const taken = async () => new Set([...(await listTaken(store, keys)), ...besides]);
    const index = await pickFree(keys.count, random, mustLook ? taken : undefined);
    if (index === undefined) throw new StatusError("InternalError", `Internal error occurred: ${full}`);
    return index;
  }

  /** Records what the service has and had not before. What it asked for by number must be in range and free. */
  async #claim(service: Service | undefined): Promise<void> {
    const before = { addresses: addressesOf(this.#old), ports: nodePortsOf(this.#old) };
    for (const ip of addressesOf(service)) {
      if (before.addresses.includes(ip) || !service) continue;
      const { bytes } = encodeStored(this.#recordOf(service, ip));
      await this.#claimKey(IP_ADDRESSES_PREFIX + ip, bytes, () => this.#checkAddress(service, ip));
    }
    for (const port of nodePortsOf(service)) {
      if (before.ports.includes(port) || !service) continue;
      const record = { service: `${service.metadata.namespace}/${service.metadata.name}` };
      const value = Buffer.from(JSON.stringify(record));
      await this.#claimKey(`${NODE_PORTS_PREFIX}${port}`, value, () => this.#checkPort(service, port));
    }
  }

  #recordOf({ metadata }: Service, ip: string): IPAddress {
    const { random } = this.#options;
    return addressRecord(ip, { service: this.#change.key, now: metadata.creationTimestamp, random });
  }

  async #claimKey(key: string, value: Uint8Array, check: () => () => never): Promise<void> {
    const refuseTaken = check();
    if (this.#view.isLive && (await this.#options.store.get(key))) refuseTaken();
    this.#checks.push({ key, revision: 0 });
    this.#writes.push({ key, value });
  }

  #checkAddress(service: Service, ip: string): () => never {
    const { cidr } = this.#options.ranges;
    const refuse = (why: string): never => {
      const detail = `failed to allocate IP ${ip}: ${why}`;
      throw invalid(services, service.metadata.name, [
        invalidField("spec.clusterIPs", service.spec.clusterIPs ?? [ip], detail),
      ]);
    };
    if (!isAllocatable(cidr, ip)) {
      refuse(`the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${cidr.text}`);
    }
    return () => refuse("provided IP is already allocated");
  }

  #checkPort(service: Service, port: number): () => never {
    const { first, last } = this.#options.ranges.nodePorts;
    const index = service.spec.ports?.findIndex(({ nodePort }) => nodePort === port) ?? -1;
    const refuse = (why: string): never => {
      if (index < 0) {
        const what = `failed to allocate requested HealthCheck NodePort ${port}`;
        throw new StatusError("InternalError", `Internal error occurred: ${what}: ${why}`);
      }
      throw invalid(services, service.metadata.name, [invalidField(`spec.ports[${index}].nodePort`, port, why)]);
    };
    if (port < first || port > last) {
      refuse(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`);
    }
    return () => refuse("provided port is already allocated");
  }

  async #release(service: Service | undefined): Promise<void> {
    const keptAddresses = addressesOf(service);
    const keptPorts = nodePortsOf(service);
    for (const ip of addressesOf(this.#old)) {
      if (!keptAddresses.includes(ip)) await this.#releaseAddress(IP_ADDRESSES_PREFIX + ip);
    }
    for (const port of nodePortsOf(this.#old)) {
      if (!keptPorts.includes(port)) this.#writes.push({ key: `${NODE_PORTS_PREFIX}${port}`, value: undefined });
    }
  }

  /** Users may remove the record, and then it may be another's by now. */
  async #releaseAddress(key: string): Promise<void> {
    const stored = await this.#options.store.get(key);
    if (!stored) return;
    const holder = holderOf(decodeStored(ipAddresses.schema, stored) as IPAddress);
    if (!holder || formatKey(holder) !== formatKey(this.#change.key)) return;
    this.#checks.push({ key, revision: stored.revision });
    this.#writes.push({ key, value: undefined });
  }
}

/** One family is all there is so far; services that have no address have no family. */
function withFamily(spec: ServiceSpec): ServiceSpec {
  if (!needsClusterIP(spec)) return spec;
  const { ipFamilies = ["IPv4"], ipFamilyPolicy = "SingleStack", clusterIP = "" } = spec;
  return { ...spec, clusterIPs: spec.clusterIPs?.length ? spec.clusterIPs : [clusterIP], ipFamilies, ipFamilyPolicy };
}
