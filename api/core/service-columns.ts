// The columns of `kctl get services`.

import type { Service, ServicePort } from "./service.ts";
import { renderLabels } from "../meta/labels.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import type { Column } from "../resource.ts";

const NONE = "<none>";

const renderPort = ({ port, nodePort, protocol }: ServicePort) =>
  nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;

/** Where the service answers outside of the cluster. A load balancer has no address until its provider gives one. */
function renderExternalAddress({ spec, status }: Service): string {
  const external = spec.externalIPs ?? [];
  switch (spec.type) {
    case "ExternalName":
      return spec.externalName ?? "";
    case "LoadBalancer": {
      const assigned = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "");
      const distinct = [...new Set(assigned.filter(Boolean))].sort();
      return [...distinct, ...external].join(",") || "<pending>";
    }
    default:
      return external.join(",") || NONE;
  }
}

export const serviceColumns: readonly Column<Service>[] = [
  nameColumn,
  column("Type", { description: "How the service is exposed." }, ({ spec }) => spec.type ?? ""),
  column(
    "Cluster-IP",
    { description: "The virtual address inside the cluster." },
    ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || NONE,
  ),
  column("External-IP", { description: "The addresses outside the cluster." }, renderExternalAddress),
  column(
    "Port(s)",
    { description: "The ports served, with the nodes' port where one is open." },
    ({ spec }) => (spec.ports ?? []).map(renderPort).join(",") || NONE,
  ),
  ageColumn,
  wideColumn("Selector", { description: "The labels of the pods that traffic goes to." }, ({ spec }) =>
    renderLabels(spec.selector),
  ),
];
