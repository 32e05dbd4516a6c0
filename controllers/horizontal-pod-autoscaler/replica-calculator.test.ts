import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { groupPods, type PodGroups, type Sample } from "./pod-groups.ts";
import {
  averageYardstick,
  proposeByPods,
  proposeByRatio,
  proposeByShare,
  utilizationYardstick,
} from "./replica-calculator.ts";

const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `p${from + index}`);
const groups = (readyCount: number, others: Partial<PodGroups> = {}): PodGroups => ({
  readyCount,
  unready: [],
  missing: [],
  ignored: [],
  ...others,
});
const valuesOf = (...values: readonly number[]) => new Map(values.map((value, index) => [`p${index}`, value]));
const requestsOf = (count: number, millis = 1000) => new Map(names(count).map((name) => [name, millis]));

type Case = readonly [
  title: string,
  input: { values: readonly number[]; target: number; current: number; groups: PodGroups },
  expected: string,
];

describe("replicas by what pods use of their requests", () => {
  const propose = ({ values, target, current, groups: grouped }: Case[1]) => {
    const yardstick = utilizationYardstick(target, requestsOf(10));
    const input = { groups: grouped, values: valuesOf(...values), currentReplicas: current, yardstick };
    const { replicas, load } = proposeByPods(input);
    return `${replicas} ${load.utilization}% ${load.average}`;
  };
  const cases: readonly Case[] = [
    ["grow with the load", { values: [300, 500, 700], target: 30, current: 3, groups: groups(3) }, "5 50% 500"],
    ["shrink with it", { values: [100, 300, 500, 250, 250], target: 50, current: 5, groups: groups(5) }, "3 28% 280"],
    ["stay within a tenth above", { values: [550, 550], target: 50, current: 2, groups: groups(2) }, "2 55% 550"],
    ["stay within a tenth below", { values: [450, 450], target: 50, current: 2, groups: groups(2) }, "2 45% 450"],
    ["are rounded up", { values: [500, 500, 500], target: 40, current: 3, groups: groups(3) }, "4 50% 500"],
    ["lose the fraction of a percent", { values: [559, 559], target: 50, current: 2, groups: groups(2) }, "2 55% 559"],
    [
      "do not count pods that end",
      { values: [600, 600, 9000], target: 30, current: 3, groups: groups(2, { ignored: ["p2"] }) },
      "4 60% 600",
    ],
    [
      "grow less beside pods that are starting",
      { values: [300, 500, 700], target: 30, current: 3, groups: groups(2, { unready: ["p0"] }) },
      "4 60% 600",
    ],
    [
      "do not grow where the starting ones will do",
      { values: [400, 500, 700], target: 50, current: 3, groups: groups(1, { unready: ["p0", "p1"] }) },
      "3 70% 700",
    ],
    [
      "shrink as if the missing used all they request",
      { values: [100, 100], target: 50, current: 4, groups: groups(2, { missing: ["p2"] }) },
      "3 10% 100",
    ],
    [
      "do not shrink where the missing could make up for it",
      { values: [400, 400], target: 50, current: 4, groups: groups(2, { missing: ["p2", "p3"] }) },
      "4 40% 400",
    ],
    [
      "grow as if the missing used nothing",
      { values: [900, 900], target: 30, current: 3, groups: groups(2, { missing: ["p2"] }) },
      "6 90% 900",
    ],
    [
      "do not count those that have just begun when they shrink",
      { values: [100, 100, 5000], target: 50, current: 3, groups: groups(2, { unready: ["p2"] }) },
      "1 10% 100",
    ],
  ];
  for (const [title, input, expected] of cases) {
    it(title, () => {
      expect(propose(input)).to.equal(expected);
    });
  }

  it("cannot be told without a metric of any pod that counts", () => {
    const input = { values: valuesOf(1), currentReplicas: 1, yardstick: utilizationYardstick(50, requestsOf(1)) };
    expect(() => proposeByPods({ ...input, groups: groups(0, { unready: ["p0"] }) })).to.throw(
      "did not receive metrics for targeted pods (pods might be unready)",
    );
    const others = { ...input, values: new Map([["other", 1]]) };
    expect(() => proposeByPods({ ...others, groups: groups(1) })).to.throw("no metrics returned matched known pods");
  });
});

describe("replicas by what each pod uses on average", () => {
  for (const [title, values, current, grouped, expected] of [
    ["grow with the load", [20, 10, 30], 3, groups(3), 4],
    ["shrink with it", [1, 1, 2], 3, groups(3), 1],
    ["stay within a tenth", [16, 16], 2, groups(2), 2],
    ["count the missing as they should be when they shrink", [3, 3], 4, groups(2, { missing: ["p2"] }), 2],
    ["count the missing as nothing when they grow", [60, 60], 3, groups(2, { missing: ["p2"] }), 8],
  ] as const) {
    it(title, () => {
      const input = { groups: grouped, values: valuesOf(...values), currentReplicas: current };
      expect(proposeByPods({ ...input, yardstick: averageYardstick(15) }).replicas).to.equal(expected);
    });
  }
});

describe("replicas by a value of the whole", () => {
  for (const [ratio, current, ready, expected] of [
    [2, 3, 3, 6],
    [2, 3, 2, 4],
    [1.05, 3, 2, 3],
    [0.5, 4, 4, 2],
    [0, 4, 4, 0],
    [0.1, 0, 0, 1],
    [3.5, 0, 0, 4],
  ] as const) {
    it(`are ${expected} at ${ratio} times the target with ${current}, ${ready} of them ready`, () => {
      expect(proposeByRatio(ratio, current, () => ready)).to.equal(expected);
    });
  }

  for (const [usage, target, replicas, expected] of [
    [8600, 2000, 4, "4 2150"],
    [8600, 2150, 3, "4 2867"],
    [0, 2000, 4, "0 0"],
    [8600, 2000, 0, "5 0"],
  ] as const) {
    it(`are ${expected} where ${usage} is shared out at ${target} each between ${replicas}`, () => {
      const { replicas: proposed, load } = proposeByShare(usage, target, replicas);
      expect(`${proposed} ${load.average}`).to.equal(expected);
    });
  }
});

describe("the pods whose metrics count", () => {
  const NOW_MS = Date.UTC(2026, 0, 1, 12);
  const at = (secondsAgo: number) => new Date(NOW_MS - secondsAgo * 1000).toISOString();
  const sample: Sample = { value: 1, atMs: NOW_MS, windowMs: 15_000 };
  const pod = (status: object, metadata: object = {}): Pod =>
    ({ metadata: { name: "p0", ...metadata }, spec: {}, status: { phase: "Running", ...status } }) as unknown as Pod;
  const since = (startedAgo: number, ready: "True" | "False", changedAgo: number) => ({
    startTime: at(startedAgo),
    conditions: [{ type: "Ready", status: ready, lastTransitionTime: at(changedAgo) }],
  });
  const groupOf = (each: Pod, options: { resource?: string; sample?: Sample | null } = {}) => {
    const samples = options.sample === null ? new Map() : new Map([["p0", options.sample ?? sample]]);
    const found = groupPods([each], { samples, resource: options.resource ?? "cpu", nowMs: NOW_MS });
    if (found.readyCount > 0) return "ready";
    return (["unready", "missing", "ignored"] as const).find((name) => found[name].length > 0);
  };

  for (const [title, each, expected] of [
    ["is ready for long", pod(since(3600, "True", 3500)), "ready"],
    ["is being deleted", pod(since(3600, "True", 3500), { deletionTimestamp: at(1) }), "ignored"],
    ["has failed", pod({ phase: "Failed" }), "ignored"],
    ["is pending", pod({ phase: "Pending" }), "unready"],
    ["does not say when it started", pod({ conditions: since(1, "True", 1).conditions }), "unready"],
    ["does not say whether it is ready", pod({ startTime: at(3600) }), "unready"],
    ["is young and unready", pod(since(100, "False", 50)), "unready"],
    ["is young, and ready for less than a window", pod(since(100, "True", 10)), "unready"],
    ["is young, and ready for a window", pod(since(100, "True", 15)), "ready"],
    ["is old, and has never been ready", pod(since(600, "False", 580)), "unready"],
    ["is old, and has become unready", pod(since(600, "False", 60)), "ready"],
  ] as const) {
    it(`one that ${title} is ${expected}`, () => {
      expect(groupOf(each)).to.equal(expected);
    });
  }

  it("one without a metric is missing, and starting matters for processors only", () => {
    expect(groupOf(pod(since(3600, "True", 3500)), { sample: null })).to.equal("missing");
    expect(groupOf(pod(since(100, "False", 50)), { resource: "memory" })).to.equal("ready");
  });
});
