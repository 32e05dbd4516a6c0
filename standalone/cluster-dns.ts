// The DNS server of a cluster on one machine: it listens at the machine's end of the pods' network, behind the service kube-dns.

import { readFile } from "node:fs/promises";
import { parseCidr, renderIPv4 } from "../apiserver/addresses/cidr.ts";
import { createClient } from "../client/api-client.ts";
import { ignoreMissingFile } from "../lib/ignore-missing-file.ts";
import { parseResolvConf } from "../proxy/dns/forwarder.ts";
import { publishDns } from "../proxy/dns/publish-dns.ts";
import { runDns } from "../proxy/dns/run-dns.ts";
import { systemExchange } from "../proxy/dns/upstream-exchange.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import type { ComponentContext } from "./components.ts";

export const CLUSTER_DOMAIN = "cluster.local";
/** Where the service is within the services' range, by Kubernetes' custom. */
const DNS_NUMBER = 10;
const RESOLV_CONF = "/etc/resolv.conf";

/** Undefined where pods have no resolver of their own: they resolve names as the machine does. */
export function dnsAddress({ serviceCidr, runtime, proxy }: ClusterSettings): string | undefined {
  const canServe = proxy === "nftables" && runtime !== "process" && runtime !== "fake";
  return canServe ? renderIPv4(parseCidr(serviceCidr).first + DNS_NUMBER) : undefined;
}

/** Whom pods ask; empty where they ask whom the machine does. */
export const dnsServers = (settings: ClusterSettings): readonly string[] => {
  const address = dnsAddress(settings);
  return address === undefined ? [] : [address];
};

export async function runClusterDns(
  context: ComponentContext,
  serviceAddress: string,
  signal: AbortSignal,
): Promise<void> {
  const client = createClient(await context.transportFor("dns", { commonName: "system:dns" }), { userAgent: "dns" });
  const address = renderIPv4(parseCidr(context.settings.clusterCidr).first + 1);
  const own = await readFile(RESOLV_CONF, "utf8").catch(ignoreMissingFile);
  const servers = parseResolvConf(own ?? "", [serviceAddress]);
  await runDns(
    {
      ...context,
      client,
      domain: CLUSTER_DOMAIN,
      servers,
      exchange: systemExchange(),
      // Any port: the usual one may be taken by a resolver of the machine, and nobody but the service needs to know it.
      listen: { address, port: 0 },
      onListening: (port) => publishDns(client, { serviceAddress, endpoint: { address, port } }),
    },
    signal,
  );
}
