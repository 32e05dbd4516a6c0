// What NetworkPolicies mean for the pods that there are: who is isolated, and who may reach whom. Pure; the kernel's rules are
// made from it. Semantics are those of Kubernetes' NetworkPolicy: what several policies allow is added up, and what none allows
// is refused, in either direction by itself.

import type { Namespace } from "../../api/core/namespace.ts";
import type { Pod } from "../../api/core/pod.ts";
import { matchesSelector, selectorOf, type Selector } from "../../api/meta/selector.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../api/networking/network-policy.ts";
import { podProtocolPorts, type PodPorts } from "./pod-ports.ts";

export interface PolicyTable {
  readonly ingress: Direction;
  readonly egress: Direction;
}

export interface Direction {
  /** Isolated pods by address, each with the profile that says what is allowed. */
  readonly pods: ReadonlyMap<string, Profile>;
}

/** What the policies that select a pod allow together. Pods that the same policies select share it. */
export interface Profile {
  /** Names of the policies, in order: `namespace/name`. */
  readonly id: string;
  readonly allowances: readonly Allowance[];
}

/** One peer on one port: both must fit. */
export interface Allowance {
  /** Undefined: anybody. */
  readonly peer: Peer | undefined;
  /** Undefined: everything, whatever the protocol. */
  readonly port: Port | undefined;
}

export type Peer =
  | { readonly kind: "block"; readonly cidr: string; readonly except: readonly string[] }
  | { readonly kind: "pods"; readonly id: string; readonly addresses: readonly string[] };

export type Protocol = "tcp" | "udp" | "sctp";

export type Port =
  | { readonly kind: "all"; readonly protocol: Protocol }
  | { readonly kind: "range"; readonly protocol: Protocol; readonly first: number; readonly last: number }
  /** A name means another number in each pod: those that the destinations have given it, as `address . port`. */
  | { readonly kind: "named"; readonly protocol: Protocol; readonly id: string; readonly places: readonly string[] };

export interface PolicyInput {
  readonly policies: readonly NetworkPolicy[];
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
}

type DirectionName = "Ingress" | "Egress";

export function buildPolicyTable(input: PolicyInput): PolicyTable {
  const cluster = new PodsByPlace(input);
  return { ingress: buildDirection("Ingress", input, cluster), egress: buildDirection("Egress", input, cluster) };
}

function buildDirection(name: DirectionName, { policies }: PolicyInput, cluster: PodsByPlace): Direction {
  const selecting = new Map<string, NetworkPolicy[]>();
  const ordered = [...policies].filter((policy) => isFor(policy, name)).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  for (const policy of ordered) {
    const selector = selectorOf(policy.spec.podSelector);
    for (const pod of cluster.in(policy.metadata.namespace ?? "")) {
      if (!matchesSelector(selector, pod.metadata.labels)) continue;
      for (const address of addressesOf(pod)) {
        const known = selecting.get(address);
        if (known) known.push(policy);
        else selecting.set(address, [policy]);
      }
    }
  }
  const profiles = new Map<string, Profile>();
  const pods = new Map<string, Profile>();
  for (const [address, chosen] of selecting) {
    const id = chosen.map(idOf).join(" ");
    const profile = profiles.get(id) ?? { id, allowances: chosen.flatMap((each) => allowancesOf(each, name, cluster)) };
    profiles.set(id, profile);
    pods.set(address, profile);
  }
  return { pods };
}

const idOf = ({ metadata }: NetworkPolicy) => `${metadata.namespace}/${metadata.name}`;

/** A policy that says nothing of its types is for ingress, and for egress where it has such rules. */
function isFor({ spec }: NetworkPolicy, name: DirectionName): boolean {
  if (spec.policyTypes && spec.policyTypes.length > 0) return spec.policyTypes.includes(name);
  return name === "Ingress" || (spec.egress ?? []).length > 0;
}

/** The rules of both directions have the same parts under other names. */
function rulesOf({ spec }: NetworkPolicy, name: DirectionName) {
  return name === "Ingress"
    ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

function allowancesOf(policy: NetworkPolicy, name: DirectionName, cluster: PodsByPlace): readonly Allowance[] {
  const namespace = policy.metadata.namespace ?? "";
  return rulesOf(policy, name).flatMap(({ peers, ports }) => {
    const who = peers?.length ? peers.map((peer) => describePeer(peer, namespace, cluster)) : [undefined];
    return who.flatMap((peer) => {
      // Ports are always those of the destination: of the isolated pods themselves, or of the peers.
      const destinations = name === "Ingress" ? policyPods(policy, cluster) : destinationsOf(peer, cluster);
      const on = ports?.length ? ports.map((port) => describePort(port, destinations)) : [undefined];
      return on.map((port) => ({ peer, port }));
    });
  });
}

function policyPods({ spec, metadata }: NetworkPolicy, cluster: PodsByPlace): readonly Pod[] {
  const selector = selectorOf(spec.podSelector);
  return cluster.in(metadata.namespace ?? "").filter((pod) => matchesSelector(selector, pod.metadata.labels));
}

function destinationsOf(peer: Peer | undefined, cluster: PodsByPlace): readonly Pod[] {
  if (peer === undefined) return cluster.all;
  if (peer.kind === "block") return [];
  const wanted = new Set(peer.addresses);
  return cluster.all.filter((pod) => addressesOf(pod).some((address) => wanted.has(address)));
}

function describePeer(peer: NetworkPolicyPeer, namespace: string, cluster: PodsByPlace): Peer {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock) return { kind: "block", cidr: ipBlock.cidr, except: ipBlock.except ?? [] };
  const pods = namespaceSelector ? cluster.inSelected(selectorOf(namespaceSelector)) : cluster.in(namespace);
  const selector = podSelector ? selectorOf(podSelector) : [];
  const chosen = pods.filter((pod) => matchesSelector(selector, pod.metadata.labels));
  const where = namespaceSelector ? JSON.stringify(namespaceSelector) : `=${namespace}`;
  const id = `${where} ${JSON.stringify(podSelector ?? {})}`;
  return { kind: "pods", id, addresses: [...new Set(chosen.flatMap(addressesOf))].sort() };
}

function describePort({ port, endPort, protocol = "TCP" }: NetworkPolicyPort, destinations: readonly Pod[]): Port {
  const lower = protocol.toLowerCase() as Protocol;
  if (port === undefined) return { kind: "all", protocol: lower };
  if (typeof port === "number") return { kind: "range", protocol: lower, first: port, last: endPort ?? port };
  const places = destinations.flatMap((pod) =>
    portsNamed(podProtocolPorts(pod), protocol, port).flatMap((number) =>
      addressesOf(pod).map((address) => `${address} . ${number}`),
    ),
  );
  const sorted = [...new Set(places)].sort();
  return {
    kind: "named",
    protocol: lower,
    id: `${protocol} ${port} ${sorted.length > 0 ? sorted.join() : ""}`,
    places: sorted,
  };
}

const portsNamed = (ports: PodPorts, protocol: string, name: string): readonly number[] =>
  ports.filter((each) => each.protocol === protocol && each.name === name).map(({ number }) => number);

/** IPv4 only, as everything that the proxy programs. */
export function addressesOf({ status }: Pod): readonly string[] {
  const all = status.podIPs?.map(({ ip }) => ip) ?? [status.podIP ?? ""];
  return all.filter((ip) => ip !== "" && !ip.includes(":"));
}

/** The pods that have an address of their own now. Those that have ended have given theirs back, to others perhaps. */
class PodsByPlace {
  readonly all: readonly Pod[];
  readonly #byNamespace = new Map<string, Pod[]>();
  readonly #namespaces: readonly Namespace[];

  constructor({ pods, namespaces }: PolicyInput) {
    this.#namespaces = namespaces;
    this.all = pods.filter(hasOwnAddress);
    for (const pod of this.all) {
      const namespace = pod.metadata.namespace ?? "";
      const known = this.#byNamespace.get(namespace);
      if (known) known.push(pod);
      else this.#byNamespace.set(namespace, [pod]);
    }
  }

  in(namespace: string): readonly Pod[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  inSelected(selector: Selector): readonly Pod[] {
    return this.#namespaces
      .filter(({ metadata }) => matchesSelector(selector, metadata.labels))
      .flatMap(({ metadata }) => this.in(metadata.name));
  }
}

function hasOwnAddress(pod: Pod): boolean {
  const { phase } = pod.status;
  return !pod.spec.hostNetwork && phase !== "Succeeded" && phase !== "Failed" && addressesOf(pod).length > 0;
}
