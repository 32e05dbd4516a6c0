import { expect } from "chai";
import { buildDisruptionBudget, type DisruptionBudgetChoice } from "./build-disruption-budget.ts";

const build = (choice: Partial<DisruptionBudgetChoice>) =>
  buildDisruptionBudget("b", { selector: "app=web", minAvailable: undefined, maxUnavailable: undefined, ...choice });
const specOf = (choice: Partial<DisruptionBudgetChoice>) => (build(choice) as { readonly spec?: object }).spec;

describe("a disruption budget made from flags", () => {
  it("keeps numbers and percentages apart, and reads any selector", () => {
    expect(specOf({ minAvailable: "2" })).to.deep.equal({
      minAvailable: 2,
      selector: { matchLabels: { app: "web" } },
    });
    expect(specOf({ maxUnavailable: "25%", selector: "tier in (a,b),app=web,!old" })).to.deep.equal({
      maxUnavailable: "25%",
      selector: {
        matchExpressions: [
          { key: "tier", operator: "In", values: ["a", "b"] },
          { key: "old", operator: "DoesNotExist" },
        ],
        matchLabels: { app: "web" },
      },
    });
  });

  const REFUSED: readonly [Partial<DisruptionBudgetChoice>, string][] = [
    [{ selector: "", minAvailable: "1" }, "a selector must be specified"],
    [{}, "one of min-available or max-unavailable must be specified"],
    [{ minAvailable: "1", maxUnavailable: "1" }, "min-available and max-unavailable cannot be both specified"],
    [{ minAvailable: "1", selector: "a=(" }, "--selector: "],
    [{ minAvailable: "1", selector: "a>1" }, "--selector: "],
  ];
  for (const [choice, message] of REFUSED) {
    it(`refuses ${JSON.stringify(choice)}`, () => expect(() => build(choice)).to.throw(message));
  }
});
