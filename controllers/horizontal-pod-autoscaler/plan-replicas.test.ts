import { expect } from "chai";
import fc from "fast-check";
import type { HPAScalingRules } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import { planReplicas, rememberChange, type PlanInput } from "./plan-replicas.ts";

const NOW_MS = 10_000_000;
const ago = (seconds: number) => NOW_MS - seconds * 1000;
const recommended = (...all: readonly (readonly [replicas: number, secondsAgo: number])[]) => ({
  recommendations: all.map(([replicas, seconds]) => ({ replicas, atMs: ago(seconds) })),
});
const changed = (...all: readonly (readonly [change: number, secondsAgo: number])[]) => ({
  events: all.map(([change, seconds]) => ({ change, atMs: ago(seconds) })),
});
const plan = (input: Partial<Omit<PlanInput, "memory">> & { memory?: Partial<PlanInput["memory"]> }) =>
  planReplicas({
    currentReplicas: 3,
    proposed: 3,
    minReplicas: 1,
    maxReplicas: 100,
    behavior: undefined,
    nowMs: NOW_MS,
    ...input,
    memory: { recommendations: [], events: [], ...input.memory },
  });
const pods = (value: number, periodSeconds = 60) => ({ type: "Pods" as const, value, periodSeconds });
const percent = (value: number, periodSeconds = 60) => ({ type: "Percent" as const, value, periodSeconds });
const up = (rules: HPAScalingRules) => ({ behavior: { scaleUp: rules } });
const down = (rules: HPAScalingRules) => ({ behavior: { scaleDown: { stabilizationWindowSeconds: 0, ...rules } } });

type Case = readonly [title: string, input: Parameters<typeof plan>[0], expected: string];

/** replicas, AbleToScale's reason, ScalingLimited with its reason. */
function summaryOf(input: Parameters<typeof plan>[0]): string {
  const { replicas, ableToScale, limited } = plan(input);
  return `${replicas} ${ableToScale.reason} ${limited.isLimited} ${limited.reason}`;
}

describe("planning replicas without a behavior", () => {
  const cases: readonly Case[] = [
    ["takes what is proposed", { proposed: 5 }, "5 ReadyForNewScale false DesiredWithinRange"],
    ["at most doubles", { proposed: 7 }, "6 ReadyForNewScale true ScaleUpLimit"],
    ["but comes to four at once", { currentReplicas: 1, proposed: 9 }, "4 ReadyForNewScale true ScaleUpLimit"],
    ["keeps to the maximum", { proposed: 9, maxReplicas: 5 }, "5 ReadyForNewScale true TooManyReplicas"],
    ["keeps to the minimum", { proposed: 0, minReplicas: 2 }, "2 ReadyForNewScale true TooFewReplicas"],
    [
      "does not shrink below what was wanted in five minutes",
      { proposed: 1, memory: recommended([5, 301], [3, 299], [2, 100]) },
      "3 ScaleDownStabilized false DesiredWithinRange",
    ],
    [
      "shrinks after that",
      { proposed: 1, memory: recommended([3, 301], [2, 100]) },
      "2 ScaleDownStabilized false DesiredWithinRange",
    ],
    ["grows at once", { proposed: 4, memory: recommended([1, 10]) }, "4 ReadyForNewScale false DesiredWithinRange"],
  ];
  for (const [title, input, expected] of cases) {
    it(title, () => {
      expect(summaryOf(input)).to.equal(expected);
    });
  }
});

describe("planning replicas with a behavior", () => {
  const cases: readonly Case[] = [
    [
      "grows by the default policies unless others are given",
      { proposed: 50, behavior: {} },
      "7 ReadyForNewScale true ScaleUpLimit",
    ],
    ["grows by pods", { proposed: 50, ...up({ policies: [pods(2)] }) }, "5 ReadyForNewScale true ScaleUpLimit"],
    [
      "grows by percents, rounded up",
      { proposed: 50, ...up({ policies: [percent(10)] }) },
      "4 ReadyForNewScale true ScaleUpLimit",
    ],
    [
      "takes the policy that allows most",
      { proposed: 50, ...up({ policies: [pods(2), percent(200)] }) },
      "9 ReadyForNewScale true ScaleUpLimit",
    ],
    [
      "or least",
      { proposed: 50, ...up({ selectPolicy: "Min", policies: [pods(2), percent(200)] }) },
      "5 ReadyForNewScale true ScaleUpLimit",
    ],
    ["or none", { proposed: 50, ...up({ selectPolicy: "Disabled" }) }, "3 ReadyForNewScale true ScaleUpLimit"],
    [
      "counts what was added in the period",
      { proposed: 50, memory: changed([1, 59], [5, 61]), ...up({ policies: [pods(2)] }) },
      "4 ReadyForNewScale true ScaleUpLimit",
    ],
    [
      "counts against it what was taken away meanwhile",
      { proposed: 50, memory: changed([2, 50], [-2, 40]), ...up({ policies: [pods(2)] }) },
      "5 ReadyForNewScale true ScaleUpLimit",
    ],
    [
      "never shrinks when it is to grow",
      { proposed: 50, memory: changed([9, 10]), ...up({ policies: [pods(1)] }) },
      "3 ReadyForNewScale true ScaleUpLimit",
    ],
    [
      "keeps to the maximum",
      { proposed: 50, maxReplicas: 4, ...up({ policies: [pods(9)] }) },
      "4 ReadyForNewScale true TooManyReplicas",
    ],
    [
      "waits until more was wanted for a whole window",
      {
        proposed: 9,
        memory: recommended([4, 50]),
        ...up({ stabilizationWindowSeconds: 60, policies: [pods(100)] }),
      },
      "4 ScaleUpStabilized false DesiredWithinRange",
    ],
    [
      "shrinks by pods",
      { currentReplicas: 10, proposed: 1, ...down({ policies: [pods(3)] }) },
      "7 ReadyForNewScale true ScaleDownLimit",
    ],
    [
      "shrinks by percents, rounded down",
      { currentReplicas: 9, proposed: 1, ...down({ policies: [percent(50)] }) },
      "4 ReadyForNewScale true ScaleDownLimit",
    ],
    [
      "shrinks as much as any policy allows",
      { currentReplicas: 10, proposed: 1, ...down({ policies: [pods(3), percent(50)] }) },
      "5 ReadyForNewScale true ScaleDownLimit",
    ],
    [
      "or as little",
      { currentReplicas: 10, proposed: 1, ...down({ selectPolicy: "Min", policies: [pods(3), percent(50)] }) },
      "7 ReadyForNewScale true ScaleDownLimit",
    ],
    [
      "or not at all",
      { currentReplicas: 10, proposed: 1, ...down({ selectPolicy: "Disabled" }) },
      "10 ReadyForNewScale true ScaleDownLimit",
    ],
    [
      "counts what was taken away in the period",
      { currentReplicas: 8, proposed: 1, memory: changed([-2, 30]), ...down({ policies: [pods(3)] }) },
      "7 ReadyForNewScale true ScaleDownLimit",
    ],
    [
      "keeps to the minimum",
      { currentReplicas: 8, proposed: 1, minReplicas: 6, ...down({ policies: [pods(9)] }) },
      "6 ReadyForNewScale true TooFewReplicas",
    ],
    [
      "shrinks no further than what was wanted in its window",
      { currentReplicas: 8, proposed: 1, memory: recommended([5, 20]), behavior: {} },
      "5 ScaleDownStabilized false DesiredWithinRange",
    ],
  ];
  for (const [title, input, expected] of cases) {
    it(title, () => {
      expect(summaryOf(input)).to.equal(expected);
    });
  }

  it("never leaves its limits, whatever is proposed and remembered", () => {
    const rules = fc.record(
      {
        selectPolicy: fc.constantFrom("Max", "Min", "Disabled"),
        stabilizationWindowSeconds: fc.integer({ min: 0, max: 3600 }),
        policies: fc.array(
          fc.record({
            type: fc.constantFrom("Pods", "Percent"),
            value: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
            periodSeconds: fc.integer({ min: 1, max: 1800 }),
          }),
        ),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<HPAScalingRules>;
    const amount = fc.integer({ min: 0, max: 1000 });
    const input = fc.record({
      current: fc.integer({ min: 1, max: 20 }),
      proposed: fc.oneof(amount, fc.constant(2 ** 31 - 1)),
      behavior: fc.option(fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }), { nil: undefined }),
      recommendations: fc.array(fc.record({ replicas: amount, atMs: fc.integer({ min: 0, max: NOW_MS }) })),
      events: fc.array(
        fc.record({ change: fc.integer({ min: -20, max: 20 }), atMs: fc.integer({ min: 0, max: NOW_MS }) }),
      ),
    });
    fc.assert(
      fc.property(input, ({ current, proposed, behavior, ...memory }) => {
        const { replicas } = plan({ currentReplicas: current, proposed, behavior, memory, maxReplicas: 20 });
        expect(replicas).to.be.within(1, 20);
        expect(Number.isInteger(replicas)).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });

  it("remembers for an hour", () => {
    expect(rememberChange([{ change: 1, atMs: ago(3601) }], 2, NOW_MS)).to.deep.equal([{ change: 2, atMs: NOW_MS }]);
    expect(plan({ memory: recommended([9, 3601]) }).recommendations).to.deep.equal([{ replicas: 3, atMs: NOW_MS }]);
  });
});
