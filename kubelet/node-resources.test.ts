import { expect } from "chai";
import { MACHINE } from "../testing/machine-facts.ts";
import { DEFAULT_HARD, parseThresholds } from "./eviction/thresholds.ts";
import { renderPageSize } from "./machine.ts";
import { buildAllocatable, buildCapacity, buildNodeStatus, type MachineFacts } from "./node-status.ts";
import { reserve, type ReservationTexts } from "./reservations.ts";

const GIB = 2 ** 30;
const machine: MachineFacts = { ...MACHINE, cpuMillis: 4000, memoryBytes: 8 * GIB, ephemeralStorageBytes: 100 * GIB };
const reserved = (texts: Partial<ReservationTexts>) =>
  reserve(machine, { kube: {}, system: {}, thresholds: [], ...texts });
const input = (more: Partial<MachineFacts> = {}) => ({
  name: "n1",
  addresses: [],
  labels: {},
  port: 0,
  machine: { ...machine, ...more },
  runtime: { name: "fake", version: "1" },
});

describe("what a node has for pods", () => {
  const hard = parseThresholds({ hard: DEFAULT_HARD });
  const soft = parseThresholds({
    hard: {},
    soft: { "memory.available": "1Gi" },
    softGrace: { "memory.available": "1m" },
  });
  const CASES: readonly (readonly [
    string,
    Partial<ReservationTexts>,
    Partial<MachineFacts>,
    Record<string, string>,
  ])[] = [
    ["is all of it", {}, {}, { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi", pods: "110" }],
    [
      "is what others do not need",
      { kube: { cpu: "500m", memory: "1Gi" }, system: { cpu: "250m", "ephemeral-storage": "10Gi" } },
      {},
      { cpu: "3250m", memory: "7Gi", "ephemeral-storage": "90Gi" },
    ],
    ["is what hard thresholds leave", { thresholds: hard }, {}, { memory: "8092Mi", "ephemeral-storage": "90Gi" }],
    ["is not less for soft thresholds", { thresholds: soft }, {}, { memory: "8Gi" }],
    [
      "is memory without huge pages",
      { kube: { memory: "1Gi" } },
      { hugePages: { "2Mi": GIB, "1Gi": 2 * GIB } },
      { memory: "4Gi", "hugepages-2Mi": "1Gi", "hugepages-1Gi": "2Gi" },
    ],
  ];
  for (const [title, texts, more, expected] of CASES) {
    it(title, () => {
      expect(buildAllocatable({ ...machine, ...more, reserved: reserved(texts) })).to.include(expected);
    });
  }

  it("does not change what it has", () => {
    expect(buildCapacity({ ...machine, reserved: reserved({ kube: { memory: "1Gi" } }) })).to.include({
      memory: "8Gi",
    });
  });

  for (const [title, texts, problem] of [
    ["what cannot be kept", { kube: { pods: "1" } }, 'cannot reserve "pods" resource'],
    ["less than nothing", { system: { cpu: "-1" } }, 'resource quantity for "cpu" cannot be negative: -1'],
    ["no amount", { system: { memory: "much" } }, 'failed to parse quantity "much" for "memory" resource: '],
    [
      "more than there is",
      { kube: { memory: "5Gi" }, system: { memory: "4Gi" } },
      'invalid Node Allocatable configuration. Resource "memory" has a reservation of 9663676416 but capacity of 8589934592. Expected capacity >= reservation.',
    ],
  ] as const) {
    it(`is not told where ${title} is reserved`, () => expect(() => reserved(texts)).to.throw(problem));
  }

  it("includes what others have put into its capacity, and nothing of that which they took out", () => {
    const before = {
      capacity: { "example.com/foo": "3", "hugepages-64Ki": "0", "requests.cpu": "7", memory: "1" },
      allocatable: { "example.com/foo": "1", "example.com/bar": "2" },
    };
    const { capacity, allocatable } = buildNodeStatus(input(), before, { problem: undefined, nowMs: 0 });
    expect(capacity).to.include({ "example.com/foo": "3", "hugepages-64Ki": "0", memory: "8Gi" });
    expect(allocatable).to.include({ "example.com/foo": "3" });
    expect(allocatable).to.not.have.any.keys("example.com/bar", "requests.cpu");
  });

  for (const [kib, size] of [
    [2048, "2Mi"],
    [1_048_576, "1Gi"],
    [64, "64Ki"],
    [32_768, "32Mi"],
  ] as const) {
    it(`names pages of ${size}`, () => expect(renderPageSize(kib)).to.equal(size));
  }
});
