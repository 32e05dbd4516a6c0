import { expect } from "chai";
import type { Namespace } from "../../api/core/namespace.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { NetworkPolicy } from "../../api/networking/network-policy.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { buildPolicyTable, type Allowance, type Direction } from "./policy-table.ts";

interface PodFacts {
  readonly namespace?: string;
  readonly ip: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Pod["spec"]>;
  readonly phase?: string;
}

const pod = (name: string, { namespace = "shop", ip, labels = {}, spec = {}, phase = "Running" }: PodFacts): Pod => {
  const made = asStored<Pod>(
    { ...newPod(name, { labels }), status: { phase, podIP: ip, podIPs: [{ ip }] } },
    { namespace },
  );
  return { ...made, spec: { ...made.spec, ...spec } };
};

const namedPort = (number: number): Partial<Pod["spec"]> => ({
  containers: [
    { name: "main", image: "x", ports: [{ name: "http", containerPort: number, protocol: "TCP" }] },
  ] as unknown as Pod["spec"]["containers"],
});

const pods = [
  pod("web", { ip: "10.0.0.1", labels: { app: "web" }, spec: namedPort(8080) }),
  pod("web-old", { ip: "10.0.0.2", labels: { app: "web" }, spec: namedPort(80) }),
  pod("db", { ip: "10.0.0.3", labels: { app: "db" } }),
  pod("other", { ip: "10.0.0.4", namespace: "other", labels: { app: "web" } }),
  pod("host", { ip: "192.168.0.1", labels: { app: "web" }, spec: { hostNetwork: true } }),
  // It has ended, and its address belongs to another.
  pod("done", { ip: "10.0.0.3", labels: { app: "web" }, phase: "Succeeded" }),
];
const namespace = (name: string, labels: Readonly<Record<string, string>>): Namespace => {
  const metadata = { name, labels };
  return asStored<Namespace>({ metadata });
};
const namespaces = [namespace("shop", {}), namespace("other", { team: "b" })];

const policy = (name: string, spec: Partial<NetworkPolicy["spec"]>): NetworkPolicy => {
  const object = { metadata: { name }, spec: { podSelector: {}, ...spec } };
  return asStored<NetworkPolicy>(object, { namespace: "shop" });
};

interface Packet {
  readonly from: string;
  readonly to: string;
  readonly protocol?: "tcp" | "udp" | "icmp";
  readonly port?: number;
}

function isAllowed(
  direction: Direction,
  ends: { readonly own: string; readonly peer: string },
  packet: Packet,
): boolean {
  const profile = direction.pods.get(ends.own);
  return !profile || profile.allowances.some(({ peer, port }) => isPeer(peer, ends.peer) && isOn(port, packet));
}

function isPeer(peer: Allowance["peer"], address: string): boolean {
  if (peer === undefined) return true;
  if (peer.kind === "pods") return peer.addresses.includes(address);
  return inBlock(address, peer.cidr) && !peer.except.some((each) => inBlock(address, each));
}

function isOn(port: Allowance["port"], { to, protocol = "tcp", port: number = 0 }: Packet): boolean {
  if (port === undefined) return true;
  if (port.protocol !== protocol) return false;
  if (port.kind === "range") return number >= port.first && number <= port.last;
  return port.kind === "all" || port.places.includes(`${to} . ${number}`);
}

/** Blocks of whole bytes will do here. */
const inBlock = (address: string, cidr: string) => {
  const [base = "", bits] = cidr.split("/");
  const count = Number(bits) / 8;
  return address.split(".").slice(0, count).join() === base.split(".").slice(0, count).join();
};

function reaches(policies: readonly NetworkPolicy[], packet: Packet): boolean {
  const { ingress, egress } = buildPolicyTable({ policies, pods, namespaces });
  const { from, to } = packet;
  return isAllowed(egress, { own: from, peer: to }, packet) && isAllowed(ingress, { own: to, peer: from }, packet);
}

const [WEB, OLD, DB, OTHER, OUTSIDE] = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "172.16.5.5"];

const webSelector = { matchLabels: { app: "web" } };
const dbSelector = { matchLabels: { app: "db" } };

describe("network policies", () => {
  const cases: [string, NetworkPolicy[], (Packet & { readonly is: boolean })[]][] = [
    ["let everything through where there is none", [], [{ from: OUTSIDE, to: DB, is: true }]],
    [
      "isolate whom they select, in the direction they are for, and nobody else",
      [policy("deny", { podSelector: dbSelector })],
      [
        { from: WEB, to: DB, is: false },
        { from: OUTSIDE, to: DB, is: false },
        { from: WEB, to: DB, protocol: "icmp", is: false },
        { from: DB, to: WEB, is: true },
        { from: DB, to: OUTSIDE, is: true },
        { from: WEB, to: OTHER, is: true },
      ],
    ],
    [
      "are for ingress by default, and for egress where they have rules for it or say so",
      [policy("a", { podSelector: dbSelector, egress: [{ to: [{ podSelector: webSelector }] }] })],
      [
        { from: DB, to: WEB, is: true },
        { from: DB, to: OTHER, is: false },
        { from: WEB, to: DB, is: false },
      ],
    ],
    [
      "isolate nobody's ingress where they are for egress only",
      [policy("a", { policyTypes: ["Egress"] })],
      [
        { from: OTHER, to: DB, is: true },
        { from: DB, to: OTHER, is: false },
      ],
    ],
    [
      "let in the pods that a selector names, of their own namespace only",
      [policy("a", { podSelector: dbSelector, ingress: [{ from: [{ podSelector: webSelector }] }] })],
      [
        { from: WEB, to: DB, is: true },
        { from: OTHER, to: DB, is: false },
        // Pods of the node's network are the node.
        { from: "192.168.0.1", to: DB, is: false },
      ],
    ],
    [
      "let in all pods of the namespaces that a selector names",
      [
        policy("a", {
          podSelector: dbSelector,
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "b" } } }] }],
        }),
      ],
      [
        { from: OTHER, to: DB, is: true },
        { from: WEB, to: DB, is: false },
      ],
    ],
    [
      "need both selectors of one peer to hold, and one of two peers",
      [
        policy("a", {
          podSelector: dbSelector,
          ingress: [{ from: [{ namespaceSelector: {}, podSelector: dbSelector }] }],
        }),
        policy("b", {
          podSelector: webSelector,
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "b" } } }, { podSelector: dbSelector }] }],
        }),
      ],
      [
        { from: OTHER, to: DB, is: false },
        { from: OTHER, to: WEB, is: true },
        { from: DB, to: WEB, is: true },
        { from: OLD, to: WEB, is: false },
      ],
    ],
    [
      "let in blocks of addresses without what is excepted",
      [
        policy("a", {
          podSelector: dbSelector,
          ingress: [{ from: [{ ipBlock: { cidr: "172.16.0.0/16", except: ["172.16.9.0/24"] } }] }],
        }),
      ],
      [
        { from: OUTSIDE, to: DB, is: true },
        { from: "172.16.9.1", to: DB, is: false },
        { from: WEB, to: DB, is: false },
      ],
    ],
    [
      "let in what the rules say of ports, and no other protocol",
      [
        policy("a", {
          podSelector: dbSelector,
          ingress: [{ ports: [{ port: 80 }, { protocol: "UDP", port: 100, endPort: 200 }] }],
        }),
      ],
      [
        { from: OUTSIDE, to: DB, port: 80, is: true },
        { from: OUTSIDE, to: DB, port: 81, is: false },
        { from: OUTSIDE, to: DB, port: 80, protocol: "udp", is: false },
        { from: OUTSIDE, to: DB, port: 200, protocol: "udp", is: true },
        { from: OUTSIDE, to: DB, port: 201, protocol: "udp", is: false },
        { from: OUTSIDE, to: DB, protocol: "icmp", is: false },
      ],
    ],
    [
      "take a named port for the number that each destination gives it",
      [policy("a", { podSelector: webSelector, ingress: [{ ports: [{ port: "http" }] }] })],
      [
        { from: DB, to: WEB, port: 8080, is: true },
        { from: DB, to: WEB, port: 80, is: false },
        { from: DB, to: OLD, port: 80, is: true },
      ],
    ],
    [
      "take a named port of egress for that of the peers",
      [
        policy("a", {
          podSelector: dbSelector,
          policyTypes: ["Egress"],
          egress: [{ to: [{ podSelector: {} }], ports: [{ port: "http" }] }],
        }),
      ],
      [
        { from: DB, to: WEB, port: 8080, is: true },
        { from: DB, to: WEB, port: 80, is: false },
        { from: DB, to: OTHER, port: 80, is: false },
      ],
    ],
    [
      "add up",
      [
        policy("a", { podSelector: dbSelector, ingress: [{ from: [{ podSelector: webSelector }] }] }),
        policy("b", { ingress: [{ from: [{ ipBlock: { cidr: "172.16.0.0/16" } }] }] }),
      ],
      [
        { from: WEB, to: DB, is: true },
        { from: OUTSIDE, to: DB, is: true },
        { from: OUTSIDE, to: WEB, is: true },
        { from: DB, to: WEB, is: false },
      ],
    ],
    [
      "let everything through by an empty rule, nothing by none",
      [policy("a", { podSelector: dbSelector, ingress: [{}] }), policy("b", { podSelector: webSelector, ingress: [] })],
      [
        { from: OUTSIDE, to: DB, protocol: "icmp", is: true },
        { from: OUTSIDE, to: WEB, is: false },
      ],
    ],
    [
      "must let a connection out and in",
      [
        policy("out", {
          podSelector: webSelector,
          policyTypes: ["Egress"],
          egress: [{ to: [{ podSelector: dbSelector }] }],
        }),
        policy("in", { podSelector: dbSelector }),
      ],
      [{ from: WEB, to: DB, is: false }],
    ],
  ];
  for (const [what, policies, packets] of cases) {
    it(what, () => {
      for (const { is, ...packet } of packets) expect(reaches(policies, packet), JSON.stringify(packet)).to.equal(is);
    });
  }

  it("share a profile among the pods that the same policies select", () => {
    const { ingress } = buildPolicyTable({
      policies: [policy("a", {}), policy("b", { podSelector: dbSelector })],
      pods,
      namespaces,
    });
    expect(ingress.pods.get(WEB)).to.equal(ingress.pods.get(OLD));
    expect([...ingress.pods].map(([address, { id }]) => `${address} ${id}`)).to.deep.equal([
      `${WEB} shop/a`,
      `${OLD} shop/a`,
      `${DB} shop/a shop/b`,
    ]);
  });
});
