// The environment variables that tell a container of the services of its namespace (enableServiceLinks), named as
// Kubernetes names them: WEB_SERVICE_HOST, WEB_SERVICE_PORT, WEB_PORT_80_TCP_ADDR … Pure.

import type { Service } from "../api/core/service.ts";

/** Services of other namespaces and without an address of their own are left out. The API's own service is always there. */
export function serviceVariables(
  services: readonly Service[],
  { namespace, links }: { readonly namespace: string; readonly links: boolean },
): ReadonlyMap<string, string> {
  const chosen = services.filter(({ metadata }) => {
    const isApi = metadata.namespace === "default" && metadata.name === "kubernetes";
    return isApi || (links && metadata.namespace === namespace);
  });
  // The pod's namespace comes last, so that its own service named kubernetes wins.
  chosen.sort((left, right) => rank(left, namespace) - rank(right, namespace));
  return new Map(chosen.flatMap(variablesOf));
}

const rank = ({ metadata }: Service, namespace: string) => (metadata.namespace === namespace ? 1 : 0);

function variablesOf({ metadata, spec }: Service): [string, string][] {
  const host = spec.clusterIP;
  const [first] = spec.ports ?? [];
  if (!host || host === "None" || !first) return [];
  const name = variableName(metadata.name);
  const named = (spec.ports ?? []).filter((port) => port.name);
  return [
    [`${name}_SERVICE_HOST`, host],
    [`${name}_SERVICE_PORT`, String(first.port)],
    ...named.map((port): [string, string] => [
      `${name}_SERVICE_PORT_${variableName(port.name ?? "")}`,
      String(port.port),
    ]),
    [`${name}_PORT`, urlOf(host, first)],
    ...(spec.ports ?? []).flatMap((port): [string, string][] => {
      const prefix = `${name}_PORT_${port.port}_${port.protocol ?? "TCP"}`;
      return [
        [prefix, urlOf(host, port)],
        [`${prefix}_PROTO`, (port.protocol ?? "TCP").toLowerCase()],
        [`${prefix}_PORT`, String(port.port)],
        [`${prefix}_ADDR`, host],
      ];
    }),
  ];
}

const urlOf = (host: string, { protocol = "TCP", port }: { readonly protocol?: string; readonly port: number }) =>
  `${protocol.toLowerCase()}://${host.includes(":") ? `[${host}]` : host}:${port}`;

const variableName = (name: string) => name.toUpperCase().replaceAll("-", "_");
