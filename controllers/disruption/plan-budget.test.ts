import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from "../../api/policy/pod-disruption-budget.ts";
import { formatTime } from "../../lib/clock.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { planEvictions, planExpected, planFailure, planStatus, UncountableError } from "./plan-budget.ts";
import { renderLabelSelector } from "./render-selector.ts";
import { staleAfterMs } from "./stale-disruption.ts";

const NOW = Date.UTC(2026, 0, 2);
const NOTHING = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
const budget = (spec: PodDisruptionBudgetSpec, status: object = {}): PodDisruptionBudget =>
  asStored({ metadata: { name: "b" }, spec, status: { ...NOTHING, ...status } } as never, { generation: 3 });
const pod = (name: string, { ready = true, goes = false, condition = {} } = {}): Pod =>
  asStored<Pod>({
    ...newPod(name),
    metadata: { name, ...(goes && { deletionTimestamp: "2026-01-01T00:00:00Z" }) },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }, condition] },
  });

describe("what a disruption budget wants", () => {
  const TABLE: readonly [PodDisruptionBudgetSpec, number, number][] = [
    [{ minAvailable: 3 }, 10, 3],
    [{ minAvailable: 30 }, 10, 30],
    [{ minAvailable: "0%" }, 10, 0],
    [{ minAvailable: "28%" }, 10, 3],
    [{ minAvailable: "100%" }, 7, 7],
    [{ maxUnavailable: 1 }, 10, 9],
    [{ maxUnavailable: 20 }, 10, 0],
    [{ maxUnavailable: "30%" }, 7, 4],
    [{ maxUnavailable: "0%" }, 7, 7],
  ];
  for (const [spec, total, desiredHealthy] of TABLE) {
    it(`is ${desiredHealthy} of ${total} for ${JSON.stringify(spec)}`, () => {
      expect(planExpected(budget(spec), total)).to.deep.equal({ expectedPods: total, desiredHealthy });
    });
  }

  it("is nothing where it says nothing, and cannot be told from text that is no percentage", () => {
    expect(planExpected(budget({}), 5)).to.deep.equal({ expectedPods: 0, desiredHealthy: 0 });
    expect(() => planExpected(budget({ minAvailable: "half" }), 5)).to.throw(UncountableError, "not a percentage");
  });
});

describe("the status of a disruption budget", () => {
  const expected = { expectedPods: 4, desiredHealthy: 2 };
  const all = [pod("a"), pod("b"), pod("c"), pod("d", { ready: false })];

  it("counts the ready pods that stay, and lets the rest go", () => {
    const status = planStatus(budget({}), { pods: all, expected, pending: {}, nowMs: NOW });
    expect(status).to.deep.include({ observedGeneration: 3, currentHealthy: 3, disruptionsAllowed: 1, ...expected });
    expect(status.conditions?.[0]).to.include({ status: "True", reason: "SufficientPods", observedGeneration: 3 });
  });

  it("does not count pods that go, or whose eviction has been allowed", () => {
    const pods = [pod("a", { goes: true }), ...all.slice(1)];
    const pending = { b: formatTime(NOW) };
    const status = planStatus(budget({}), { pods, expected, pending, nowMs: NOW });
    expect(status).to.deep.include({ currentHealthy: 1, disruptionsAllowed: 0, disruptedPods: pending });
    expect(status.conditions?.[0]).to.include({ status: "False", reason: "InsufficientPods" });
  });

  it("allows nothing where no pods are expected", () => {
    const none = { expectedPods: 0, desiredHealthy: 0 };
    expect(planStatus(budget({}), { pods: all, expected: none, pending: {}, nowMs: NOW }).disruptionsAllowed).to.equal(
      0,
    );
  });

  it("allows nothing, and says why, where it cannot be counted", () => {
    const status = planFailure(budget({}, { disruptionsAllowed: 2, currentHealthy: 3 }), "no such kind", NOW);
    expect(status).to.include({ disruptionsAllowed: 0, currentHealthy: 3 });
    expect(status.conditions?.[0]).to.include({ status: "False", reason: "SyncFailed", message: "no such kind" });
  });
});

describe("evictions that were allowed", () => {
  const at = (secondsAgo: number) => formatTime(NOW - secondsAgo * 1000);

  it("are pending until the pod goes, for two minutes at the most", () => {
    const disruptedPods = { fresh: at(30), edge: at(120), late: at(121), going: at(1), gone: at(1) };
    const pods = [pod("fresh"), pod("edge"), pod("late"), pod("going", { goes: true }), pod("other")];
    const { pending, failed, waitMs } = planEvictions(budget({}, { disruptedPods }), pods, NOW);
    expect(pending).to.deep.equal({ fresh: at(30), edge: at(120) });
    expect(failed.map(({ metadata }) => metadata.name)).to.deep.equal(["late"]);
    expect(waitMs).to.equal(0);
  });
});

describe("a pod that was to go", () => {
  const target = (more: object = {}) => ({
    type: "DisruptionTarget",
    status: "True",
    lastTransitionTime: formatTime(NOW - 20_000),
    ...more,
  });
  const TABLE: readonly [string, Pod, number | undefined][] = [
    ["says so for two minutes", pod("p", { condition: target() }), 100_000],
    ["says so no longer after that", pod("p", { condition: target({ lastTransitionTime: formatTime(0) }) }), 0],
    ["says so until it has gone", pod("p", { condition: target(), goes: true }), undefined],
    [
      "says so as long as its kubelet does",
      pod("p", { condition: target({ reason: "TerminationByKubelet" }) }),
      undefined,
    ],
    ["need not be told twice that it stays", pod("p", { condition: target({ status: "False" }) }), undefined],
  ];
  for (const [title, given, expected] of TABLE) {
    it(title, () => expect(staleAfterMs(given, NOW)).to.equal(expected));
  }
});

describe("a selector in a message", () => {
  it("looks as Go prints it", () => {
    const selector = {
      matchLabels: { b: "2", a: "1" },
      matchExpressions: [{ key: "k", operator: "In" as const, values: ["x", "y"] }],
    };
    expect(renderLabelSelector(selector)).to.equal(
      "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}",
    );
    expect(renderLabelSelector({})).to.equal(
      "&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{},}",
    );
  });
});
