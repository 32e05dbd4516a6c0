// Keeps the Endpoints object of each service that selects pods: the older form of EndpointSlices, which clients still read.

import { endpoints, type EndpointAddress, type Endpoints, type EndpointSubset } from "../../api/core/endpoints.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { services, type Service } from "../../api/core/service.ts";
import { keyOf, type NewObject, type ObjectKey } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound, isAlreadyExists } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../client/controller.ts";
import type { Informer } from "../../client/informer.ts";
import { formatTime } from "../../lib/clock.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
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
  type ResolvedPort,
} from "./service-pods.ts";
import { portsId } from "./slice-plan.ts";

const ADDRESSES_MAX = 1000;
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";
const MANAGED_BY = "endpoints.kubernetes.io/managed-by";
const OURSELVES = "endpoint-controller";

export const endpointsController: Controller<Service> = {
  name: "endpoints",
  for: services,
  watches: [
    podsOfServices,
    // The object has its service's name: one that was changed or deleted by hand is put right.
    { resource: endpoints, map: ({ object }) => [keyOf(object)] },
  ],
  build: (deps) => new EndpointsReconciler(deps),
};

export interface DesiredEndpoints {
  readonly subsets: readonly EndpointSubset[];
  /** Some addresses were left out. */
  readonly truncated: boolean;
}

/** One subset for each set of ports, in a fixed order, so that equal states are equal objects. */
export function planSubsets(service: Service, behind: readonly Pod[]): DesiredEndpoints {
  const subsets = new Map<
    string,
    { ports: readonly ResolvedPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }
  >();
  const counted = behind.filter((pod) => service.spec.publishNotReadyAddresses || !pod.metadata.deletionTimestamp);
  const shown = readyFirst(service, counted).slice(0, ADDRESSES_MAX);
  for (const pod of shown) {
    const ports = resolvePorts(service, pod);
    if (ports.length === 0 && (service.spec.ports ?? []).length > 0) continue;
    const subset = subsets.get(portsId(ports)) ?? { ports, ready: [], notReady: [] };
    subsets.set(portsId(ports), subset);
    (endpointState(service, pod).ready ? subset.ready : subset.notReady).push(addressOf(service, pod));
  }
  const ordered = [...subsets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subset]) => subset);
  return { truncated: counted.length > ADDRESSES_MAX, subsets: ordered.map(renderSubset) };
}

/** When not all fit, the ready ones do. */
function readyFirst(service: Service, behind: readonly Pod[]): readonly Pod[] {
  if (behind.length <= ADDRESSES_MAX) return behind;
  const ready = behind.filter((pod) => endpointState(service, pod).ready);
  return [...ready, ...behind.filter((pod) => !endpointState(service, pod).ready)];
}

function renderSubset({
  ports,
  ready,
  notReady,
}: {
  ports: readonly ResolvedPort[];
  ready: EndpointAddress[];
  notReady: EndpointAddress[];
}): EndpointSubset {
  return {
    ...(ready.length > 0 && { addresses: ready.sort(byAddress) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.sort(byAddress) }),
    // Kubernetes leaves the empty name of an only port out.
    ports: ports.map(({ name, ...port }) => (name === "" ? port : { name, ...port })),
  };
}

const byAddress = (a: EndpointAddress, b: EndpointAddress) => (a.ip < b.ip ? -1 : 1);

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const hostname = endpointHostname(service, pod);
  return {
    ip: pod.status.podIP ?? "",
    ...(hostname && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: podReference(pod),
  };
}

class EndpointsReconciler implements Reconciler<Service> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #endpoints: Informer<Endpoints>;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, podIndexers);
    this.#endpoints = deps.informer(endpoints);
  }

  async reconcile(service: Service): Promise<void> {
    if (!selectsPods(service) || service.metadata.deletionTimestamp) return;
    const { subsets, truncated } = planSubsets(service, podsBehind(service, this.#pods));
    const current = this.#endpoints.get(keyOf(service));
    const { [OVER_CAPACITY]: marked, ...kept } = current?.metadata.annotations ?? {};
    const others = { ...kept, [TRIGGER_TIME]: formatTime(this.#deps.clock.now()) };
    const metadata = {
      name: service.metadata.name,
      namespace: service.metadata.namespace,
      labels: { ...endpointLabels(service), [MANAGED_BY]: OURSELVES },
      annotations: truncated ? { ...others, [OVER_CAPACITY]: "truncated" } : others,
    };
    if (!current) {
      await this.#create({ metadata, subsets });
      return;
    }
    const sameMark = (marked !== undefined) === truncated;
    if (sameMark && semanticEqual(current.subsets, subsets) && semanticEqual(current.metadata.labels, metadata.labels))
      return;
    await this.#deps.client.update(endpoints, { ...current, metadata: { ...current.metadata, ...metadata }, subsets });
  }

  async #create(wanted: NewObject<Endpoints>): Promise<void> {
    await this.#deps.client.create(endpoints, wanted).catch((error: unknown) => {
      // What exists already the cache will show in a moment, and it is compared then.
      if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error;
    });
  }

  /** A service that is gone takes its Endpoints with it: the object has no owner reference, as in Kubernetes. */
  async forget(key: ObjectKey): Promise<void> {
    const left = this.#endpoints.get(key);
    if (left?.metadata.labels?.[MANAGED_BY] !== OURSELVES) return;
    await this.#deps.client.delete(endpoints, key, { preconditions: { uid: left.metadata.uid } }).catch(ignoreNotFound);
  }
}
