// The cluster as its DNS server knows it: the caches of services, endpoint slices and namespaces, found by name and by address.

import { namespaces } from "../../api/core/namespace.ts";
import { services, type Service } from "../../api/core/service.ts";
import { endpointSlices, SERVICE_NAME_LABEL, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import type { InformerSet } from "../../client/informer-set.ts";
import type { ClusterView } from "./cluster-zone.ts";

const serviceIndexers = {
  address: ({ spec }: Service) => (spec.clusterIPs ?? []).filter((address) => address !== "None"),
};

const sliceIndexers = {
  dnsService: ({ metadata }: EndpointSlice) => {
    const name = metadata.labels?.[SERVICE_NAME_LABEL];
    return name === undefined ? [] : [`${metadata.namespace}/${name}`];
  },
  dnsAddress: ({ endpoints }: EndpointSlice) => [...new Set(endpoints.flatMap(({ addresses }) => addresses))],
};

export function informerView(informers: InformerSet): ClusterView {
  const allServices = informers.informer(services, serviceIndexers);
  const slices = informers.informer(endpointSlices, sliceIndexers);
  const allNamespaces = informers.informer(namespaces);
  return {
    hasNamespace: (name) => allNamespaces.get({ name }) !== undefined,
    service: (namespace, name) => allServices.get({ namespace, name }),
    slices: (namespace, service) => slices.byIndex("dnsService", `${namespace}/${service}`),
    servicesAt: (address) => allServices.byIndex("address", address),
    slicesAt: (address) => slices.byIndex("dnsAddress", address),
  };
}
