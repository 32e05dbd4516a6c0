// Makes a DNS server that runs outside of the cluster's pods known in it: the service `kube-dns`, by whose address pods ask, and
// the one endpoint behind it.

import { services } from "../../api/core/service.ts";
import { endpointSlices } from "../../api/discovery/endpoint-slice.ts";
import type { Client, Patch } from "../../client/client.ts";
import { DNS_SERVICE } from "./cluster-zone.ts";

export interface DnsPlace {
  /** The service's virtual address. */
  readonly serviceAddress: string;
  /** Where the server listens. */
  readonly endpoint: { readonly address: string; readonly port: number };
}

const PORT = 53;
const labels = { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" };

/** Writes nothing where all is as it should be. Rejects with Invalid where another service has the address. */
export async function publishDns(client: Pick<Client, "patch">, place: DnsPlace): Promise<void> {
  const options = { fieldManager: "gantry-dns" };
  await client.patch(services, DNS_SERVICE, applied(describeService(place)), options);
  await client.patch(endpointSlices, DNS_SERVICE, applied(describeSlice(place)), options);
}

const applied = (body: object): Patch => ({ type: "apply", patch: body, force: true });

function describeService({ serviceAddress }: DnsPlace): object {
  const ports = [
    { name: "dns", protocol: "UDP", port: PORT },
    { name: "dns-tcp", protocol: "TCP", port: PORT },
  ];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...DNS_SERVICE, labels: { ...labels, "kubernetes.io/cluster-service": "true" } },
    spec: { clusterIP: serviceAddress, ports },
  };
}

function describeSlice({ endpoint: { address, port } }: DnsPlace): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      ...DNS_SERVICE,
      labels: {
        ...labels,
        "kubernetes.io/service-name": DNS_SERVICE.name,
        "endpointslice.kubernetes.io/managed-by": "gantry-dns",
      },
    },
    addressType: "IPv4",
    ports: [
      { name: "dns", protocol: "UDP", port },
      { name: "dns-tcp", protocol: "TCP", port },
    ],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}
