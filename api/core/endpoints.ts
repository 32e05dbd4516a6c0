// HEADER

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
  object("io.k8s.api.core.v1.EndpointAddress", "", {
    ip: required(1, string(), ""),
    targetRef: optional(2, objectReference, ""),
    hostname: optional(3, string(), ""),
    nodeName: optional(4, string(), ""),
  }),
);
export interface EndpointAddress extends Infer<typeof endpointAddress> {}

export const endpointPort = completed(
  atomic(
    object("io.k8s.api.core.v1.EndpointPort", "", {
      name: optional(1, string(), ""),
      port: required(2, int32(), ""),
      protocol: optional(3, oneOf("TCP", "UDP", "SCTP"), ""),
      appProtocol: optional(4, string(), ""),
    }),
  ),
  (draft) => {
    draft.protocol ||= "TCP";
  },
);
export interface EndpointPort extends Infer<typeof endpointPort> {}

export const endpointSubset = object("io.k8s.api.core.v1.EndpointSubset", "", {
  addresses: optional(1, list(endpointAddress, { listType: "atomic" }), ""),
  notReadyAddresses: optional(2, list(endpointAddress, { listType: "atomic" }), ""),
  ports: optional(3, list(endpointPort, { listType: "atomic" }), ""),
});
export interface EndpointSubset extends Infer<typeof endpointSubset> {}

export const endpointsObject = kubeObject("io.k8s.api.core.v1.Endpoints", "", {
  subsets: optional(2, list(endpointSubset, { listType: "atomic" }), ""),
});
export interface Endpoints extends Infer<typeof endpointsObject> {}

const renderHostPort = (ip: string, port: number) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

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
  storagePath: "services/endpoints",
  validate: validateEndpoints,
  columns: [
    nameColumn,
    column("Endpoints", { description: "The addresses and ports that are ready to serve." }, renderEndpoints),
    ageColumn,
  ],
};
