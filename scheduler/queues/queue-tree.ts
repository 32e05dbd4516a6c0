// The tree of queues with what each guarantees, may have at most, and uses: the arithmetic of shares. A queue's use includes
// that of the queues below it. Owned by the scheduler's loop; charging costs a step for each level.

import { resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Queue } from "../../api/kctl-scheduling/queue.ts";
import { addTo, renderAmount, sumOf, type Amounts } from "./amounts.ts";

export interface QueueNode {
  readonly name: string;
  readonly queue: Queue;
  readonly parent: QueueNode | undefined;
  readonly children: readonly QueueNode[];
  /** From the root down, this node last. */
  readonly path: readonly QueueNode[];
  readonly guarantee: ResourceAmounts;
  readonly max: ResourceAmounts;
  /** Of pods that have a node, also of those on their way to one. */
  readonly used: Amounts;
  /** Of pods that room is being kept for. */
  readonly kept: Amounts;
}

/** What is wrong with a queue, so that it starts no pods. */
export interface QueueProblem {
  readonly reason: string;
  readonly message: string;
}

interface MutableNode extends QueueNode {
  guarantee: ResourceAmounts;
  readonly children: MutableNode[];
}

export class QueueTree {
  readonly #nodes = new Map<string, MutableNode>();
  readonly #problems = new Map<string, QueueProblem>();
  readonly roots: readonly QueueNode[];

  /** `capacity`: of the whole cluster, which percentages are a part of. */
  constructor(queues: readonly Queue[], capacity: ResourceAmounts) {
    const byName = new Map(queues.map((queue) => [queue.metadata.name, queue]));
    const roots: MutableNode[] = [];
    for (const queue of queues) {
      const problem = problemOf(queue, byName);
      if (problem) this.#problems.set(queue.metadata.name, problem);
      else this.#add(queue, byName, roots);
    }
    for (const root of roots) setGuarantees(root, capacity);
    for (const node of this.#nodes.values()) this.#checkChildren(node);
    this.roots = roots;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** The queues that pods can be in. */
  get leaves(): readonly QueueNode[] {
    return [...this.#nodes.values()].filter(({ children }) => children.length === 0);
  }

  /** Undefined also for a queue whose place in the tree is not known. */
  find(name: string): QueueNode | undefined {
    return this.#nodes.get(name);
  }

  /** Why the queue is not as it should be; undefined: it is. Some problems do not keep it from starting pods. */
  problem(name: string): QueueProblem | undefined {
    return this.#problems.get(name);
  }

  /** Why the queue starts no pods at all; undefined: it does. */
  closed(name: string): string | undefined {
    const node = this.#nodes.get(name);
    if (!node) return this.#problems.get(name)?.message ?? `there is no queue ${JSON.stringify(name)}`;
    if (node.children.length > 0) return `queue "${name}" has queues below it: pods are only in those that have none`;
    const shut = node.path.find(({ queue }) => queue.spec.state === "Closed" || queue.metadata.deletionTimestamp);
    return shut && `queue "${shut.name}" is closed`;
  }

  #add(queue: Queue, byName: ReadonlyMap<string, Queue>, roots: MutableNode[]): MutableNode {
    const { name } = queue.metadata;
    const known = this.#nodes.get(name);
    if (known) return known;
    const above = queue.spec.parent === undefined ? undefined : byName.get(queue.spec.parent);
    const parent = above && this.#add(above, byName, roots);
    const path: QueueNode[] = [...(parent?.path ?? [])];
    const base = { name, queue, parent, path, children: [], guarantee: {}, used: {}, kept: {} };
    const node: MutableNode = { ...base, max: resourceAmounts(queue.spec.max) };
    path.push(node);
    this.#nodes.set(name, node);
    (parent?.children ?? roots).push(node);
    return node;
  }

  #checkChildren(node: QueueNode): void {
    const sum = sumOf(node.children.map(({ guarantee }) => guarantee));
    const above = Object.entries(node.guarantee).find(([name, amount]) => (sum[name] ?? 0) > amount);
    if (!above) return;
    const [name, amount] = above;
    const total = renderAmount(name, sum[name] ?? 0);
    this.#problems.set(node.name, {
      reason: "GuaranteesExceedOwn",
      message: `the queues below guarantee ${total} of ${name} together, more than the ${renderAmount(name, amount)} of this queue; what they lack is not reclaimed from other queues`,
    });
  }
}

function problemOf(queue: Queue, byName: ReadonlyMap<string, Queue>): QueueProblem | undefined {
  const seen: string[] = [queue.metadata.name];
  for (let parent = queue.spec.parent; parent !== undefined; parent = byName.get(parent)?.spec.parent) {
    if (!byName.has(parent)) {
      const message = `queue "${seen.at(-1)}" is a part of queue "${parent}", which does not exist`;
      return { reason: "ParentMissing", message };
    }
    if (seen.includes(parent)) {
      return { reason: "ParentCycle", message: `queues are parts of each other: ${[...seen, parent].join(" of ")}` };
    }
    seen.push(parent);
  }
  return undefined;
}

/** Percentages of roots are parts of the cluster; a queue that says nothing guarantees what the queues below it do. */
function setGuarantees(node: MutableNode, whole: ResourceAmounts): void {
  const { guarantee, guaranteePercent } = node.queue.spec;
  if (guaranteePercent !== undefined) node.guarantee = partOf(whole, guaranteePercent);
  else if (guarantee) node.guarantee = resourceAmounts(guarantee);
  for (const child of node.children) setGuarantees(child, node.guarantee);
  const isSilent = guarantee === undefined && guaranteePercent === undefined;
  if (isSilent) node.guarantee = sumOf(node.children.map((child) => child.guarantee));
}

const partOf = (whole: ResourceAmounts, percent: number): ResourceAmounts =>
  Object.fromEntries(Object.entries(whole).map(([name, amount]) => [name, Math.floor((amount * percent) / 100)]));

/** The most that the queue may have of the resource. */
export function maxOf({ max, queue }: QueueNode, capacity: ResourceAmounts, resource: string): number {
  const { maxPercent } = queue.spec;
  if (maxPercent !== undefined) return Math.floor(((capacity[resource] ?? 0) * maxPercent) / 100);
  return max[resource] ?? Infinity;
}

/** Resources that a queue with a guarantee does not name are not shared out by it; one without guarantees has none of anything. */
export function guaranteeOf({ guarantee }: QueueNode, resource: string): number {
  return guarantee[resource] ?? (Object.keys(guarantee).length > 0 ? Infinity : 0);
}

export type Ledger = "used" | "kept";

/** To all queues from the leaf up. */
export function charge(leaf: QueueNode, ledger: Ledger, amounts: ResourceAmounts): void {
  for (const node of leaf.path) addTo(node[ledger], amounts, 1);
}

export function discharge(leaf: QueueNode, ledger: Ledger, amounts: ResourceAmounts): void {
  for (const node of leaf.path) addTo(node[ledger], amounts, -1);
}

export const totalOf = ({ used, kept }: QueueNode, resource: string): number =>
  (used[resource] ?? 0) + (kept[resource] ?? 0);
