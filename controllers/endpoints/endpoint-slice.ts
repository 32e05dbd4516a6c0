// Keeps the EndpointSlices of each service that selects pods: who is behind the virtual IP, ready or not.

import { endpointSlices, type Endpoint, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { services, type Service } from "../../api/core/service.ts";
import { keyOf, type NewObject, type ObjectKey } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import type { Controller, ControllerDeps, Reconciler, WatchRule } from "../../client/controller.ts";
import type { Indexers, Informer } from "../../client/informer.ts";
import { formatTime } from "../../lib/clock.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { HintEvents } from "./hint-events.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ownershipIndexers } from "../ownership-index.ts";
import {
  endpointHostname,
  endpointLabels,
  endpointState,
  podIndexers,
  podReference,
  podsBehind,
  podsOfServices,
  resolvePorts,
  selectsPods,
  TRIGGER_TIME,
} from "./service-pods.ts";
import {
  planSlices,
  portsId,
  type AddressType,
  type DesiredSlices,
  type EndpointGroup,
  type SliceContent,
} from "./slice-plan.ts";
import { changesShares, wantsZoneHints, ZONE, zoneShares } from "./zone-hints.ts";

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const OURSELVES = "endpointslice-controller.k8s.io";

const WANTS_HINTS = "wants-zone-hints";
const hintIndexers: Indexers<Service> = { [WANTS_HINTS]: (service) => (wantsZoneHints(service) ? [""] : []) };

/** How many CPUs each zone has decides about the hints of all services that want them. */
const zonesOfNodes: WatchRule<Node> = {
  resource: nodes,
  map: (change, deps) => {
    const before = change.type === "updated" ? change.before : undefined;
    const now = change.type === "deleted" ? undefined : change.object;
    const old = change.type === "deleted" ? change.object : before;
    if (!changesShares(now, old)) return [];
    return deps.informer(services, hintIndexers).byIndex(WANTS_HINTS, "").map(keyOf);
  },
};

export const endpointSliceController: Controller<Service> = {
  name: "endpointslice",
  for: services,
  owns: [endpointSlices],
  watches: [podsOfServices, zonesOfNodes],
  build: (deps) => new EndpointSliceReconciler(deps),
};

/** The slices that a service should have, given the pods behind it. */
export function planEndpoints(
  service: Service,
  behind: readonly Pod[],
  zoneOf: (node: string) => string | undefined,
): DesiredSlices {
  const addressTypes: readonly AddressType[] = service.spec.ipFamilies?.filter((family) => family !== "") ?? ["IPv4"];
  const groups = new Map<string, { group: EndpointGroup; endpoints: Endpoint[] }>();
  for (const pod of behind) {
    const ports = resolvePorts(service, pod);
    for (const addressType of addressTypes) {
      const address = addressOf(pod, addressType);
      if (address === undefined) continue;
      const id = `${addressType} ${portsId(ports)}`;
      const endpoints = groups.get(id)?.endpoints ?? [];
      endpoints.push(buildEndpoint(service, pod, { address, zone: zoneOf(pod.spec.nodeName ?? "") }));
      groups.set(id, { endpoints, group: { addressType, ports, endpoints } });
    }
  }
  const labels = { ...endpointLabels(service), [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: OURSELVES };
  return { service, labels, addressTypes, groups: [...groups.values()].map(({ group }) => group) };
}

function addressOf({ status }: Pod, addressType: AddressType): string | undefined {
  const addresses = status.podIPs?.map(({ ip }) => ip) ?? [status.podIP ?? ""];
  return addresses.find((ip) => ip && ip.includes(":") === (addressType === "IPv6"));
}

interface Place {
  readonly address: string;
  readonly zone: string | undefined;
}

function buildEndpoint(service: Service, pod: Pod, { address, zone }: Place): Endpoint {
  const hostname = endpointHostname(service, pod);
  const conditions = endpointState(service, pod);
  // Clients should stay in their own zone, as long as somebody is ready there.
  const isClose = service.spec.trafficDistribution === "PreferClose" && !wantsZoneHints(service);
  const isForZone = isClose && conditions.ready && zone;
  return {
    addresses: [address],
    conditions,
    ...(hostname && { hostname }),
    targetRef: podReference(pod),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    ...(zone && { zone }),
    ...(isForZone && { hints: { forZones: [{ name: zone }] } }),
  };
}

class EndpointSliceReconciler implements Reconciler<Service> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #ownWrites: OwnWrites<EndpointSlice>;
  readonly #hintEvents = new HintEvents();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, podIndexers);
    this.#nodes = deps.informer(nodes);
    this.#slices = deps.informer(endpointSlices, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#slices, deps.clock);
  }

  async reconcile(service: Service): Promise<void> {
    if (!selectsPods(service) || service.metadata.deletionTimestamp) return;
    const zoneOf = (name: string) => this.#nodes.get({ name })?.metadata.labels?.[ZONE];
    const endpoints = planEndpoints(service, podsBehind(service, this.#pods), zoneOf);
    const desired = wantsZoneHints(service)
      ? { ...endpoints, zones: { shares: zoneShares(this.#nodes.list()) } }
      : endpoints;
    const { uid } = service.metadata;
    const mine = this.#slices
      .byIndex(BY_CONTROLLER, uid)
      .filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === OURSELVES && !metadata.deletionTimestamp);
    const plan = planSlices(desired, this.#ownWrites.effective(uid, mine));
    await Promise.all([
      ...plan.create.map((content) => this.#create(service, content)),
      ...plan.update.map(({ slice, content }) => this.#update(slice, content)),
      ...plan.remove.map((slice) => this.#remove(slice)),
    ]);
    for (const { type, reason, message } of this.#hintEvents.next(service, plan.hints)) {
      this.#deps.events.record({ object: service }, type, reason, message);
    }
  }

  forget(key: ObjectKey): void {
    this.#hintEvents.forget(key);
  }

  async #create(service: Service, { addressType, ports, endpoints, labels }: SliceContent): Promise<void> {
    const slice: NewObject<EndpointSlice> = {
      metadata: {
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace,
        labels,
        annotations: this.#triggerTime(),
        ownerReferences: [ownerReferenceTo(service, services)],
      },
      addressType,
      ports,
      endpoints,
    };
    const create = () => this.#deps.client.create(endpointSlices, slice);
    await this.#ownWrites.create(service.metadata.uid, create).catch((error: unknown) => {
      if (!isNamespaceTerminating(error)) throw error;
    });
  }

  async #update(slice: EndpointSlice, { ports, endpoints, labels }: SliceContent): Promise<void> {
    const annotations = { ...slice.metadata.annotations, ...this.#triggerTime() };
    const metadata = { ...slice.metadata, labels, annotations };
    await this.#deps.client.update(endpointSlices, { ...slice, metadata, ports, endpoints });
  }

  async #remove(slice: EndpointSlice): Promise<void> {
    const preconditions = { uid: slice.metadata.uid };
    await this.#deps.client.delete(endpointSlices, keyOf(slice), { preconditions }).catch(ignoreNotFound);
    this.#ownWrites.deleted(slice);
  }

  /** When the change that made this write necessary was seen: programming latency is measured from here. */
  #triggerTime(): Readonly<Record<string, string>> {
    return { [TRIGGER_TIME]: formatTime(this.#deps.clock.now()) };
  }
}
