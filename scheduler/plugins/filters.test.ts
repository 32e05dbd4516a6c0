import { expect } from "chai";
import type { Affinity, Toleration } from "../../api/core/affinity.ts";
import type { Taint } from "../../api/core/node.ts";
import type { SchedulerPlugin } from "../framework.ts";
import { judgeNode, type PluginCase, type PodOptions } from "../../testing/plugin-judge.ts";
import { hostPortsFree } from "./host-ports-free.ts";
import { schedulerPlugins } from "./index.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { nodeName } from "./node-name.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { resourcesFit } from "./resources-fit.ts";
import { taintToleration } from "./taint-toleration.ts";

const withResources = (requests: Record<string, string>): PodOptions => ({
  spec: { containers: [{ name: "main", image: "a", resources: { requests } }] },
});
const withPorts = (...ports: { hostPort?: number; hostIP?: string; protocol?: "TCP" | "UDP" }[]): PodOptions => ({
  spec: {
    containers: [
      {
        name: "main",
        image: "a",
        resources: {},
        ports: ports.map((port) => ({ containerPort: 80, protocol: "TCP" as const, ...port })),
      },
    ],
  },
});
const withAffinity = (affinity: Affinity["nodeAffinity"], nodeSelector?: Record<string, string>): PodOptions => ({
  spec: { affinity: { nodeAffinity: affinity }, ...(nodeSelector && { nodeSelector }) },
});
const required = (...terms: object[]) =>
  ({ requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } }) as Affinity["nodeAffinity"];
const inZone = (zone: string) => ({ matchExpressions: [{ key: "zone", operator: "In", values: [zone] }] });

const taint = (key: string, effect: Taint["effect"], value?: string): Taint => ({
  key,
  effect,
  ...(value && { value }),
});
const tolerating = (...tolerations: Toleration[]): PodOptions => ({ spec: { tolerations } });
const filters: [SchedulerPlugin, [PluginCase, readonly string[] | undefined][]][] = [
  [
    resourcesFit,
    [
      [{ title: "takes the last of the CPU", pod: { cpu: "500m" }, existing: [{ cpu: "3500m" }] }, undefined],
      [{ title: "is one milli-CPU short", pod: { cpu: "501m" }, existing: [{ cpu: "3500m" }] }, ["Insufficient cpu"]],
      [{ title: "lacks memory", pod: { memory: "9Gi" } }, ["Insufficient memory"]],
      [
        { title: "lacks several things at once", pod: { cpu: "5", memory: "9Gi" }, node: { pods: "0" } },
        ["Too many pods", "Insufficient cpu", "Insufficient memory"],
      ],
      [{ title: "has no place for one more pod", node: { pods: "1" }, existing: [{}] }, ["Too many pods"]],
      [
        { title: "lacks ephemeral storage", pod: withResources({ "ephemeral-storage": "200Gi" }) },
        ["Insufficient ephemeral-storage"],
      ],
      [{ title: "lacks an extended resource", pod: withResources({ "test/gpu": "1" }) }, ["Insufficient test/gpu"]],
      [
        {
          title: "has its extended resource taken",
          pod: withResources({ "test/gpu": "1" }),
          node: { status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10", "test/gpu": "2" } } },
          existing: [withResources({ "test/gpu": "2" })],
        },
        ["Insufficient test/gpu"],
      ],
      [{ title: "fits a full node when it requests nothing", existing: [{ cpu: "4", memory: "8Gi" }] }, undefined],
      [
        {
          title: "counts its largest init container",
          pod: {
            spec: {
              initContainers: [{ name: "init", image: "a", resources: { requests: { cpu: "5" } } }],
              containers: [{ name: "main", image: "a", resources: { requests: { cpu: "1" } } }],
            },
          },
        },
        ["Insufficient cpu"],
      ],
    ],
  ],
  [
    hostPortsFree,
    [
      [{ title: "asks for none", existing: [withPorts({ hostPort: 80 })] }, undefined],
      [
        { title: "asks for a taken one", pod: withPorts({ hostPort: 80 }), existing: [withPorts({ hostPort: 80 })] },
        ["node(s) didn't have free ports for the requested pod ports"],
      ],
      [
        { title: "asks for another one", pod: withPorts({ hostPort: 81 }), existing: [withPorts({ hostPort: 80 })] },
        undefined,
      ],
      [
        {
          title: "uses another protocol",
          pod: withPorts({ hostPort: 80, protocol: "UDP" }),
          existing: [withPorts({ hostPort: 80 })],
        },
        undefined,
      ],
      [
        {
          title: "uses another address",
          pod: withPorts({ hostPort: 80, hostIP: "127.0.0.1" }),
          existing: [withPorts({ hostPort: 80, hostIP: "127.0.0.2" })],
        },
        undefined,
      ],
      [
        {
          title: "uses one address of a port taken on all",
          pod: withPorts({ hostPort: 80, hostIP: "127.0.0.1" }),
          existing: [withPorts({ hostPort: 80 })],
        },
        ["node(s) didn't have free ports for the requested pod ports"],
      ],
    ],
  ],
  [
    nodeName,
    [
      [{ title: "names no node" }, undefined],
      [{ title: "names this node", pod: { spec: { nodeName: "n1" } } }, undefined],
      [
        { title: "names another node", pod: { spec: { nodeName: "n2" } } },
        ["node(s) didn't match the requested node name"],
      ],
    ],
  ],
  [
    nodeAffinity,
    [
      [{ title: "asks for no label" }, undefined],
      [
        {
          title: "finds its label",
          pod: { spec: { nodeSelector: { disk: "ssd" } } },
          node: { labels: { disk: "ssd" } },
        },
        undefined,
      ],
      [
        {
          title: "misses its label",
          pod: { spec: { nodeSelector: { disk: "ssd" } } },
          node: { labels: { disk: "hdd" } },
        },
        ["node(s) didn't match Pod's node affinity/selector"],
      ],
      [
        {
          title: "matches one of two terms",
          pod: withAffinity(required(inZone("a"), inZone("b"))),
          node: { labels: { zone: "b" } },
        },
        undefined,
      ],
      [
        { title: "matches no term", pod: withAffinity(required(inZone("a"))), node: { labels: { zone: "b" } } },
        ["node(s) didn't match Pod's node affinity/selector"],
      ],
      [
        {
          title: "matches the affinity but not the selector",
          pod: withAffinity(required(inZone("a")), { disk: "ssd" }),
          node: { labels: { zone: "a" } },
        },
        ["node(s) didn't match Pod's node affinity/selector"],
      ],
      [
        {
          title: "wants its node by field",
          pod: withAffinity(required({ matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] })),
        },
        undefined,
      ],
    ],
  ],
  [
    nodeUnschedulable,
    [
      [{ title: "meets an open node" }, undefined],
      [{ title: "meets a cordoned node", node: { spec: { unschedulable: true } } }, ["node(s) were unschedulable"]],
      [
        {
          title: "tolerates being there",
          node: { spec: { unschedulable: true } },
          pod: { spec: { tolerations: [{ key: "node.kubernetes.io/unschedulable", operator: "Exists" }] } },
        },
        undefined,
      ],
    ],
  ],
];

filters.push([
  taintToleration,
  [
    [{ title: "meets no taint" }, undefined],
    [
      { title: "does not tolerate a taint", node: { spec: { taints: [taint("team", "NoSchedule", "a")] } } },
      ["node(s) had untolerated taint {team: a}"],
    ],
    [
      {
        title: "does not tolerate a taint without a value",
        node: { spec: { taints: [taint("node.kubernetes.io/not-ready", "NoExecute")] } },
      },
      ["node(s) had untolerated taint {node.kubernetes.io/not-ready: }"],
    ],
    [
      {
        title: "tolerates one of two",
        pod: tolerating({ key: "team", operator: "Equal", value: "a" }),
        node: { spec: { taints: [taint("team", "NoSchedule", "a"), taint("gpu", "NoSchedule")] } },
      },
      ["node(s) had untolerated taint {gpu: }"],
    ],
    [{ title: "minds no preference", node: { spec: { taints: [taint("team", "PreferNoSchedule", "a")] } } }, undefined],
    [
      {
        title: "tolerates everything",
        pod: tolerating({ operator: "Exists" }),
        node: { spec: { taints: [taint("x", "NoExecute")] } },
      },
      undefined,
    ],
  ],
]);

for (const [plugin, cases] of filters) {
  describe(`the filter ${plugin.name}`, () => {
    for (const [example, rejection] of cases) {
      it(`${rejection ? "rejects" : "allows"} a pod that ${example.title}`, () => {
        expect(judgeNode(plugin, example).rejection).to.deep.equal(rejection);
      });
    }
  });
}

describe("the scheduler's plugins", () => {
  it("have different names", () => {
    expect(new Set(schedulerPlugins.map(({ name }) => name)).size).to.equal(schedulerPlugins.length);
  });

  it("say after which changes to try again, when they filter", () => {
    for (const [plugin] of filters) expect(plugin.unblockedBy, plugin.name).to.include("NodeAdded");
  });
});
