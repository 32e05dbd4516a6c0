// A service table as nftables objects, in nft's own text. Pure. One verdict map finds a service's chain by address, protocol
// and port, so that a packet's cost does not grow with the number of services; one rule of the chain picks the endpoint.

import type { Ruleset } from "../nft/changes.ts";
import { shortHash } from "../nft/short-hash.ts";
import type { ServiceEntry, ServiceTable, Target } from "../service-table.ts";

/** Packets with this mark leave with the node's address; the bit is the one that kube-proxy uses. */
const MASQUERADE_MARK = "0x4000";

export interface RulesOptions {
  /** Clients outside this range reach endpoints with the node's address, so that answers come back here. */
  readonly clusterRange?: string;
}

export function buildRuleset({ entries }: ServiceTable, options: RulesOptions): Ruleset {
  const chains = new Map<string, readonly string[]>();
  const sets = new Map<string, string>();
  const elements = new Map<string, string>();
  for (const entry of entries) {
    const internal = serviceChain(entry, entry.endpoints, "svc");
    const external = isSplit(entry) ? serviceChain(entry, entry.externalEndpoints, "ext") : internal;
    for (const { name, rules, affinitySets } of [internal, external]) {
      if (rules.length > 0) chains.set(name, rules);
      for (const set of affinitySets) sets.set(set, clientsFor(entry.affinitySeconds ?? 0));
    }
    addElements(elements, entry, { internal, external });
    if (entry.endpoints.length > 0) chains.set(internal.name, [...clusterMasquerade(options), ...internal.rules]);
    const entrance = externalEntrance(entry, external);
    if (entrance) chains.set(entrance.name, entrance.rules);
    for (const { ip } of [...entry.endpoints, ...entry.externalEndpoints]) elements.set(`hairpins ${ip} . ${ip}`, "");
  }
  return { chains, sets, elements };
}

/** Traffic from outside has a chain of its own only where it goes elsewhere, or must keep its address. */
function isSplit(entry: ServiceEntry): boolean {
  if (entry.nodePort === undefined && entry.externalAddresses.length === 0) return false;
  const text = (targets: readonly Target[]) => targets.map(({ ip, port }) => `${ip}:${port}`).join();
  return entry.keepsClientAddress || text(entry.endpoints) !== text(entry.externalEndpoints);
}

const clusterMasquerade = ({ clusterRange }: RulesOptions): readonly string[] =>
  clusterRange ? [`ip saddr != ${clusterRange} meta mark set meta mark or ${MASQUERADE_MARK}`] : [];

interface Chain {
  readonly name: string;
  readonly rules: readonly string[];
  /** Names of the sets of clients that its rules remember. */
  readonly affinitySets: readonly string[];
}

const clientsFor = (seconds: number) => `type ipv4_addr; flags dynamic,timeout; timeout ${seconds}s;`;

/** The rules that pick one of the endpoints, by affinity or by chance. */
function serviceChain(entry: ServiceEntry, endpoints: readonly Target[], kind: "svc" | "ext"): Chain {
  const name = `${kind}-${shortHash(entry.id)}`;
  const l4 = `meta l4proto ${entry.protocol.toLowerCase()}`;
  if (endpoints.length === 0) return { name, rules: [], affinitySets: [] };
  if (entry.affinitySeconds === undefined) {
    const targets = endpoints.map(({ ip, port }, index) => `${index} : ${ip} . ${port}`).join(", ");
    return {
      name,
      rules: [`${l4} dnat ip to numgen random mod ${endpoints.length} map { ${targets} }`],
      affinitySets: [],
    };
  }
  return { name, ...affinityRules(entry, endpoints, l4) };
}

/**
 * A set for each endpoint remembers its clients: a known client goes on to its endpoint, a new one is dealt one. Dealing is
 * a chain of coin tosses, each weighted so that all endpoints are equally likely.
 */
function affinityRules(entry: ServiceEntry, endpoints: readonly Target[], l4: string): Omit<Chain, "name"> {
  const targets = endpoints.map(({ ip, port }) => ({
    to: `${ip}:${port}`,
    set: `aff-${shortHash(`${entry.id} ${ip} ${port} ${entry.affinitySeconds}`)}`,
  }));
  const known = targets.map(({ set, to }) => `ip saddr @${set} update @${set} { ip saddr } ${l4} dnat to ${to}`);
  const dealt = targets.map(({ set, to }, index) => {
    const left = targets.length - index;
    const toss = left > 1 ? `numgen random mod ${left} 0 ` : "";
    return `${toss}update @${set} { ip saddr } ${l4} dnat to ${to}`;
  });
  return { rules: [...known, ...dealt], affinitySets: targets.map(({ set }) => set) };
}

interface EntryChains {
  readonly internal: Chain;
  readonly external: Chain;
}

function addElements(elements: Map<string, string>, entry: ServiceEntry, { internal, external }: EntryChains): void {
  const protocol = entry.protocol.toLowerCase();
  const external4 = entry.externalAddresses.filter(isIPv4);
  for (const ip of entry.addresses.filter(isIPv4)) {
    addVerdict(elements, {
      key: `${ip} . ${protocol} . ${entry.port}`,
      chain: internal.name,
      has: internal.rules.length > 0,
    });
  }
  const has = external.rules.length > 0;
  for (const ip of external4) {
    addVerdict(elements, { key: `${ip} . ${protocol} . ${entry.port}`, chain: entranceName(entry), has });
  }
  if (entry.nodePort === undefined) return;
  const key = `${protocol} . ${entry.nodePort}`;
  if (has) elements.set(`node-ports ${key}`, `goto ${entranceName(entry)}`);
  else elements.set(`refused-node-ports ${key}`, "");
}

function addVerdict(
  elements: Map<string, string>,
  { key, chain, has }: { key: string; chain: string; has: boolean },
): void {
  if (has) elements.set(`service-addresses ${key}`, `goto ${chain}`);
  else elements.set(`refused-addresses ${key}`, "");
}

/** Where traffic from outside comes in: it takes the node's address unless the client's is to be kept. */
function externalEntrance(entry: ServiceEntry, external: Chain): Chain | undefined {
  const isReachable = entry.nodePort !== undefined || entry.externalAddresses.length > 0;
  if (!isReachable || external.rules.length === 0) return undefined;
  const mark = entry.keepsClientAddress ? [] : [`meta mark set meta mark or ${MASQUERADE_MARK}`];
  return { name: entranceName(entry), rules: [...mark, `goto ${external.name}`], affinitySets: [] };
}

const entranceName = (entry: ServiceEntry) => `in-${shortHash(entry.id)}`;

const isIPv4 = (ip: string) => !ip.includes(":");

/**
 * The fixed part of the table: maps, sets, and the hooks that look packets up in them. TCP clients are refused by a reset:
 * the ICMP answer of a plain reject does not reach a pod whose packet came in and would go out on the same bridge.
 */
export function renderSkeleton(table: string): string {
  return `
add table ip ${table}
add map ip ${table} service-addresses { type ipv4_addr . inet_proto . inet_service : verdict; }
add map ip ${table} node-ports { type inet_proto . inet_service : verdict; }
add set ip ${table} refused-addresses { type ipv4_addr . inet_proto . inet_service; }
add set ip ${table} refused-node-ports { type inet_proto . inet_service; }
add set ip ${table} hairpins { type ipv4_addr . ipv4_addr; }
add chain ip ${table} services
add rule ip ${table} services ip daddr . meta l4proto . th dport vmap @service-addresses
add rule ip ${table} services fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @node-ports
add chain ip ${table} refuse
add rule ip ${table} refuse meta l4proto tcp reject with tcp reset
add rule ip ${table} refuse reject
add chain ip ${table} refusals
add rule ip ${table} refusals ct state new ip daddr . meta l4proto . th dport @refused-addresses goto refuse
add rule ip ${table} refusals ct state new fib daddr type local meta l4proto . th dport @refused-node-ports goto refuse
add chain ip ${table} prerouting { type nat hook prerouting priority dstnat; policy accept; }
add rule ip ${table} prerouting jump services
add chain ip ${table} output { type nat hook output priority -100; policy accept; }
add rule ip ${table} output jump services
add chain ip ${table} postrouting { type nat hook postrouting priority srcnat; policy accept; }
add rule ip ${table} postrouting ip saddr . ip daddr @hairpins masquerade
add rule ip ${table} postrouting meta mark and ${MASQUERADE_MARK} == ${MASQUERADE_MARK} masquerade fully-random
add chain ip ${table} filter-input { type filter hook input priority filter - 10; policy accept; }
add rule ip ${table} filter-input jump refusals
add chain ip ${table} filter-forward { type filter hook forward priority filter - 10; policy accept; }
add rule ip ${table} filter-forward jump refusals
add chain ip ${table} filter-output { type filter hook output priority filter - 10; policy accept; }
add rule ip ${table} filter-output jump refusals
`.trimStart();
}
