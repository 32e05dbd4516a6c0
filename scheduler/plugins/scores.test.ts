import { expect } from "chai";
import type { Affinity, Toleration } from "../../api/core/affinity.ts";
import type { Taint } from "../../api/core/node.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { judgeNode, type NodeOptions, type PluginCase, type PodOptions } from "../../testing/plugin-judge.ts";
import { balancedAllocation } from "./balanced-allocation.ts";
import { imageLocality } from "./image-locality.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { resourcesFit } from "./resources-fit.ts";
import { taintToleration } from "./taint-toleration.ts";

const withAffinity = (affinity: Affinity["nodeAffinity"]): PodOptions => ({
  spec: { affinity: { nodeAffinity: affinity } },
});
const inZone = (zone: string) => ({ matchExpressions: [{ key: "zone", operator: "In", values: [zone] }] });

const taint = (key: string, effect: Taint["effect"], value?: string): Taint => ({
  key,
  effect,
  ...(value && { value }),
});
const tolerating = (...tolerations: Toleration[]): PodOptions => ({ spec: { tolerations } });
const image = (bytes: number): NodeOptions => ({
  status: { images: [{ names: ["registry.test/app:1"], sizeBytes: bytes }] },
});
const preferred = (...weights: [number, string][]) =>
  withAffinity({
    preferredDuringSchedulingIgnoredDuringExecution: weights.map(([weight, zone]) => ({
      weight,
      preference: inZone(zone),
    })),
  } as Affinity["nodeAffinity"]);
const scores: [SchedulerPlugin, [PluginCase, number | undefined][]][] = [
  [
    resourcesFit,
    [
      [{ title: "has an empty node", pod: { cpu: "1", memory: "2Gi" } }, 75],
      [
        { title: "has a half full node", pod: { cpu: "1", memory: "2Gi" }, existing: [{ cpu: "1", memory: "2Gi" }] },
        50,
      ],
      [{ title: "counts 100m and 200Mi for pods that ask for nothing", existing: [{}] }, 95],
      [
        { title: "has an overfull node", pod: { cpu: "1", memory: "1Gi" }, existing: [{ cpu: "8", memory: "16Gi" }] },
        0,
      ],
    ],
  ],
  [
    balancedAllocation,
    [
      [{ title: "uses both alike", pod: { cpu: "1", memory: "2Gi" } }, 100],
      [{ title: "uses CPU alone", pod: { cpu: "4" } }, 50],
      [{ title: "evens out what is there", pod: { memory: "4Gi" }, existing: [{ cpu: "2" }] }, 100],
      [{ title: "asks for nothing" }, undefined],
    ],
  ],
  [
    nodeAffinity,
    [
      [{ title: "prefers nothing" }, undefined],
      [
        {
          title: "adds up what matches",
          pod: preferred([10, "a"], [5, "a"], [80, "b"]),
          node: { labels: { zone: "a" } },
        },
        15,
      ],
    ],
  ],
  [
    taintToleration,
    [
      [
        {
          title: "counts preferences against it",
          pod: tolerating({ key: "a", operator: "Exists" }),
          node: {
            spec: {
              taints: [taint("a", "PreferNoSchedule"), taint("b", "PreferNoSchedule"), taint("c", "NoSchedule")],
            },
          },
        },
        1,
      ],
    ],
  ],
  [
    imageLocality,
    [
      [{ title: "finds its image nowhere" }, undefined],
      [{ title: "finds a tiny image", node: image(1024) }, 0],
      [{ title: "finds a large image", node: image(1000 * 1024 * 1024) }, 100],
      [{ title: "finds half of the largest that counts", node: image(511.5 * 1024 * 1024) }, 50],
    ],
  ],
];

for (const [plugin, cases] of scores) {
  describe(`the score ${plugin.name}`, () => {
    for (const [example, score] of cases) {
      it(`is ${score ?? "absent"} for a pod that ${example.title}`, () => {
        expect(judgeNode(plugin, example).score).to.equal(score);
      });
    }
  });
}
