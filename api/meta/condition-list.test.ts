import { expect } from "chai";
import { findCondition, isConditionTrue, removeCondition, setCondition } from "./condition-list.ts";

const ready = { type: "Ready", status: "True", lastTransitionTime: "t1", reason: "A" };

const other = { type: "Other", status: "False", lastTransitionTime: "t1", reason: "B" };

describe("a list of conditions", () => {
  it("finds a condition by its type", () => {
    expect(findCondition([ready], "Ready")).to.equal(ready);
    expect(findCondition(undefined, "Ready")).to.equal(undefined);
    expect(isConditionTrue([ready], "Ready")).to.equal(true);
    expect(isConditionTrue([], "Ready")).to.equal(false);
  });

  it("takes a new condition at its end", () => {
    expect(setCondition([ready], other)).to.deep.equal([ready, other]);
  });

  it("keeps the transition time while the status stays", () => {
    const next = { ...ready, reason: "B", lastTransitionTime: "t2" };
    expect(setCondition([ready], next)).to.deep.equal([{ ...ready, reason: "B" }]);
  });

  it("moves the transition time when the status changes", () => {
    const next = { ...ready, status: "False", lastTransitionTime: "t2" };
    expect(setCondition([ready], next)).to.deep.equal([next]);
  });

  it("is the same list where nothing changes", () => {
    const list = [ready];
    expect(setCondition(list, { ...ready, lastTransitionTime: "t2" })).to.equal(list);
    expect(removeCondition(list, "Other")).to.equal(list);
    expect(removeCondition(list, "Ready")).to.deep.equal([]);
  });
});
