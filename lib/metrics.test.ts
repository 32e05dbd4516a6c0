import { expect } from "chai";
import { createMetrics } from "./metrics.ts";

describe("metrics", () => {
  it("renders counters, gauges and histograms with their labels", async () => {
    const metrics = createMetrics();
    metrics.counter({ name: "requests_total", help: "Requests.", labels: ["code"] }).add({ code: "200" }, 2);
    metrics.gauge({ name: "depth", help: "Depth." }).set(7);
    metrics.histogram({ name: "seconds", help: "Time.", buckets: [1, 2] }).observe(1.5);
    const { text } = await metrics.render();
    expect(text).to.contain('requests_total{code="200"} 2');
    expect(text).to.contain("depth 7");
    expect(text).to.contain('seconds_bucket{le="2"} 1').and.to.contain("seconds_sum 1.5");
  });

  it("shares a metric that is asked for twice, and keeps registries apart", async () => {
    const metrics = createMetrics();
    for (let i = 0; i < 2; i++) metrics.counter({ name: "shared_total", help: "Shared." }).add();
    expect((await metrics.render()).text).to.contain("shared_total 2");
    expect((await createMetrics().render()).text).to.equal("\n");
  });

  it("forgets a gauge's labels when told to", async () => {
    const metrics = createMetrics();
    const gauge = metrics.gauge({ name: "by_name", help: "By name.", labels: ["name"] });
    gauge.set(1, { name: "a" });
    gauge.remove({ name: "a" });
    expect((await metrics.render()).text).to.not.contain('name="a"');
  });
});
