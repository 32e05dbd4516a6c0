import { expect } from "chai";
import { buildPolicyRuleset } from "./policy-rules.ts";
import type { Allowance, Peer, Port } from "./policy-table.ts";

const nobody = { pods: new Map() };
const rulesOf = (allowances: readonly Allowance[], direction: "ingress" | "egress" = "ingress") => {
  const own = { pods: new Map([["10.0.0.1", { id: "shop/a", allowances }]]) };
  const built = buildPolicyRuleset({ ingress: nobody, egress: nobody, [direction]: own });
  const [rules = []] = built.chains.values();
  // Names made of hashes are told by what they begin with.
  return rules.map((rule) => rule.replaceAll(/@(\w+)-[0-9a-f]+/g, "@$1"));
};

const everybody = undefined;
const pods = (...addresses: string[]): Peer => ({ kind: "pods", id: addresses.join(), addresses });
const block = (cidr: string, ...except: string[]): Peer => ({ kind: "block", cidr, except });
const tcp = (first: number, last = first): Port => ({ kind: "range", protocol: "tcp", first, last });

describe("the rules of network policies", () => {
  const cases: [string, Allowance[], string[]][] = [
    ["drop everything where nothing is allowed", [], ["drop"]],
    ["let everything return", [{ peer: everybody, port: undefined }], ["return", "drop"]],
    ["know pods by a set", [{ peer: pods("10.0.0.2"), port: undefined }], ["ip saddr @peers return", "drop"]],
    ["have none for peers that are not there", [{ peer: pods(), port: undefined }], ["drop"]],
    [
      "know blocks, and what they except",
      [{ peer: block("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"), port: undefined }],
      ["ip saddr 10.0.0.0/8 ip saddr != { 10.1.0.0/16, 10.2.0.0/16 } return", "drop"],
    ],
    ["leave out blocks of the other family", [{ peer: block("2001:db8::/32"), port: undefined }], ["drop"]],
    ["know ports", [{ peer: everybody, port: tcp(80) }], ["meta l4proto tcp th dport 80 return", "drop"]],
    ["know ranges", [{ peer: everybody, port: tcp(80, 90) }], ["meta l4proto tcp th dport 80-90 return", "drop"]],
    [
      "know protocols",
      [{ peer: everybody, port: { kind: "all", protocol: "sctp" } }],
      ["meta l4proto sctp return", "drop"],
    ],
    [
      "know named ports by address and number",
      [{ peer: everybody, port: { kind: "named", protocol: "tcp", id: "x", places: ["10.0.0.1 . 80"] } }],
      ["meta l4proto tcp ip daddr . th dport @ports return", "drop"],
    ],
    [
      "have none for names that nobody has",
      [{ peer: everybody, port: { kind: "named", protocol: "tcp", id: "x", places: [] } }],
      ["drop"],
    ],
    [
      "are not repeated",
      [
        { peer: block("10.0.0.0/8"), port: tcp(1) },
        { peer: block("10.0.0.0/8"), port: tcp(1) },
      ],
      ["ip saddr 10.0.0.0/8 meta l4proto tcp th dport 1 return", "drop"],
    ],
  ];
  for (const [what, allowances, expected] of cases) {
    it(what, () => expect(rulesOf(allowances)).to.deep.equal(expected));
  }

  it("look at the other end for what leaves a pod", () => {
    expect(rulesOf([{ peer: block("10.0.0.0/8"), port: undefined }], "egress")).to.deep.equal([
      "ip daddr 10.0.0.0/8 return",
      "drop",
    ]);
  });

  it("find an isolated pod by its address, and let it reach itself", () => {
    const own = { pods: new Map([["10.0.0.1", { id: "shop/a", allowances: [] }]]) };
    const { elements, chains } = buildPolicyRuleset({ ingress: own, egress: own });
    const [into = "", outOf = ""] = chains.keys();
    expect([...elements]).to.deep.equal([
      ["ingress-pods 10.0.0.1", `jump ${into}`],
      ["egress-pods 10.0.0.1", `jump ${outOf}`],
      ["selves 10.0.0.1 . 10.0.0.1", ""],
    ]);
  });
});
