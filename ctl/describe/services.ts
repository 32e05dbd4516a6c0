// Descriptions of Services, Endpoints and EndpointSlices. Pure.

import { listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { headLines, labelled, orNone, renderMap, type Lines } from "./text.ts";

export const serviceDescriber: Describer = {
  related: (object) => ({
    slices: {
      path: `/apis/discovery.k8s.io/v1/namespaces/${object.metadata.namespace ?? ""}/endpointslices`,
      labelSelector: `kubernetes.io/service-name=${object.metadata.name ?? ""}`,
    },
  }),
  describe: ({ object, events, related, nowMs }) => [
    ...headLines(object),
    `Selector:\t${renderMap(object, "spec", "selector")}`,
    `Type:\t${textAt(object, "spec", "type")}`,
    ...labelled("IP Family Policy", textAt(object, "spec", "ipFamilyPolicy")),
    `IP Families:\t${joined(object, "ipFamilies")}`,
    `IP:\t${textAt(object, "spec", "clusterIP")}`,
    `IPs:\t${joined(object, "clusterIPs")}`,
    ...(listAt(object, "spec", "externalIPs").length > 0 ? [`External IPs:\t${joined(object, "externalIPs")}`] : []),
    ...labelled("Desired LoadBalancer IP", textAt(object, "spec", "loadBalancerIP")),
    ...labelled("External Name", textAt(object, "spec", "externalName")),
    ...labelled("LoadBalancer Ingress", renderIngress(object)),
    ...listAt(object, "spec", "ports").flatMap((port) => portLines(port, related.slices ?? [])),
    `Session Affinity:\t${textAt(object, "spec", "sessionAffinity")}`,
    ...labelled("External Traffic Policy", textAt(object, "spec", "externalTrafficPolicy")),
    ...labelled("Internal Traffic Policy", textAt(object, "spec", "internalTrafficPolicy")),
    ...labelled("HealthCheck NodePort", textAt(object, "spec", "healthCheckNodePort")),
    ...eventLines(events, nowMs),
  ],
};

const joined = (object: AnyObject, field: string) => orNone(listAt(object, "spec", field).map(String).join(","));

const renderIngress = (object: AnyObject) =>
  listAt(object, "status", "loadBalancer", "ingress")
    .map((each) => textAt(each, "ip") || textAt(each, "hostname"))
    .join(", ");

function portLines(port: unknown, slices: readonly AnyObject[]): Lines {
  const name = textAt(port, "name");
  const protocol = textAt(port, "protocol") || "TCP";
  const nodePort = textAt(port, "nodePort");
  return [
    `Port:\t${name || "<unset>"}\t${textAt(port, "port")}/${protocol}`,
    `TargetPort:\t${textAt(port, "targetPort")}/${protocol}`,
    ...(nodePort ? [`NodePort:\t${name || "<unset>"}\t${nodePort}/${protocol}`] : []),
    `Endpoints:\t${renderEndpoints(slices, name)}`,
  ];
}

const SHOWN_MAX = 3;

/** Up to three addresses, and how many more there are. */
function renderEndpoints(slices: readonly AnyObject[], portName: string): string {
  const addresses = slices.flatMap((slice) => {
    const ports = listAt(slice, "ports").filter((port) => textAt(port, "name") === portName);
    return ports.flatMap((port) => readyAddresses(slice).map((address) => joinHostPort(address, textAt(port, "port"))));
  });
  const shown = addresses.slice(0, SHOWN_MAX).join(",");
  const more = addresses.length - SHOWN_MAX;
  return more > 0 ? `${shown} + ${more} more...` : orNone(shown);
}

const readyAddresses = (slice: AnyObject): readonly string[] =>
  listAt(slice, "endpoints")
    .filter((endpoint) => valueAt(endpoint, "conditions", "ready") !== false)
    .flatMap((endpoint) => listAt(endpoint, "addresses").map(String));

const joinHostPort = (host: string, port: string) => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

export const endpointsDescriber: Describer = {
  describe: ({ object, events, nowMs }) => [
    ...headLines(object),
    "Subsets:",
    ...listAt(object, "subsets").flatMap(subsetLines),
    ...eventLines(events, nowMs),
  ],
};

function subsetLines(subset: unknown): Lines {
  const addresses = (field: string) =>
    orNone(
      listAt(subset, field)
        .map((each) => textAt(each, "ip"))
        .join(","),
    );
  const ports = listAt(subset, "ports");
  return [
    `  Addresses:\t${addresses("addresses")}`,
    `  NotReadyAddresses:\t${addresses("notReadyAddresses")}`,
    ...(ports.length > 0
      ? [
          "  Ports:",
          "    Name\tPort\tProtocol",
          "    ----\t----\t--------",
          ...ports.map((port) => `    ${portCells(port)}`),
        ]
      : []),
    "",
  ];
}

const portCells = (port: unknown) =>
  [textAt(port, "name") || "<unset>", textAt(port, "port") || "<unset>", textAt(port, "protocol")].join("\t");

export const endpointSliceDescriber: Describer = {
  describe({ object, events, nowMs }) {
    const ports = listAt(object, "ports");
    const endpoints = listAt(object, "endpoints");
    return [
      ...headLines(object),
      `AddressType:\t${textAt(object, "addressType")}`,
      ...(ports.length === 0
        ? ["Ports: <unset>"]
        : [
            "Ports:",
            "  Name\tPort\tProtocol",
            "  ----\t----\t--------",
            ...ports.map((port) => `  ${portCells(port)}`),
          ]),
      ...(endpoints.length === 0 ? ["Endpoints: <none>"] : ["Endpoints:", ...endpoints.flatMap(endpointLines)]),
      ...eventLines(events, nowMs),
    ];
  },
};

function endpointLines(endpoint: unknown): Lines {
  const ready = valueAt(endpoint, "conditions", "ready");
  const target = valueAt(endpoint, "targetRef");
  return [
    `  - Addresses:\t${listAt(endpoint, "addresses").map(String).join(", ")}`,
    "    Conditions:",
    `      Ready:\t${ready === undefined ? "<unset>" : JSON.stringify(ready)}`,
    `    Hostname:\t${textAt(endpoint, "hostname") || "<unset>"}`,
    ...(target ? [`    TargetRef:\t${textAt(target, "kind")}/${textAt(target, "name")}`] : []),
    `    NodeName:\t${textAt(endpoint, "nodeName") || "<unset>"}`,
    `    Zone:\t${textAt(endpoint, "zone") || "<unset>"}`,
  ];
}
