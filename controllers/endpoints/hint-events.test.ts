import { expect } from "chai";
import type { Service } from "../../api/core/service.ts";
import { keyOf } from "../../api/meta/object.ts";
import { asStored, newService } from "../../testing/builders.ts";
import { HintEvents } from "./hint-events.ts";
import type { HintsOutcome } from "./slice-plan.ts";

const service = asStored<Service>(newService("web"));
const v4: HintsOutcome = { addressType: "IPv4" };
const v6: HintsOutcome = { addressType: "IPv6" };
const few = { problem: "Too few" };

describe("what is told of hints by zone", () => {
  let hintEvents: HintEvents;
  beforeEach(() => {
    hintEvents = new HintEvents();
  });
  const next = (...outcomes: readonly HintsOutcome[]) =>
    hintEvents.next(service, outcomes).map(({ type, message }) => `${type} ${message}`);
  const ENABLED = "Normal Topology Aware Hints has been enabled, addressType: IPv4";

  it("is nothing where nobody asks for them", () => expect(next()).to.deep.equal([]));

  it("is once that they have begun, for all types of addresses", () => {
    expect(next(v4, v6)).to.deep.equal([ENABLED]);
    expect(next(v4, v6)).to.deep.equal([]);
  });

  it("is each problem once, and again after it was solved", () => {
    const told = ["Warning Too few, addressType: IPv4"];
    expect(next({ ...v4, ...few })).to.deep.equal(told);
    expect(next({ ...v4, ...few })).to.deep.equal([]);
    expect(next({ ...v4, problem: "Other" })).to.deep.equal(["Warning Other, addressType: IPv4"]);
    expect(next(v4)).to.deep.equal([ENABLED]);
    expect(next({ ...v4, ...few })).to.deep.equal(told);
  });

  it("is each problem of each type of addresses", () => {
    expect(next(v4, { ...v6, ...few })).to.deep.equal([ENABLED, "Warning Too few, addressType: IPv6"]);
  });

  it("is that they have ended, if they had begun", () => {
    next(v4);
    expect(next()).to.deep.equal(["Warning Topology Aware Hints has been disabled, addressType: IPv4"]);
    expect(next()).to.deep.equal([]);
    next({ ...v4, ...few });
    expect(next()).to.deep.equal([]);
  });

  it("is forgotten with the service", () => {
    next(v4);
    hintEvents.forget(keyOf(service));
    expect(next(v4)).to.deep.equal([ENABLED]);
  });
});
