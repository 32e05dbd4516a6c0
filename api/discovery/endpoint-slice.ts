// HEADER

import { validateEndpointSlice } from "./validate-endpoint-slice.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { renderShortList } from "../meta/short-list.ts";
import { withGeneration } from "../meta/generation.ts";
import { objectReference } from "../core/reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  boolean,
  completed,
  int32,
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

export const endpointConditions = object("io.k8s.api.discovery.v1.EndpointConditions", "", {
  ready: optional(1, boolean(), ""),
  serving: optional(2, boolean(), ""),
  terminating: optional(3, boolean(), ""),
});
export interface EndpointConditions extends Infer<typeof endpointConditions> {}

export const forZone = object("io.k8s.api.discovery.v1.ForZone", "", {
  name: required(1, string(), ""),
});
export interface ForZone extends Infer<typeof forZone> {}

export const endpointHints = object("io.k8s.api.discovery.v1.EndpointHints", "", {
  forZones: optional(1, list(forZone, { listType: "atomic" }), ""),
});
export interface EndpointHints extends Infer<typeof endpointHints> {}

export const endpoint = object("io.k8s.api.discovery.v1.Endpoint", "", {
  addresses: required(1, set(string()), ""),
  conditions: present(2, endpointConditions, ""),
  hostname: optional(3, string(), ""),
  targetRef: optional(4, objectReference, ""),
  deprecatedTopology: optional(5, map(string()), ""),
  nodeName: optional(6, string(), ""),
  zone: optional(7, string(), ""),
  hints: optional(8, endpointHints, ""),
});
export interface Endpoint extends Infer<typeof endpoint> {}

export const endpointSlicePort = completed(
  atomic(
    object("io.k8s.api.discovery.v1.EndpointPort", "", {
      name: optional(1, string(), ""),
      protocol: optional(2, oneOf("TCP", "UDP", "SCTP"), ""),
      port: optional(3, int32(), ""),
      appProtocol: optional(4, string(), ""),
    }),
  ),
  (draft) => {
    draft.name ??= "";
    draft.protocol ??= "TCP";
  },
);
export interface EndpointSlicePort extends Infer<typeof endpointSlicePort> {}

export const endpointSlice = kubeObject("io.k8s.api.discovery.v1.EndpointSlice", "", {
  endpoints: required(2, list(endpoint, { listType: "atomic" }), ""),
  ports: optional(3, list(endpointSlicePort, { listType: "atomic" }), ""),
  addressType: required(4, string(), ""),
});
export interface EndpointSlice extends Infer<typeof endpointSlice> {}

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
    withGeneration(slice, old, ({ endpoints, ports, addressType, metadata }) => [
      endpoints,
      ports,
      addressType,
      metadata.labels,
    ]),
};
