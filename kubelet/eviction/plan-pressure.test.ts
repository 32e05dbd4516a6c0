import { expect } from "chai";
import { NO_PRESSURE, planPressure, type PressureMemory } from "./plan-pressure.ts";
import { parseThresholds, type EvictionSettings, type Observations } from "./thresholds.ts";

const GIB = 2 ** 30;
const settings: EvictionSettings = {
  thresholds: parseThresholds({
    hard: { "nodefs.available": "10%", "memory.available": "1Gi", "pid.available": "100" },
    soft: { "memory.available": "2Gi" },
    softGrace: { "memory.available": "60s" },
    minReclaim: { "memory.available": "512Mi" },
  }),
  maxPodGraceSeconds: 30,
  transitionMs: 300_000,
};

const memory = (gib: number): Observations => ({ "memory.available": { available: gib * GIB, capacity: 8 * GIB } });

/** Looks at these moments, one after the other; what each look says. */
function look(...moments: readonly (readonly [seconds: number, observations: Observations])[]) {
  let before: PressureMemory = NO_PRESSURE;
  return moments.map(([seconds, observations]) => {
    const plan = planPressure(settings, before, { observations, nowMs: seconds * 1000 });
    before = plan.memory;
    const { reclaim, conditions } = plan;
    const due = reclaim && `${reclaim.signal} ${reclaim.graceMs === 0 ? "hard" : "soft"}`;
    return [conditions.join(" "), due];
  });
}

describe("the pressure on a node", () => {
  it("is none while there is enough, and what is just enough is enough", () => {
    expect(look([0, memory(4)], [10, memory(2)])).to.deep.equal([
      ["", undefined],
      ["", undefined],
    ]);
  });

  it("asks for room at once where a hard threshold is crossed", () => {
    expect(look([0, memory(0.5)])).to.deep.equal([["MemoryPressure", "memory.available hard"]]);
  });

  it("asks for it after the grace period where a soft one is, and from the beginning where that was broken", () => {
    expect(look([0, memory(1.5)], [50, memory(1.5)], [60, memory(1.5)])).to.deep.equal([
      ["MemoryPressure", undefined],
      ["MemoryPressure", undefined],
      ["MemoryPressure", "memory.available soft"],
    ]);
    expect(look([0, memory(1.5)], [50, memory(3)], [60, memory(1.5)]).at(-1)).to.deep.equal([
      "MemoryPressure",
      undefined,
    ]);
  });

  it("holds on until the minimum is reclaimed", () => {
    expect(look([0, memory(0.9)], [10, memory(1.2)], [20, memory(3)]).map(([, due]) => due)).to.deep.equal([
      "memory.available hard",
      "memory.available hard",
      undefined,
    ]);
  });

  it("is told for the transition period after its last sign", () => {
    expect(
      look([0, memory(0.5)], [10, memory(4)], [299, memory(4)], [300, memory(4)]).map(([told]) => told),
    ).to.deep.equal(["MemoryPressure", "MemoryPressure", "MemoryPressure", ""]);
  });

  it("puts memory first", () => {
    const disk = { "nodefs.available": { available: 1, capacity: 100 } };
    expect(look([0, { ...disk, ...memory(0.5) }])).to.deep.equal([
      ["DiskPressure MemoryPressure", "memory.available hard"],
    ]);
    expect(look([0, disk])).to.deep.equal([["DiskPressure", "nodefs.available hard"]]);
    expect(look([0, { "pid.available": { available: 99, capacity: 32768 } }])).to.deep.equal([
      ["PIDPressure", "pid.available hard"],
    ]);
  });

  it("does not judge what could not be observed", () => {
    expect(look([0, {}])).to.deep.equal([["", undefined]]);
  });
});
