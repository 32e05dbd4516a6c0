import { expect } from "chai";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import type { Node } from "../core/node.ts";
import type { Pod } from "../core/pod.ts";
import { planReclamation, RECLAIMED_CPU, RECLAIMED_MEMORY, usageReport } from "./reclaim.ts";

const NOW_MS = Date.parse("2026-01-01T12:00:00Z");
const secondsAgo = (seconds: number) => new Date(NOW_MS - seconds * 1000).toISOString();
const GIB = 2 ** 30;

interface PodFacts {
  readonly cpu?: string;
  readonly borrowed?: number;
  readonly borrowedGiB?: number;
  readonly priority?: number;
  readonly placedSecondsAgo?: number;
  readonly phase?: string;
  readonly isLeaving?: boolean;
}

function podOf(name: string, facts: PodFacts): Pod {
  const { cpu = "0", borrowed = 0, borrowedGiB = 0, priority = 0, placedSecondsAgo = 600, phase = "Running" } = facts;
  const requests = { cpu, [RECLAIMED_CPU]: String(borrowed), [RECLAIMED_MEMORY]: String(borrowedGiB * GIB) };
  const status = {
    phase,
    conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: secondsAgo(placedSecondsAgo) }],
  } as Pod["status"];
  const spec = { containers: [{ name: "main", image: "i", resources: { requests } }], priority };
  return asStored<Pod>(newPod(name, { spec, status }), facts.isLeaving ? { deletionTimestamp: secondsAgo(1) } : {});
}

interface Case {
  readonly title: string;
  /** What is used, of the ten seconds until half a minute ago. */
  readonly report?: { readonly cpu: string; readonly memory: string; readonly time?: string };
  /** Cores and GiB that pods on reclaimed resources used of it. */
  readonly byBorrowers?: readonly (readonly [cores: string, memory: string])[];
  readonly pods?: Readonly<Record<string, PodFacts>>;
  readonly offered: readonly [cpuMillis: number, memoryGiB: number];
  readonly victims?: readonly string[];
}

/** The node has 10 cores and 20 GiB. */
const cases: readonly Case[] = [
  { title: "lends what is not used, but for a tenth", report: { cpu: "3", memory: "8Gi" }, offered: [6000, 10] },
  { title: "lends in steps", report: { cpu: "3020m", memory: "8200Mi" }, offered: [5950, 9.9375] },
  { title: "lends nothing of a node in full use", report: { cpu: "9.5", memory: "19Gi" }, offered: [0, 0] },
  {
    title: "counts what came while that was measured, or later, with what it requests",
    report: { cpu: "3", memory: "8Gi" },
    pods: {
      old: { cpu: "2" },
      later: { cpu: "1", placedSecondsAgo: 10 },
      meanwhile: { cpu: "1", placedSecondsAgo: 39 },
    },
    offered: [4000, 10],
  },
  {
    title: "counts nothing that has finished",
    report: { cpu: "3", memory: "8Gi" },
    pods: { new: { cpu: "2", placedSecondsAgo: 10, phase: "Succeeded" } },
    offered: [6000, 10],
  },
  {
    title: "believes no old report",
    report: { cpu: "1", memory: "1Gi", time: secondsAgo(61) },
    pods: { a: { borrowed: 1 } },
    offered: [0, 0],
    victims: ["a"],
  },
  {
    title: "lends nothing where nothing is known",
    pods: { a: { borrowed: 1 } },
    offered: [0, 0],
    victims: ["a"],
  },
  {
    title: "does not count what borrowers use, nor more of it than there is",
    report: { cpu: "6", memory: "8Gi" },
    byBorrowers: [
      ["2", "1Gi"],
      ["1", "10Gi"],
    ],
    offered: [6000, 18],
  },
  {
    title: "leaves borrowers alone while there is room",
    report: { cpu: "3", memory: "8Gi" },
    pods: { a: { borrowed: 3000 }, b: { borrowed: 3000, borrowedGiB: 10 } },
    offered: [6000, 10],
    victims: [],
  },
  {
    title: "ends as few as it takes, the least important first, and of those the youngest",
    report: { cpu: "6", memory: "8Gi" },
    pods: {
      important: { borrowed: 1000, priority: 5 },
      old: { borrowed: 1000, placedSecondsAgo: 500 },
      young: { borrowed: 1000, placedSecondsAgo: 400 },
      youngest: { borrowed: 1000, placedSecondsAgo: 300 },
    },
    offered: [3000, 10],
    victims: ["youngest"],
  },
  {
    title: "ends only borrowers of what is lacking",
    report: { cpu: "1", memory: "17Gi" },
    pods: { cpu: { borrowed: 1000 }, memory: { borrowedGiB: 2, priority: 5 } },
    offered: [8000, 1],
    victims: ["memory"],
  },
  {
    title: "counts on those that are leaving already",
    report: { cpu: "6", memory: "8Gi" },
    pods: { leaving: { borrowed: 3000, isLeaving: true }, staying: { borrowed: 3000 } },
    offered: [3000, 10],
    victims: [],
  },
];

describe("reclamation", () => {
  for (const { title, report, byBorrowers = [], pods = {}, offered, victims = [] } of cases) {
    it(title, () => {
      const node = asStored<Node>(newNode("n", { cpu: "10", memory: "20Gi" }));
      const placed = Object.entries(pods).map(([name, facts]) => podOf(name, facts));
      const { time = secondsAgo(30), ...usage } = report ?? {};
      const borrowers = byBorrowers.map(([cpu, memory]) => ({
        containers: [{ name: "main", usage: { cpu, memory } }],
      }));
      const known = report && usageReport({ usage, timestamp: time, window: "10s" }, borrowers);
      const plan = planReclamation({ node, placed, report: known, nowMs: NOW_MS });
      expect(plan.offered).to.deep.equal({ [RECLAIMED_CPU]: offered[0], [RECLAIMED_MEMORY]: offered[1] * GIB });
      expect(plan.victims.map(({ metadata }) => metadata.name)).to.deep.equal(victims);
    });
  }
});
