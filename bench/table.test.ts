import { expect } from "chai";
import { atLeast, atMost } from "./benchmark.ts";
import { median } from "./statistics.ts";
import { renderTable } from "./table.ts";

describe("the table of figures", () => {
  it("shows the median, the spread, and what was missed", () => {
    const figures = [
      { name: "start", unit: "s", values: [0.61234, 0.5, 0.7], target: atMost(2) },
      { name: "creates", unit: "1/s", values: [7000.4, 7200], target: atLeast(7500) },
      { name: "size", unit: "MB", values: [12] },
      { name: "lost", unit: "s", values: [], target: atMost(1) },
    ];
    expect(renderTable(figures).split("\n")).to.deep.equal([
      "figure       measured    min–max  target  unit  runs",
      "start           0.612    0.5–0.7     ≤ 2  s        3",
      "creates          7100  7000–7200  ≥ 7500  1/s      2  missed",
      "size               12                     MB       1",
      "lost     not measured                ≤ 1  s        0",
    ]);
  });

  it("takes the middle of an odd number of values, and the mean of the middle two of an even one", () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
    expect(() => median([])).to.throw(RangeError);
  });
});
