import { expect } from "chai";
import { EventCorrelator, type Occurrence } from "./event-correlator.ts";

describe("EventCorrelator", () => {
  const occurrence = (message: string, name = "web"): Occurrence => ({
    involvedObject: { apiVersion: "v1", kind: "Pod", namespace: "default", name, uid: name },
    source: { component: "test" },
    type: "Normal",
    reason: "Started",
    message,
  });

  it("counts the same message on one key", () => {
    const correlator = new EventCorrelator();
    const found = [1, 2, 3].map(() => correlator.correlate(occurrence("a"), 0));
    expect(found.map((one) => one?.count)).to.deep.equal([1, 2, 3]);
    expect(new Set(found.map((one) => one?.key)).size).to.equal(1);
  });

  it("combines the tenth different message within ten minutes and those after it", () => {
    const correlator = new EventCorrelator();
    const found = Array.from({ length: 12 }, (_, index) => correlator.correlate(occurrence(`m${index}`), 0));
    expect(found.map((one) => one?.message.startsWith("(combined from similar events): "))).to.deep.equal([
      ...Array.from({ length: 9 }, () => false),
      ...Array.from({ length: 3 }, () => true),
    ]);
    expect(new Set(found.slice(9).map((one) => one?.key)).size).to.equal(1);
    expect(found[11]?.count).to.equal(3);
    expect(correlator.correlate(occurrence("later"), 600_001)?.message).to.equal("later");
  });

  it("lets 25 events of an object through, then one in five minutes, without touching other objects", () => {
    const correlator = new EventCorrelator();
    const allowed = (nowMs: number, name?: string) => correlator.correlate(occurrence("a", name), nowMs) !== undefined;
    const burst = Array.from({ length: 30 }, () => allowed(0));
    expect(burst.filter(Boolean)).to.have.length(25);
    expect(allowed(0, "other")).to.equal(true);
    expect(allowed(300_000)).to.equal(true);
    expect(allowed(300_001)).to.equal(false);
  });
});
