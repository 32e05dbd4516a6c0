// How many pods a second the scheduler decides about, the decision alone: no API server, no bindings. Pods that are equal, pods
// that are all different, and the rules that depend on other pods; and what a decision costs as the cluster grows.

import { builtinResources } from "../api/index.ts";
import type { Node } from "../api/core/node.ts";
import type { KubeObject } from "../api/meta/object.ts";
import type { Pod } from "../api/core/pod.ts";
import { applyDefaults } from "../api/schema/default.ts";
import { deepFreeze } from "../lib/deep-freeze.ts";
import { seededRandom } from "../lib/random.ts";
import { PodInfo } from "../scheduler/pod-info.ts";
import { schedulerPlugins } from "../scheduler/plugins/index.ts";
import { PodScheduler } from "../scheduler/schedule.ts";
import { Snapshot } from "../scheduler/snapshot.ts";
import { atLeast, type Benchmark, type Figure, type Target } from "./benchmark.ts";
import { loadNode, loadPod, type LoadPodOptions } from "./load-pod.ts";

interface Sort {
  readonly name: string;
  readonly target: Target;
  readonly pods: number;
  options(index: number): LoadPodOptions;
}

const HOST = "kubernetes.io/hostname";
const ZONE = "topology.kubernetes.io/zone";
const selects = (app: string) => ({ labelSelector: { matchLabels: { app } } });

const SORTS: readonly Sort[] = [
  { name: "equal pods", target: atLeast(20_000), pods: 20_000, options: () => ({}) },
  {
    name: "pods that are all different",
    target: atLeast(3000),
    pods: 1500,
    options: (index) => ({ cpu: `${10 + (index % 1000)}m`, labels: { app: `app-${index % 7}` } }),
  },
  {
    name: "required anti-affinity",
    target: atLeast(600),
    pods: 4000,
    options() {
      const terms = [{ topologyKey: HOST, ...selects("shy") }];
      const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
      return { labels: { app: "shy" }, spec: { affinity } };
    },
  },
  {
    name: "hard topology spread",
    target: atLeast(3000),
    pods: 10_000,
    options() {
      const constraint = { topologyKey: ZONE, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", ...selects("even") };
      return { labels: { app: "even" }, spec: { topologySpreadConstraints: [constraint] } };
    },
  },
];

const NODES = 5000;
const CURVE = [100, 1000, 5000, 20_000];
const CURVE_PODS = 5000;
const WARM_UP_PODS = 200;

/** As the API server would store it. */
function stored<T>(kind: "Pod" | "Node", object: Record<string, unknown>, name: string): T {
  const definition = builtinResources.find((each) => each.kind === kind && each.group === "");
  if (!definition) throw new Error(`there is no kind ${kind}`);
  const given = object["metadata"] as Record<string, unknown>;
  const metadata = { ...given, uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  const complete = { status: {}, ...object, metadata } as unknown as KubeObject;
  return deepFreeze(applyDefaults(definition.schema, complete)) as T;
}

/** Decisions per second. Throws where a pod finds no node. */
function measureDecisions(nodes: number, pods: number, options: Sort["options"]): number {
  const snapshot = new Snapshot();
  for (let index = 0; index < nodes; index++) snapshot.setNode(stored<Node>("Node", loadNode(index), `node-${index}`));
  const scheduler = new PodScheduler(snapshot, schedulerPlugins, seededRandom(1));
  const waiting = Array.from({ length: pods + WARM_UP_PODS }, (_, index) =>
    stored<Pod>("Pod", loadPod(`pod-${index}`, options(index)), `pod-${index}`),
  );
  let startedMs = 0;
  waiting.forEach((pod, index) => {
    if (index === WARM_UP_PODS) startedMs = performance.now();
    const info = new PodInfo(pod);
    const decision = scheduler.schedule(info);
    if (decision.node === undefined) throw new Error(`pod ${index} found no node: ${decision.message}`);
    snapshot.addPod(info, decision.node);
  });
  return pods / ((performance.now() - startedMs) / 1000);
}

export const decisions: Benchmark = {
  name: "decisions",
  run({ runs, progress }) {
    const times = Array.from({ length: runs }, (_, run) => run);
    const figures: Figure[] = SORTS.map(({ name, target, pods, options }) => {
      progress(`decisions, ${name}`);
      const values = times.map(() => measureDecisions(NODES, pods, options));
      return { name: `decisions at ${NODES} nodes, ${name}`, unit: "pods/s", values, target };
    });
    for (const nodes of CURVE) {
      progress(`decisions at ${nodes} nodes`);
      const values = times.map(() => 1e6 / measureDecisions(nodes, CURVE_PODS, () => ({})));
      figures.push({ name: `  cost of one at ${nodes} nodes, equal pods`, unit: "µs", values });
    }
    return Promise.resolve(figures);
  },
};
