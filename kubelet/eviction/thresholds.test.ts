import { expect } from "chai";
import { DEFAULT_HARD, parseThresholds, type ThresholdTexts } from "./thresholds.ts";

describe("thresholds of eviction", () => {
  it("are Kubernetes' own unless an operator says otherwise", () => {
    const rendered = parseThresholds({ hard: DEFAULT_HARD }).map(({ signal, value, graceMs }) => [
      signal,
      value,
      graceMs,
    ]);
    expect(rendered).to.deep.equal([
      ["imagefs.available", { share: 0.15 }, 0],
      ["imagefs.inodesFree", { share: 0.05 }, 0],
      ["memory.available", { amount: 100 * 2 ** 20 }, 0],
      ["nodefs.available", { share: 0.1 }, 0],
      ["nodefs.inodesFree", { share: 0.05 }, 0],
    ]);
  });

  it("have a grace period where they are soft, and a minimum to reclaim", () => {
    const texts: ThresholdTexts = {
      hard: {},
      soft: { "memory.available": "1Gi" },
      softGrace: { "memory.available": "1m30s" },
      minReclaim: { "memory.available": "10%" },
    };
    expect(parseThresholds(texts)).to.deep.equal([
      { signal: "memory.available", value: { amount: 2 ** 30 }, minReclaim: { share: 0.1 }, graceMs: 90_000 },
    ]);
  });

  it("are left out at 0% and 100%", () => {
    expect(parseThresholds({ hard: { "nodefs.available": "0%", "imagefs.available": "100%" } })).to.deep.equal([]);
  });

  for (const [title, texts, message] of [
    ["an unknown signal", { hard: { "memory.free": "1Gi" } }, "unrecognized eviction signal memory.free"],
    ["a signal that every object has", { hard: { constructor: "1Gi" } }, "unrecognized eviction signal constructor"],
    ["no amount", { hard: { "memory.available": "0" } }, "eviction threshold memory.available must be positive: 0"],
    ["more than all", { hard: { "memory.available": "120%" } }, "must be <= 100%: 120%"],
    ["less than nothing", { hard: { "memory.available": "-3%" } }, "must be >= 0%: -3%"],
    ["no number", { hard: { "memory.available": "much" } }, '"much" is neither a quantity nor a percentage'],
    [
      "a soft one without a grace period",
      { hard: {}, soft: { "memory.available": "1Gi" } },
      "grace period must be specified for the soft eviction threshold memory.available",
    ],
    ["no duration", { hard: {}, softGrace: { "memory.available": "long" } }, '"long" is no duration'],
    [
      "a negative minimum",
      { hard: {}, minReclaim: { "memory.available": "-1Gi" } },
      "negative eviction minimum reclaim specified for memory.available",
    ],
  ] as const) {
    it(`refuse ${title}`, () => {
      expect(() => parseThresholds(texts)).to.throw(message);
    });
  }
});
