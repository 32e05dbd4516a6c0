import { expect } from "chai";
import { nodes, type Node, type Taint } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { evictionTaint, isBeingEmptied, isReadinessDoubtful, planTaints, readiness, silentConditions } from "./plan.ts";
import { EVICTION_RATES, evictionRate, isBlind, readZones } from "./zones.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const TIME = "2026-01-01T12:00:00Z";
type Conditions = Readonly<Record<string, string>>;

const conditionsOf = (conditions: Conditions, lastTransitionTime = "2026-01-01T10:00:00Z") =>
  Object.entries(conditions).map(([type, status]) => ({ type, status, lastTransitionTime }));
const node = (conditions: Conditions = { Ready: "True" }, spec: object = {}, labels: object = {}): Node =>
  storedObject(nodes, { metadata: { labels }, spec, status: { conditions: conditionsOf(conditions) } });
const key = (name: string) => `node.kubernetes.io/${name}`;
const show = (taints: readonly Taint[]) => taints.map((taint) => `${taint.key.split("/")[1]}:${taint.effect}`);

describe("the conditions of a silent node", () => {
  it("become unknown, those that the kubelet never gave as well; others stay", () => {
    const silent = silentConditions(node({ Ready: "True", MemoryPressure: "Unknown", Custom: "True" }), NOW);
    expect(
      silent.map(({ type, status, reason = "", lastTransitionTime }) => [type, status, reason, lastTransitionTime]),
    ).to.deep.equal([
      ["Custom", "True", "", "2026-01-01T10:00:00Z"],
      ["Ready", "Unknown", "NodeStatusUnknown", TIME],
      ["MemoryPressure", "Unknown", "", "2026-01-01T10:00:00Z"],
      ["DiskPressure", "Unknown", "NodeStatusNeverUpdated", TIME],
      ["PIDPressure", "Unknown", "NodeStatusNeverUpdated", TIME],
    ]);
  });
});

describe("the taints of a node", () => {
  const eviction = evictionTaint(node({ Ready: "Unknown" }));
  const table: [string, Node, Taint | undefined, string[]][] = [
    ["none when all is well", node(), undefined, []],
    ["one when it is not ready", node({ Ready: "False" }), undefined, ["not-ready:NoSchedule"]],
    ["one when it is silent", node({ Ready: "Unknown" }), undefined, ["unreachable:NoSchedule"]],
    [
      "two when it is to be emptied",
      node({ Ready: "Unknown" }),
      eviction,
      ["unreachable:NoSchedule", "unreachable:NoExecute"],
    ],
    [
      "one for each pressure",
      node({
        Ready: "True",
        MemoryPressure: "True",
        DiskPressure: "True",
        PIDPressure: "True",
        NetworkUnavailable: "True",
      }),
      undefined,
      [
        "memory-pressure:NoSchedule",
        "disk-pressure:NoSchedule",
        "pid-pressure:NoSchedule",
        "network-unavailable:NoSchedule",
      ],
    ],
    [
      "one when it is cordoned",
      node({ Ready: "True" }, { unschedulable: true }),
      undefined,
      ["unschedulable:NoSchedule"],
    ],
    [
      "none of ours that do not hold any more",
      node(
        { Ready: "True" },
        {
          taints: [
            { key: key("not-ready"), effect: "NoSchedule" },
            { key: key("unreachable"), effect: "NoExecute" },
          ],
        },
      ),
      undefined,
      [],
    ],
    [
      "those that are not ours, whatever their key",
      node(
        { Ready: "True" },
        {
          taints: [
            { key: "a/dedicated", effect: "NoExecute" },
            { key: key("memory-pressure"), effect: "NoExecute" },
          ],
        },
      ),
      undefined,
      ["dedicated:NoExecute", "memory-pressure:NoExecute"],
    ],
  ];
  for (const [what, subject, wanted, expected] of table) {
    it(`are ${what}`, () => {
      expect(show(planTaints(subject, { eviction: wanted, nowMs: NOW }))).to.deep.equal(expected);
    });
  }

  it("tell since when, which does not change", () => {
    const first = planTaints(node({ Ready: "Unknown" }), { eviction, nowMs: NOW });
    expect(first.map(({ timeAdded }) => timeAdded)).to.deep.equal([TIME, TIME]);
    const again = planTaints(node({ Ready: "Unknown" }, { taints: first }), { eviction, nowMs: NOW + 60_000 });
    expect(again).to.deep.equal(first);
  });

  it("drive pods out of a node that is known not to be ready, and of no other", () => {
    const found = ["True", "False", "Unknown"].map((Ready) => evictionTaint(node({ Ready }))?.key);
    expect(found).to.deep.equal([undefined, key("not-ready"), key("unreachable")]);
    expect(evictionTaint(node({}))).to.equal(undefined);
  });

  it("tell a node that is being emptied", () => {
    expect(isBeingEmptied(node({}, { taints: [{ key: key("not-ready"), effect: "NoExecute" }] }))).to.equal(true);
    expect(isBeingEmptied(node({}, { taints: [{ key: key("not-ready"), effect: "NoSchedule" }] }))).to.equal(false);
    expect(isBeingEmptied(node({}, { taints: [{ key: "a/dedicated", effect: "NoExecute" }] }))).to.equal(false);
  });
});

describe("a pod's readiness", () => {
  const pod = (status: string, since: string): Pod =>
    storedObject(pods, { status: { conditions: conditionsOf({ Ready: status }, since) } });
  const [before, after] = ["2026-01-01T09:00:00Z", "2026-01-01T11:00:00Z"];
  const table: [string, Conditions, Pod, boolean][] = [
    ["believed on a ready node", { Ready: "True" }, pod("True", before), false],
    ["doubted on a silent node", { Ready: "Unknown" }, pod("True", after), true],
    ["doubted on a node that is not ready since", { Ready: "False" }, pod("True", before), true],
    [
      "believed on a node that is not ready, where the kubelet said so afterwards",
      { Ready: "False" },
      pod("True", after),
      false,
    ],
    ["no matter when it is not ready anyway", { Ready: "Unknown" }, pod("False", before), false],
    ["believed on a node that nobody has spoken for", {}, pod("True", before), false],
  ];
  for (const [what, conditions, subject, expected] of table) {
    it(`is ${what}`, () => {
      expect(isReadinessDoubtful(node(conditions), subject)).to.equal(expected);
    });
  }
});

describe("zones", () => {
  const isReady = (each: Node) => readiness(each) === "True";
  const zone = (name: string, ready: number, silent: number) =>
    Array.from({ length: ready + silent }, (_, index) =>
      node({ Ready: index < ready ? "True" : "Unknown" }, {}, { "topology.kubernetes.io/zone": name }),
    );
  const rates = (...all: (readonly Node[])[]) => {
    const zones = readZones(all.flat(), EVICTION_RATES, isReady);
    return [...zones.keys()].map((name) => evictionRate(zones, name, EVICTION_RATES));
  };
  const table: [string, (readonly Node[])[], number[]][] = [
    ["lose one node in ten seconds", [zone("a", 5, 1)], [0.1]],
    ["with two silent nodes of three are not disrupted", [zone("a", 1, 2)], [0.1]],
    ["with most nodes silent are left alone while they are small", [zone("a", 2, 3)], [0]],
    ["with most nodes silent lose one in a hundred seconds when they are large", [zone("a", 20, 40)], [0.01]],
    [
      "that are all silent lose nodes as usual, where another one is well",
      [zone("a", 0, 3), zone("b", 3, 0)],
      [0.1, 0.1],
    ],
    ["that are all silent everywhere lose none", [zone("a", 0, 3), zone("b", 0, 1)], [0, 0]],
  ];
  for (const [what, all, expected] of table) {
    it(what, () => {
      expect(rates(...all)).to.deep.equal(expected);
    });
  }

  it("are judged without the nodes that are excluded from it", () => {
    const label = { "node.kubernetes.io/exclude-disruption": "" };
    const excluded = [1, 2, 3].map(() =>
      node({ Ready: "Unknown" }, {}, { "topology.kubernetes.io/zone": "a", ...label }),
    );
    expect(rates([...zone("a", 1, 1), ...excluded])).to.deep.equal([0.1]);
    expect(isBlind(readZones(excluded, EVICTION_RATES, isReady))).to.equal(false);
  });

  it("lose nodes as fast as they are told to", () => {
    const own = { nodesPerSecond: 5, nodesPerSecondDisrupted: 2, largeZone: 3, unhealthyShare: 0.75 };
    const rateOf = (ready: number, silent: number) =>
      evictionRate(readZones(zone("a", ready, silent), own, isReady), "/a", own);
    expect([rateOf(2, 3), rateOf(1, 3), rateOf(0, 3)]).to.deep.equal([5, 2, 0]);
  });

  it("tell when nobody is ready anywhere", () => {
    expect(isBlind(readZones(zone("a", 0, 1), EVICTION_RATES, isReady))).to.equal(true);
    expect(isBlind(readZones([...zone("a", 0, 1), ...zone("b", 1, 0)], EVICTION_RATES, isReady))).to.equal(false);
  });
});
