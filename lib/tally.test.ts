import { expect } from "chai";
import { createMetrics } from "./metrics.ts";

describe("a tally", () => {
  it("counts in a series as it does by labels", async () => {
    const metrics = createMetrics();
    const counter = metrics.counter({ name: "requests_total", help: "Requests.", labels: ["verb", "code"] });
    const series = counter.series({ verb: "GET", code: "200" });
    series.add();
    counter.add({ code: "200", verb: "GET" }, 2);
    counter.add({ verb: 'a"b', code: "500" });
    const { text } = await metrics.render();
    expect(text).to.contain('requests_total{verb="GET",code="200"} 3');
    expect(text).to.contain('requests_total{verb="a\\"b",code="500"} 1');
  });

  it("puts a value into the bucket whose bound it meets, and sums up", async () => {
    const metrics = createMetrics();
    const histogram = metrics.histogram({ name: "seconds", help: "Time.", labels: ["verb"], buckets: [1, 2] });
    const series = histogram.series({ verb: "GET" });
    for (const value of [0.5, 1, 1.5, 7]) series.observe(value);
    const { text } = await metrics.render();
    const lines = text.split("\n").filter((line) => line.startsWith("seconds"));
    expect(lines).to.deep.equal([
      'seconds_bucket{le="1",verb="GET"} 2',
      'seconds_bucket{le="2",verb="GET"} 3',
      'seconds_bucket{le="+Inf",verb="GET"} 4',
      'seconds_sum{verb="GET"} 10',
      'seconds_count{verb="GET"} 4',
    ]);
    expect(text).to.contain("# TYPE seconds histogram");
  });

  it("shows what has no labels before anything is counted", async () => {
    const metrics = createMetrics();
    metrics.counter({ name: "dropped_total", help: "Dropped." });
    expect((await metrics.render()).text).to.contain("dropped_total 0");
  });

  it("refuses a label that the metric does not have", () => {
    const counter = createMetrics().counter({ name: "a_total", help: "A.", labels: ["b"] });
    expect(() => counter.add({ c: "1" })).to.throw("the metric a_total has no label c");
  });
});
