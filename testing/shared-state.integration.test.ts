// Schedulers of all kinds, the default one, a framework that lives on offers, clients of the bulk placement, and a static partition share one cluster that they fill to nine tenths, each deciding on a picture that
// is old by the time it counts. A checker reads the whole history of the store: at no revision has any node given away more
// than it has, and no pod is outside its partition.

import { expect } from "chai";
import { pods, type Pod } from "../api/core/pod.ts";
import { podRequests } from "../api/core/pod-resources.ts";
import { POOL_LABEL } from "../api/kctl-scheduling/pools.ts";
import { nodeAllocations, type NodeAllocation } from "../api/placement/node-allocation.ts";
import { PLACEMENTS_PATH, type PlacementBinding, type PlacementRequest } from "../api/placement/placement.ts";
import type { StoreEvent } from "../apiserver/storage/store.ts";
import { readAnswer } from "../client/response-body.ts";
import { pause } from "../lib/clock.ts";
import { objectRequestBody } from "../lib/http.ts";
import { seededRandom } from "../lib/random.ts";
import { runScheduler } from "../scheduler/run-scheduler.ts";
import { newNode, newPod } from "./builders.ts";
import { frameworkObject, offerFramework } from "./offer-framework.ts";
import { TestCluster, type Component, type ComponentParts } from "./cluster.ts";

const NODES = 30;
const POOLED = 6;
const CPU_MILLIS = 4000;
const POD_MILLIS = 108;
/** Beside those that the framework starts. */
const PODS = 800;
const TASKS = 200;

interface Kind {
  readonly name: string;
  readonly mode: PlacementRequest["mode"];
  readonly conflicts: PlacementRequest["conflicts"];
  /** Pods that are placed in one request. */
  readonly size: number;
}

/** A scheduler as others might write one: it looks, thinks for a while, and places what it then still believes to fit. */
const optimistic =
  (kind: Kind): Component =>
  async (parts, signal) => {
    const random = seededRandom(kind.size);
    while (!signal.aborted) {
      const seen = (await parts.client.list(nodeAllocations)).items.filter(({ pool }) => pool === undefined);
      const waiting = (await parts.client.list(pods)).items.filter(
        ({ spec }) => spec.schedulerName === kind.name && !spec.nodeName,
      );
      await pause(parts.clock, 20, signal);
      const bindings = waiting.slice(0, kind.size).flatMap((pod) => choose(pod, seen, random.float()) ?? []);
      if (bindings.length > 0) await place(parts, kind, bindings);
    }
  };

function choose({ metadata }: Pod, seen: readonly NodeAllocation[], draw: number): PlacementBinding | undefined {
  const fitting = seen.filter(({ requested }) => (requested?.cpu ?? 0) + POD_MILLIS <= CPU_MILLIS);
  const node = fitting[Math.floor(draw * fitting.length)];
  const { namespace = "", name, uid } = metadata;
  return node && { namespace, name, uid, node: node.metadata.name, generation: node.generation };
}

async function place({ client }: ComponentParts, kind: Kind, bindings: readonly PlacementBinding[]): Promise<void> {
  const { name: scheduler, mode, conflicts } = kind;
  const response = await client.raw({
    method: "POST",
    path: PLACEMENTS_PATH,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: objectRequestBody({ mode, conflicts, scheduler, bindings }),
  });
  await readAnswer(response);
}

const KINDS: readonly Kind[] = [
  { name: "coarse", mode: "Incremental", conflicts: "NodeGeneration", size: 20 },
  { name: "gangs", mode: "AllOrNothing", conflicts: "ResourceFit", size: 4 },
];

class UsageChecker {
  revisions = 0;
  mostMillis = 0;
  outside = 0;
  readonly #usedMillis = new Map<string, number>();

  take({ value, previous }: StoreEvent): void {
    this.revisions++;
    if (previous) this.#count(previous, -1);
    if (value) this.#count(value, 1);
  }

  #count(value: Uint8Array, sign: 1 | -1): void {
    const pod = JSON.parse(Buffer.from(value).toString()) as Pod;
    const node = pod.spec.nodeName;
    if (!node) return;
    const used = (this.#usedMillis.get(node) ?? 0) + sign * (podRequests(pod).cpu ?? 0);
    this.#usedMillis.set(node, used);
    this.mostMillis = Math.max(this.mostMillis, used);
    if (node.startsWith("pooled-") !== (pod.metadata.namespace === "tenant")) this.outside++;
  }
}

/** From the first revision on, as the store tells it. */
async function checkHistory({ store }: TestCluster): Promise<UsageChecker> {
  const stop = new AbortController();
  const last = await store.revision();
  const checker = new UsageChecker();
  for await (const { events, revision } of store.watch("/registry/pods/", 0, stop.signal)) {
    for (const event of events) checker.take(event);
    if (revision >= last) break;
  }
  stop.abort();
  return checker;
}

describe("one state for schedulers of all kinds", () => {
  it("is never given away twice, and every conflict is counted", async () => {
    const cluster = await TestCluster.start({ components: [runScheduler, ...KINDS.map(optimistic)] });
    await cluster.apply(frameworkObject("spark"));
    cluster.run(offerFramework({ name: "spark", tasks: TASKS, cpu: `${POD_MILLIS}m` }));
    const labels = { [POOL_LABEL]: "tenant" };
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant", labels } });
    for (let index = 0; index < NODES; index++) {
      const isPooled = index < POOLED;
      const name = isPooled ? `pooled-${index}` : `node-${index}`;
      await cluster.addNodes(newNode(name, { cpu: `${CPU_MILLIS}m`, ...(isPooled && { labels }) }));
    }
    const names = ["default-scheduler", ...KINDS.map(({ name }) => name)];
    for (let index = 0; index < PODS; index++) {
      const isTenant = index % 4 === 0;
      const spec = { schedulerName: isTenant ? "default-scheduler" : (names[index % names.length] ?? "") };
      await cluster.apply(
        newPod(`p${index}`, { cpu: `${POD_MILLIS}m`, spec, ...(isTenant && { namespace: "tenant" }) }),
      );
      if (index % 50 === 0) await cluster.clock.advance(30);
    }
    for (let round = 0; round < 300; round++) {
      await cluster.clock.advance(500);
      const placed = (await cluster.list(pods)).filter(({ spec }) => spec.nodeName);
      if (placed.length === PODS + TASKS) break;
    }
    const { text } = await cluster.metrics.render();
    const placed = (await cluster.list(pods)).filter(({ spec }) => spec.nodeName);
    expect(placed).to.have.lengthOf(PODS + TASKS);
    const checked = await checkHistory(cluster);
    await cluster.stop();
    expect(checked.outside).to.equal(0);
    expect(checked.revisions).to.be.at.least(2 * PODS + TASKS);
    expect(checked.mostMillis).to.be.within(0.85 * CPU_MILLIS, CPU_MILLIS);
    for (const name of [...names, "framework/spark"]) {
      expect(text).to.contain(`kctl_placement_bindings_total{scheduler="${name}",outcome="bound"}`);
      expect(text).to.contain(`kctl_placement_conflict_fraction{scheduler="${name}"}`);
    }
    expect(text).to.match(/bindings_total\{scheduler="coarse",outcome="conflict"\} [1-9]/);
  });
});
