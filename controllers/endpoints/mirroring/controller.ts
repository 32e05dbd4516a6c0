// Shows Endpoints that somebody writes by hand, for a service without a selector, as EndpointSlices: proxies read nothing
// else. Slices that others make for the service are left alone.

import { endpoints, type Endpoints } from "../../../api/core/endpoints.ts";
import { services, type Service } from "../../../api/core/service.ts";
import { endpointSlices, type EndpointSlice } from "../../../api/discovery/endpoint-slice.ts";
import { formatKey, keyOf, type NewObject, type ObjectKey } from "../../../api/meta/object.ts";
import { ownerReferenceTo } from "../../../api/meta/owner.ts";
import { ignoreNotFound } from "../../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../../client/controller.ts";
import type { Indexers, Informer } from "../../../client/informer.ts";
import { isNamespaceTerminating } from "../../namespace-terminating.ts";
import { OwnWrites } from "../../own-writes.ts";
import {
  ADDRESSES_MAX,
  isMirrored,
  MANAGED_BY,
  OURSELVES,
  planMirrors,
  planMirrorSlices,
  SERVICE_NAME,
  type DesiredMirrors,
  type Mirror,
} from "./plan-mirror.ts";

const BY_SERVICE = "mirrored-service";

const mirroredSlices: Indexers<EndpointSlice> = {
  [BY_SERVICE]: ({ metadata: { namespace, labels = {} } }) => {
    const name = labels[SERVICE_NAME];
    return name !== undefined && labels[MANAGED_BY] === OURSELVES ? [formatKey({ namespace, name })] : [];
  },
};

export const endpointSliceMirroringController: Controller<Endpoints> = {
  name: "endpointslicemirroring",
  for: endpoints,
  owns: [endpointSlices],
  // Endpoints have the name of their service.
  watches: [{ resource: services, map: ({ object }) => [keyOf(object)] }],
  build: (deps) => new MirroringReconciler(deps),
};

class MirroringReconciler implements Reconciler<Endpoints> {
  readonly #deps: ControllerDeps;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #ownWrites: OwnWrites<EndpointSlice>;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#services = deps.informer(services);
    this.#slices = deps.informer(endpointSlices, mirroredSlices);
    this.#ownWrites = new OwnWrites(this.#slices, deps.clock);
  }

  async reconcile(source: Endpoints): Promise<void> {
    const service = this.#services.get(keyOf(source));
    const hasSelector = Object.keys(service?.spec.selector ?? {}).length > 0;
    if (!service || hasSelector || !isMirrored(source)) return this.forget(keyOf(source));
    const desired = planMirrors(source);
    this.#reportSkipped(source, desired);
    const existing = this.#ownWrites.effective(source.metadata.uid, this.#existing(keyOf(source)));
    const plan = planMirrorSlices(desired.mirrors, existing);
    await Promise.all([
      ...plan.create.map((mirror) => this.#create(source, mirror)),
      ...plan.update.map(({ slice, mirror }) => this.#update(source, slice, mirror)),
      ...plan.remove.map((slice) => this.#remove(slice)),
    ]);
  }

  /** Nothing is left to be shown. */
  async forget(key: ObjectKey): Promise<void> {
    await Promise.all(this.#existing(key).map((slice) => this.#remove(slice)));
  }

  #existing(key: ObjectKey): readonly EndpointSlice[] {
    return this.#slices.byIndex(BY_SERVICE, formatKey(key)).filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  #reportSkipped(source: Endpoints, { invalid, skipped }: DesiredMirrors): void {
    const { events } = this.#deps;
    const about = { object: source };
    if (invalid > 0) {
      const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
      events.record(about, "Warning", "InvalidIPAddress", message);
    }
    if (skipped > invalid) {
      const message = `A max of ${ADDRESSES_MAX} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
      events.record(about, "Warning", "TooManyAddressesToMirror", message);
    }
  }

  async #create(source: Endpoints, { labels, annotations, ...content }: Mirror): Promise<void> {
    const { name, namespace, uid } = source.metadata;
    const ownerReferences = [ownerReferenceTo(source, endpoints)];
    const slice: NewObject<EndpointSlice> = {
      metadata: { generateName: `${name}-`, namespace, labels, annotations, ownerReferences },
      ...content,
    };
    const create = () => this.#deps.client.create(endpointSlices, slice);
    await this.#ownWrites.create(uid, create).catch((error: unknown) => {
      if (!isNamespaceTerminating(error)) throw error;
    });
  }

  async #update(source: Endpoints, slice: EndpointSlice, mirror: Mirror): Promise<void> {
    const { labels, annotations, ...content } = mirror;
    // The Endpoints may have been made anew since.
    const ownerReferences = [ownerReferenceTo(source, endpoints)];
    const metadata = { ...slice.metadata, labels, annotations, ownerReferences };
    await this.#deps.client.update(endpointSlices, { ...slice, ...content, metadata });
  }

  async #remove(slice: EndpointSlice): Promise<void> {
    const preconditions = { uid: slice.metadata.uid };
    await this.#deps.client.delete(endpointSlices, keyOf(slice), { preconditions }).catch(ignoreNotFound);
    this.#ownWrites.deleted(slice);
  }
}
