import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Service } from "../../api/core/service.ts";
import type { Endpoint } from "../../api/discovery/endpoint-slice.ts";
import { asStored, newNode, newService } from "../../testing/builders.ts";
import { changesShares, planZoneHints, wantsZoneHints, zoneShares, type SlicePart } from "./zone-hints.ts";

const node = (zone: string | undefined, cpu = "4", { labels = {}, ready = "True" } = {}): Node => {
  const zones: Readonly<Record<string, string>> = zone === undefined ? {} : { "topology.kubernetes.io/zone": zone };
  const conditions = [{ type: "Ready", status: ready }] as Node["status"]["conditions"];
  return asStored(newNode("n", { cpu, labels: { ...zones, ...labels }, status: { conditions } }));
};

describe("the shares of zones", () => {
  const TABLE: readonly [
    title: string,
    nodes: readonly Node[],
    expected: Readonly<Record<string, number>> | undefined,
  ][] = [
    ["are those of their CPUs", [node("b", "1"), node("a", "2"), node("b", "1")], { a: 0.5, b: 0.5 }],
    ["are unknown without nodes", [], undefined],
    ["are unknown where a node is in no zone", [node("a"), node("b"), node(undefined)], undefined],
    ["are unknown where a node has no CPUs", [node("a"), node("b"), node("a", "0")], undefined],
    ["are none where all nodes are in one zone", [node("a"), node("a")], undefined],
    [
      "leave out nodes that are not ready, and those of the control plane",
      [
        node("a", "1"),
        node("b", "3"),
        node("c", "9", { ready: "False" }),
        node(undefined, "0", { labels: { "node-role.kubernetes.io/control-plane": "" } }),
      ],
      { a: 0.25, b: 0.75 },
    ],
  ];
  for (const [title, nodes, expected] of TABLE) {
    it(title, () => {
      const shares = zoneShares(nodes);
      expect(shares && Object.fromEntries(shares)).to.deep.equal(expected);
    });
  }

  it("change with zones, CPUs and readiness, and with nothing else", () => {
    expect(changesShares(node("a"), node("a", "4", { labels: { other: "x" } }))).to.equal(false);
    expect(changesShares(node("a"), node("b"))).to.equal(true);
    expect(changesShares(node("a"), node("a", "5"))).to.equal(true);
    expect(changesShares(node("a", "4", { ready: "False" }), node("a"))).to.equal(true);
    expect(changesShares(undefined, node("a"))).to.equal(true);
    expect(changesShares(undefined, node("a", "4", { ready: "False" }))).to.equal(false);
  });
});

/** `a>b`: an endpoint in zone a for clients of zone b; `a`: one without a hint; `a!`: one that is not ready; `-`: no zone. */
function endpointOf(text: string, index: number): Endpoint {
  const [, zone = "", down, hint] = /^([a-z-]+)(!)?(?:>([a-z]+))?$/.exec(text) ?? [];
  return {
    addresses: [`10.0.0.${index}`],
    conditions: { ready: !down },
    ...(zone !== "-" && { zone }),
    ...(hint && { hints: { forZones: [{ name: hint }] } }),
  };
}

const part = (text: string, isKept = false): SlicePart => ({ isKept, endpoints: text.split(" ").map(endpointOf) });
const kept = (text: string) => part(text, true);

const textOf = ({ zone = "-", conditions, hints }: Endpoint) =>
  `${zone}${conditions.ready ? "" : "!"}${hints ? `>${hints.forZones?.map(({ name }) => name).join("+")}` : ""}`;

const EVEN = new Map([
  ["a", 0.5],
  ["b", 0.5],
]);
const UNEVEN = new Map([
  ["a", 0.6],
  ["b", 0.4],
]);
const THREE = new Map([
  ["a", 1 / 3],
  ["b", 1 / 3],
  ["c", 1 / 3],
]);

describe("hints by zone", () => {
  const TABLE: readonly [string, ReadonlyMap<string, number>, readonly SlicePart[], string][] = [
    ["are for the zone that an endpoint is in", EVEN, [part("a b")], "a>a b>b"],
    ["are not given to endpoints that are not ready", EVEN, [part("a b a! b!")], "a>a b>b a! b!"],
    ["move endpoints from zones that have too many", EVEN, [part("a a a b")], "a>b a>a a>a b>b"],
    ["move them to zones that have none", EVEN, [part("a a")], "a>b a>a"],
    ["move whole endpoints only", UNEVEN, [part("a a a a a a b b b")], "a>a a>a a>a a>a a>a a>a b>b b>b b>b"],
    ["are spread over three zones", THREE, [part("a a a a b c")], "a>b a>c a>a a>a b>b c>c"],
    ["are spread over slices", EVEN, [part("a a"), part("a b")], "a>b a>a | a>a b>b"],
    ["stay where they do", EVEN, [kept("a>b a>a"), kept("b>b a>a")], "a>b a>a | b>b a>a"],
    ["stay, and count for new endpoints", EVEN, [kept("a>a a>a"), part("a b")], "a>a a>a | a>b b>b"],
    ["are given anew where one is missing", EVEN, [kept("a>a b")], "a>a b>b"],
    ["are given anew where a zone is gone", EVEN, [kept("a>c b>b")], "a>a b>b"],
    ["are given anew where a zone has more than it may", EVEN, [kept("a>a b>a")], "a>a b>b"],
  ];
  for (const [title, shares, parts, expected] of TABLE) {
    it(title, () => {
      const { parts: hinted, problem } = planZoneHints(parts, shares);
      expect(problem).to.equal(undefined);
      expect(hinted.map((endpoints) => endpoints.map(textOf).join(" ")).join(" | ")).to.equal(expected);
      const again = hinted.map((endpoints) => ({ endpoints, isKept: true }));
      expect(planZoneHints(again, shares).parts).to.deep.equal(hinted);
    });
  }

  const PROBLEMS: readonly [string, ReadonlyMap<string, number> | undefined, string, string][] = [
    [
      "where the zones are unknown",
      undefined,
      "a>a b",
      "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes",
    ],
    [
      "where there are more zones than endpoints",
      EVEN,
      "a>a a!",
      "Insufficient number of endpoints (1 endpoints, 2 zones)",
    ],
    [
      "where endpoints would have too much to do",
      UNEVEN,
      "a>a b a",
      "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)",
    ],
    ["where an endpoint is in no zone", EVEN, "a>a -", "One or more endpoints do not have a zone specified"],
  ];
  for (const [title, shares, endpoints, expected] of PROBLEMS) {
    it(`are taken away ${title}`, () => {
      const { parts, problem } = planZoneHints([kept(endpoints)], shares);
      expect(problem).to.equal(expected);
      expect(parts.flat().map(textOf).join(" ")).to.equal(endpoints.replace(/>./g, ""));
    });
  }

  it("are wanted by the annotation, or by the older one", () => {
    const wants = (annotations: object) =>
      wantsZoneHints({ ...asStored<Service>(newService("s")), metadata: { annotations } } as Service);
    expect(wants({ "service.kubernetes.io/topology-mode": "Auto" })).to.equal(true);
    expect(wants({ "service.kubernetes.io/topology-aware-hints": "auto" })).to.equal(true);
    expect(wants({ "service.kubernetes.io/topology-mode": "Disabled" })).to.equal(false);
    expect(
      wants({
        "service.kubernetes.io/topology-mode": "Disabled",
        "service.kubernetes.io/topology-aware-hints": "Auto",
      }),
    ).to.equal(false);
    expect(wants({})).to.equal(false);
  });
});
