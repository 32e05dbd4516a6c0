// EndpointSlice: the addresses and ports behind a service, in parts small enough to be sent out whole with every change.

import { validateEndpointSlice } from "./validate-endpoint-slice.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { renderShortList } from "../meta/short-list.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { withGeneration } from "../meta/generation.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { objectReference } from "../core/reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  boolean,
  completed,
  int32,
  lenient,
  list,
  map,
  object,
  oneOf,
  optional,
  present,
  required,
  set,
  string,
} from "../schema/schema.ts";

export const endpointConditions = object(
  "io.k8s.api.discovery.v1.EndpointConditions",
  "Whether an endpoint can be used. An absent value means that it is not known.",
  {
    ready: optional(
      1,
      boolean(),
      "Whether it takes traffic. Never true while it is terminating, unless the service says so.",
    ),
    serving: optional(2, boolean(), "Whether it can answer, even if it is terminating."),
    terminating: optional(3, boolean(), "Whether it is being deleted."),
  },
);
export interface EndpointConditions extends Infer<typeof endpointConditions> {}

export const forZone = object("io.k8s.api.discovery.v1.ForZone", "A zone whose clients should use an endpoint.", {
  name: required(1, string(), "The name of the zone."),
});
export interface ForZone extends Infer<typeof forZone> {}

export const endpointHints = object("io.k8s.api.discovery.v1.EndpointHints", "Which clients should use an endpoint.", {
  forZones: optional(1, list(forZone, { listType: "atomic" }), "The zones whose clients should, 8 at most."),
});
export interface EndpointHints extends Infer<typeof endpointHints> {}

export const endpoint = object("io.k8s.api.discovery.v1.Endpoint", "One endpoint behind a service.", {
  addresses: required(1, set(string()), "The addresses of the endpoint, 100 at most. Clients use the first."),
  conditions: present(2, endpointConditions, "Whether the endpoint can be used."),
  hostname: optional(3, string(), "The name of the endpoint within the service's domain."),
  targetRef: optional(4, objectReference, "The object that the endpoint belongs to, usually a pod."),
  deprecatedTopology: optional(5, map(string()), "Labels of an older version of the API. They cannot be set."),
  nodeName: optional(6, string(), "The node that the endpoint is on."),
  zone: optional(7, string(), "The zone that the endpoint is in."),
  hints: optional(8, endpointHints, "Which clients should use the endpoint."),
});
export interface Endpoint extends Infer<typeof endpoint> {}

export const endpointSlicePort = completed(
  atomic(
    object("io.k8s.api.discovery.v1.EndpointPort", "A port behind a service.", {
      name: optional(1, string(), "The name of the service's port, unique in the slice."),
      protocol: optional(2, oneOf("TCP", "UDP", "SCTP"), "TCP, UDP or SCTP; TCP unless given."),
      port: optional(3, int32(), "The number of the port. Absent, it means all ports."),
      appProtocol: optional(4, string(), "The protocol that is spoken, such as http or kubernetes.io/h2c."),
    }),
  ),
  (draft) => {
    draft.name ??= "";
    draft.protocol ??= "TCP";
  },
);
export interface EndpointSlicePort extends Infer<typeof endpointSlicePort> {}

export const endpointSlice = kubeObject(
  "io.k8s.api.discovery.v1.EndpointSlice",
  "A part of the endpoints behind a service. A service has as many slices as its endpoints need.",
  {
    endpoints: lenient(required(2, list(endpoint, { listType: "atomic" }), "The endpoints, 1000 at most.")),
    ports: optional(
      3,
      list(endpointSlicePort, { listType: "atomic" }),
      "The ports that each endpoint offers. Without any, all ports are meant.",
    ),
    addressType: required(4, string(), "What sort of addresses these are: IPv4, IPv6 or FQDN. It cannot be changed."),
  },
);
export interface EndpointSlice extends Infer<typeof endpointSlice> {}

/** This version takes no topology but what slices have had since an older one, and only as long as their endpoints stay. */
function withoutTopology(slice: EndpointSlice, old: EndpointSlice | undefined): EndpointSlice {
  const hasTopology = slice.endpoints?.some(({ deprecatedTopology }) => deprecatedTopology);
  if (!hasTopology || (old && semanticEqual(slice.endpoints, old.endpoints))) return slice;
  const endpoints = slice.endpoints.map((each) => definedFields({ ...each, deprecatedTopology: undefined }));
  return { ...slice, endpoints };
}

/** The label that says whose endpoints a slice holds: the name of a service of its namespace. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

export const endpointSlices: ResourceDefinition<EndpointSlice> = {
  group: "discovery.k8s.io",
  version: "v1",
  kind: "EndpointSlice",
  plural: "endpointslices",
  scope: "Namespaced",
  schema: endpointSlice,
  validate: validateEndpointSlice,
  columns: [
    nameColumn,
    column("AddressType", { description: "IPv4, IPv6 or FQDN." }, (slice) => slice.addressType),
    column(
      "Ports",
      { description: "The ports of each endpoint." },
      ({ ports = [] }) => renderShortList(ports.map(({ port, name }) => port ?? name ?? "*")) || "<unset>",
    ),
    column(
      "Endpoints",
      { description: "The endpoints' addresses." },
      ({ endpoints }) => renderShortList((endpoints ?? []).flatMap(({ addresses }) => addresses)) || "<unset>",
    ),
    ageColumn,
  ],
  prepare: (slice, old) =>
    withGeneration(withoutTopology(slice, old), old, ({ endpoints, ports, addressType, metadata }) => [
      endpoints,
      ports,
      addressType,
      metadata.labels,
    ]),
};
