// A policy table as nftables objects. Pure. A packet is looked up twice, by where it comes from and by where it goes: whoever
// is isolated has a chain that lets the allowed packets return, and drops the others.

import type { Ruleset } from "../nft/changes.ts";
import { shortHash } from "../nft/short-hash.ts";
import type { Allowance, Direction, Peer, PolicyTable, Port, Profile } from "./policy-table.ts";

interface Build {
  readonly chains: Map<string, readonly string[]>;
  readonly sets: Map<string, string>;
  readonly elements: Map<string, string>;
}

/** Which end of a packet the peer is at. */
type PeerEnd = "saddr" | "daddr";

export function buildPolicyRuleset({ ingress, egress }: PolicyTable): Ruleset {
  const build: Build = { chains: new Map(), sets: new Map(), elements: new Map() };
  addDirection(build, ingress, { map: "ingress-pods", prefix: "in", peerEnd: "saddr" });
  addDirection(build, egress, { map: "egress-pods", prefix: "out", peerEnd: "daddr" });
  // What a pod sends to itself by way of a service never leaves it.
  for (const address of new Set([...ingress.pods.keys(), ...egress.pods.keys()])) {
    build.elements.set(`selves ${address} . ${address}`, "");
  }
  return build;
}

interface DirectionNames {
  readonly map: string;
  readonly prefix: string;
  readonly peerEnd: PeerEnd;
}

function addDirection(build: Build, { pods }: Direction, { map, prefix, peerEnd }: DirectionNames): void {
  for (const [address, profile] of pods) {
    const chain = `${prefix}-${shortHash(profile.id)}`;
    build.elements.set(`${map} ${address}`, `jump ${chain}`);
    if (!build.chains.has(chain)) build.chains.set(chain, rulesOf(build, profile, peerEnd));
  }
}

function rulesOf(build: Build, { allowances }: Profile, peerEnd: PeerEnd): readonly string[] {
  const allowed = allowances.flatMap((allowance) => ruleOf(build, allowance, peerEnd) ?? []);
  return [...new Set(allowed), "drop"];
}

/** Undefined where nobody is meant. */
function ruleOf(build: Build, { peer, port }: Allowance, peerEnd: PeerEnd): string | undefined {
  const who = peer ? matchPeer(build, peer, peerEnd) : "";
  const on = port ? matchPort(build, port) : "";
  if (who === undefined || on === undefined) return undefined;
  return [who, on, "return"].filter((part) => part !== "").join(" ");
}

function matchPeer(build: Build, peer: Peer, peerEnd: PeerEnd): string | undefined {
  if (peer.kind === "pods") {
    if (peer.addresses.length === 0) return undefined;
    const set = `peers-${shortHash(peer.id)}`;
    addSet(build, { name: set, definition: "type ipv4_addr;", elements: peer.addresses });
    return `ip ${peerEnd} @${set}`;
  }
  if (peer.cidr.includes(":")) return undefined;
  const except = peer.except.filter((range) => !range.includes(":"));
  const excluded = except.length > 0 ? ` ip ${peerEnd} != { ${except.join(", ")} }` : "";
  return `ip ${peerEnd} ${peer.cidr}${excluded}`;
}

function matchPort(build: Build, port: Port): string | undefined {
  const protocol = `meta l4proto ${port.protocol}`;
  switch (port.kind) {
    case "all":
      return protocol;
    case "range":
      return `${protocol} th dport ${port.first === port.last ? port.first : `${port.first}-${port.last}`}`;
    case "named": {
      if (port.places.length === 0) return undefined;
      const set = `ports-${shortHash(port.id)}`;
      addSet(build, { name: set, definition: "type ipv4_addr . inet_service;", elements: port.places });
      return `${protocol} ip daddr . th dport @${set}`;
    }
  }
}

function addSet(
  { sets, elements: all }: Build,
  { name, definition, elements }: { name: string; definition: string; elements: readonly string[] },
): void {
  if (sets.has(name)) return;
  sets.set(name, definition);
  for (const element of elements) all.set(`${name} ${element}`, "");
}

/**
 * The fixed part. Only what is forwarded is looked at: a node always reaches its own pods, and they it, as Kubernetes says.
 * Services have been resolved by then, and no source address has been changed yet.
 */
export function renderPolicySkeleton(table: string): string {
  return `
add table ip ${table}
add map ip ${table} ingress-pods { type ipv4_addr : verdict; }
add map ip ${table} egress-pods { type ipv4_addr : verdict; }
add set ip ${table} selves { type ipv4_addr . ipv4_addr; }
add chain ip ${table} forward { type filter hook forward priority filter - 5; policy accept; }
add rule ip ${table} forward ct state established,related accept
add rule ip ${table} forward ip saddr . ip daddr @selves accept
add rule ip ${table} forward ip saddr vmap @egress-pods
add rule ip ${table} forward ip daddr vmap @ingress-pods
`.trimStart();
}
