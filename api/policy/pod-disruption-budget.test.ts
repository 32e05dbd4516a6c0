import { expect } from "chai";
import { podDisruptionBudgets, type PodDisruptionBudget } from "./pod-disruption-budget.ts";
import { validatePodDisruptionBudget } from "./validate-pod-disruption-budget.ts";
import { storedObject } from "../../testing/stored-object.ts";

const budgetOf = (spec: object, status: object = {}): PodDisruptionBudget =>
  storedObject(podDisruptionBudgets, { metadata: { generation: 1 }, spec, status });
const texts = (budget: PodDisruptionBudget) =>
  validatePodDisruptionBudget(budget).map(({ path, message }) => `${path}: ${message}`);
const condition = {
  type: "DisruptionAllowed",
  status: "True",
  reason: "SufficientPods",
  message: "",
  lastTransitionTime: "2020-01-01T00:00:00Z",
};
const C = "status.conditions";

describe("a pod disruption budget", () => {
  for (const spec of [{}, { minAvailable: 1, selector: {} }, { maxUnavailable: "30%" }]) {
    it(`may be ${JSON.stringify(spec)}`, () => {
      expect(texts(budgetOf(spec))).to.deep.equal([]);
    });
  }

  const cases: readonly (readonly [string, object, object, readonly string[]])[] = [
    [
      "two amounts",
      { minAvailable: 1, maxUnavailable: 1 },
      {},
      [
        'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [
      "an amount below nothing",
      { minAvailable: -1 },
      {},
      ["spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "an amount above all",
      { maxUnavailable: "101%" },
      {},
      ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
    ],
    [
      "a selector that is none",
      { selector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] } },
      {},
      [
        "spec.selector.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      ],
    ],
    [
      "a negative status",
      {},
      { expectedPods: -1 },
      ["status.expectedPods: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "conditions that are none",
      {},
      { conditions: [condition, { ...condition, status: "Maybe", reason: "?" }, { type: "Other", status: "True" }] },
      [
        `${C}[1].type: Duplicate value: "DisruptionAllowed"`,
        `${C}[1].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"`,
        `${C}[1].reason: Invalid value: "?": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')`,
        `${C}[2].lastTransitionTime: Required value: must be set`,
        `${C}[2].reason: Required value: must be set`,
      ],
    ],
  ];
  for (const [title, spec, status, expected] of cases) {
    it(`is refused with ${title}`, () => {
      expect(texts(budgetOf(spec, status))).to.deep.equal(expected);
    });
  }

  it("counts the changes of its spec, and begins without a status", () => {
    const old = budgetOf({ minAvailable: 1 }, { expectedPods: 3 });
    expect(podDisruptionBudgets.prepare?.(old).status.expectedPods).to.equal(0);
    expect(podDisruptionBudgets.prepare?.(budgetOf({ minAvailable: 2 }), old).metadata.generation).to.equal(2);
    expect(podDisruptionBudgets.prepare?.(budgetOf({ minAvailable: 2 }), old).status).to.equal(old.status);
  });

  it("shows in its columns what it allows", () => {
    const { columns } = podDisruptionBudgets;
    expect(columns.map(({ name }) => name).join(", ")).to.equal(
      "Name, Min Available, Max Unavailable, Allowed Disruptions, Age",
    );
    const cells = columns.map((column) => column.cell(budgetOf({ minAvailable: "50%" }, { disruptionsAllowed: 2 }), 0));
    expect(cells.join(" | ")).to.equal("test | 50% | N/A | 2 | 0s");
  });
});
