// The cluster that a strategy is tried on: a real API server over the memory store, so that every placement is the transaction that
// it is in production. Beside it the history of placements, from which schedulers learn what they may know.

import assert from "node:assert/strict";
import { namespaces } from "../../api/core/namespace.ts";
import type { Node } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { POOL_LABEL } from "../../api/kctl-scheduling/pools.ts";
import { nodeAllocations } from "../../api/placement/node-allocation.ts";
import { PLACEMENTS_PATH, type PlacementRequest, type PlacementResponse } from "../../api/placement/placement.ts";
import { readAnswer } from "../../client/response-body.ts";
import { objectRequestBody } from "../../lib/http.ts";
import { PodInfo } from "../../scheduler/pod-info.ts";
import { addTo, amountsOf, type Amounts } from "../../scheduler/queues/amounts.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import type { Job, JobKind, TraceShape } from "./trace.ts";

/** A task came to a node, or left it. */
export interface Step {
  readonly task: PodInfo;
  /** Undefined: it left. */
  readonly node: string | undefined;
}

export interface Choice {
  readonly task: PodInfo;
  readonly node: string;
  /** What the node's allocation was when it was chosen; given where any change of it is a conflict. */
  readonly generation?: number;
}

export interface CellOptions {
  /** How many of the nodes are for batch alone; the others are for services. All are for both unless given. */
  readonly batchNodes?: number;
}

const KINDS: readonly JobKind[] = ["batch", "service"];
const SERVICE_PRIORITY = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: "service" },
  value: 1000,
};

export class Cell {
  readonly nodes: readonly Node[];
  /** In order. Grows. */
  readonly history: Step[] = [];
  /** What the tasks on each node ask for. */
  readonly requested: ReadonlyMap<string, Amounts>;
  /** The same, by whose tasks they are. */
  readonly requestedBy: Readonly<Record<JobKind, Amounts>> = { batch: {}, service: {} };
  readonly #cluster: TestCluster;
  readonly #nodeCpuMillis: number;
  readonly #nodeOf = new Map<string, string>();
  #made = 0;

  private constructor(cluster: TestCluster, nodes: readonly Node[], nodeCpuMillis: number) {
    this.#cluster = cluster;
    this.#nodeCpuMillis = nodeCpuMillis;
    this.nodes = nodes;
    this.requested = new Map(nodes.map(({ metadata }) => [metadata.name, {}]));
  }

  /** The caller owes a `stop`. */
  static async start({ nodes: count, nodeCpuMillis, nodeMemoryMi }: TraceShape, { batchNodes }: CellOptions) {
    const cluster = await TestCluster.start();
    const poolLabels = (pool: JobKind) => (batchNodes === undefined ? {} : { labels: { [POOL_LABEL]: pool } });
    for (const kind of KINDS) {
      await cluster.client.create(namespaces, { metadata: { name: kind, ...poolLabels(kind) }, spec: {} });
    }
    await cluster.apply(SERVICE_PRIORITY);
    const nodes = Array.from({ length: count }, (_, index) => {
      const labels = poolLabels(index < (batchNodes ?? 0) ? "batch" : "service");
      return newNode(`node-${index}`, { cpu: `${nodeCpuMillis}m`, memory: `${nodeMemoryMi}Mi`, ...labels });
    });
    await cluster.addNodes(...nodes);
    const stored = nodes.map((node) => asStored<Node>(node));
    return new Cell(cluster, stored, nodeCpuMillis);
  }

  async stop(): Promise<void> {
    await this.#cluster.stop();
  }

  get namespaces() {
    return this.#cluster.list(namespaces);
  }

  /** New tasks of the job, without a node. */
  async submit({ name, kind, cpuMillis, memoryMi }: Job, count: number): Promise<PodInfo[]> {
    const tasks: PodInfo[] = [];
    for (let index = 0; index < count; index++) {
      const pod = newPod(`${name}-${this.#made++}`, {
        namespace: kind,
        labels: { job: name },
        cpu: `${cpuMillis}m`,
        memory: `${memoryMi}Mi`,
        ...(kind === "service" && { spec: { priorityClassName: kind } }),
      });
      tasks.push(new PodInfo(await this.#cluster.client.create(pods, pod)));
    }
    return tasks;
  }

  /** One placement request. Returns those that were refused. */
  async place(choices: readonly Choice[], options: Omit<PlacementRequest, "bindings">): Promise<readonly Choice[]> {
    const bindings = choices.map(({ task: { pod, uid }, node, generation }) => ({
      namespace: pod.metadata.namespace ?? "",
      name: pod.metadata.name,
      uid,
      node,
      ...(generation !== undefined && { generation }),
    }));
    const response = await this.#cluster.client.raw({
      method: "POST",
      path: PLACEMENTS_PATH,
      headers: { accept: "application/json", "content-type": "application/json" },
      body: objectRequestBody({ ...options, bindings }),
    });
    const { results } = (await readAnswer(response)) as PlacementResponse;
    const refused = choices.filter((choice, index) => {
      const { bound = false, status } = results[index] ?? {};
      if (!bound && status?.reason !== "Conflict") throw new Error(`a placement failed: ${status?.message}`);
      if (bound) this.#note(choice.task, choice.node);
      return !bound;
    });
    const isPartial = refused.length > 0 && refused.length < choices.length;
    assert(options.mode === "Incremental" || !isPartial, "a gang was placed in part");
    return refused;
  }

  isPlaced({ uid }: PodInfo): boolean {
    return this.#nodeOf.has(uid);
  }

  /** The task leaves its node, and is gone. */
  async end(task: PodInfo): Promise<void> {
    const { name, namespace } = task.pod.metadata;
    await this.#cluster.client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0 });
    this.#note(task, undefined);
  }

  async generations(): Promise<ReadonlyMap<string, number>> {
    const found = await this.#cluster.list(nodeAllocations);
    return new Map(found.map(({ metadata, generation }) => [metadata.name, generation]));
  }

  #note(task: PodInfo, node: string | undefined): void {
    const there = node ?? this.#nodeOf.get(task.uid) ?? "";
    if (node === undefined) this.#nodeOf.delete(task.uid);
    else this.#nodeOf.set(task.uid, node);
    for (const sum of [this.requested.get(there), this.requestedBy[task.namespace as JobKind]]) {
      addTo(sum ?? {}, amountsOf(task.pod), node === undefined ? -1 : 1);
    }
    assert((this.requested.get(there)?.cpu ?? 0) <= this.#nodeCpuMillis, `${there} was given more than it has`);
    this.history.push({ task, node });
  }
}
