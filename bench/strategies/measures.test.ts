import { expect } from "chai";
import { Measures } from "./measures.ts";
import { renderStrategies } from "./report.ts";

function measured(): Measures {
  const measures = new Measures();
  for (const [name, atMs] of [
    ["a", 0],
    ["b", 1000],
    ["c", 2000],
  ] as const) {
    measures.arrived("batch", name, atMs);
  }
  measures.placed("batch", "a", 500);
  measures.placed("batch", "b", 4000);
  return measures;
}

describe("Measures", () => {
  it("counts the waits of jobs, of those that still wait until the end", () => {
    expect(measured().figures(1, 10_000).waits.batch).to.deep.equal({
      jobs: 3,
      unplaced: 1,
      medianSeconds: 3,
      longSeconds: 8,
    });
  });

  it("counts a job once, though some of its tasks had to leave and were placed again", () => {
    const measures = measured();
    measures.placed("batch", "a", 9000);
    expect(measures.figures(1, 10_000).waits.batch.jobs).to.equal(3);
  });

  it("has nothing to say about jobs that there were none of", () => {
    const nothing = { jobs: 0, unplaced: 0, medianSeconds: 0, longSeconds: 0 };
    expect(measured().figures(1, 10_000).waits.service).to.deep.equal(nothing);
  });

  it("weighs what is in use by time", () => {
    const measures = new Measures();
    measures.uses(100, 0);
    measures.uses(50, 2000);
    measures.uses(0, 6000);
    expect(measures.figures(100, 10_000).use).to.be.closeTo(0.4, 1e-9);
  });

  it("tells conflicts and busy times of each scheduler", () => {
    const measures = new Measures();
    measures.thought("x", 1000);
    measures.thought("x", 1500);
    measures.thought("y", 100);
    for (const metConflict of [true, false, false, false]) measures.placement("x", { metConflict });
    const { busy, conflicts } = measures.figures(1, 10_000);
    expect(busy).to.deep.equal({ x: 0.25, y: 0.01 });
    expect(conflicts).to.deep.equal({ x: 0.25 });
  });

  it("is shown as a line for each strategy", () => {
    const lines = renderStrategies([{ name: "some strategy", figures: measured().figures(1, 10_000) }]).split("\n");
    expect(lines).to.have.lengthOf(2);
    expect(lines[1]?.split(/ {2,}/)).to.deep.equal([
      "some strategy",
      "0.0 %",
      "3.0",
      "8.0",
      "1/3",
      "0.0",
      "0.0",
      "0/0",
      "0",
    ]);
  });
});
