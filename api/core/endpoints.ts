// Endpoints: the addresses and ports behind a service in one object, for clients older than EndpointSlices.

import { validateEndpoints } from "./validate-endpoints.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { renderShortList } from "../meta/short-list.ts";
import { objectReference } from "./reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  completed,
  int32,
  list,
  object,
  oneOf,
  optional,
  required,
  string,
} from "../schema/schema.ts";

export const endpointAddress = atomic(
  object("io.k8s.api.core.v1.EndpointAddress", "An address behind a service.", {
    ip: required(1, string(), "The address. It is not a loopback or link-local one."),
    targetRef: optional(2, objectReference, "The object that the address belongs to, usually a pod."),
    hostname: optional(3, string(), "The name of the endpoint within the service's domain."),
    nodeName: optional(4, string(), "The node that the endpoint is on."),
  }),
);
export interface EndpointAddress extends Infer<typeof endpointAddress> {}

export const endpointPort = completed(
  atomic(
    object("io.k8s.api.core.v1.EndpointPort", "A port behind a service.", {
      name: optional(1, string(), "The name of the service's port; needed where there are several."),
      port: required(2, int32(), "The number of the port."),
      protocol: optional(3, oneOf("TCP", "UDP", "SCTP"), "TCP, UDP or SCTP; TCP unless given."),
      appProtocol: optional(4, string(), "The protocol that is spoken, such as http or kubernetes.io/h2c."),
    }),
  ),
  (draft) => {
    draft.protocol ||= "TCP";
  },
);
export interface EndpointPort extends Infer<typeof endpointPort> {}

export const endpointSubset = object("io.k8s.api.core.v1.EndpointSubset", "Addresses that all offer the same ports.", {
  addresses: optional(1, list(endpointAddress, { listType: "atomic" }), "Addresses that are ready to serve."),
  notReadyAddresses: optional(
    2,
    list(endpointAddress, { listType: "atomic" }),
    "Addresses that are not ready to serve.",
  ),
  ports: optional(3, list(endpointPort, { listType: "atomic" }), "The ports that each address offers."),
});
export interface EndpointSubset extends Infer<typeof endpointSubset> {}

export const endpointsObject = kubeObject(
  "io.k8s.api.core.v1.Endpoints",
  "The addresses and ports that stand behind a service, in one object. Newer clients use EndpointSlices.",
  {
    subsets: optional(
      2,
      list(endpointSubset, { listType: "atomic" }),
      "Groups of addresses that offer the same ports.",
    ),
  },
);
export interface Endpoints extends Infer<typeof endpointsObject> {}

const renderHostPort = (ip = "", port = 0) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

function renderEndpoints({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return "<none>";
  const shown = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => renderHostPort(ip, port))),
  );
  return renderShortList(shown);
}

export const endpoints: ResourceDefinition<Endpoints> = {
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
  shortNames: ["ep"],
  scope: "Namespaced",
  schema: endpointsObject,
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  storagePath: "services/endpoints",
  validate: validateEndpoints,
  columns: [
    nameColumn,
    column("Endpoints", { description: "The addresses and ports that are ready to serve." }, renderEndpoints),
    ageColumn,
  ],
};
