// What a pod asks for and what class of service that earns it. Scheduler, API server and kubelet must agree on both, so
// they are computed here only, as Kubernetes computes them.

import { findCondition } from "../meta/condition-list.ts";
import { containerStatusOf, isSidecar } from "./pod-state.ts";
import type { Container, ResourceRequirements } from "./container.ts";
import type { Pod } from "./pod.ts";
import { milliValue, parseQuantity, quantityValue } from "../meta/quantity.ts";

/** Amounts by resource name: thousandths of a core for `cpu`, whole units (bytes, pieces) for all others, rounded up. */
export type ResourceAmounts = Readonly<Record<string, number>>;

type ResourceList = Readonly<Record<string, string>>;

export function resourceAmounts(quantities: ResourceList | undefined): ResourceAmounts {
  const amounts: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(quantities ?? {})) amounts[name] = amountOf(name, quantity);
  return amounts;
}

/** Most amounts in manifests; they are read without exact arithmetic, which they do not need. */
const PLAIN = /^(\d{1,6})(m|Ki|Mi|Gi)?$/;
const SCALES: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

function amountOf(name: string, text: string): number {
  const [, digits, suffix] = PLAIN.exec(text) ?? [];
  if (digits && suffix !== "m")
    return Number(digits) * (suffix ? (SCALES[suffix] ?? 1) : 1) * (name === "cpu" ? 1000 : 1);
  if (digits && name === "cpu") return Number(digits);
  const quantity = parseQuantity(text);
  return name === "cpu" ? milliValue(quantity) : quantityValue(quantity);
}

/** A pod that runs, or is being made, with what its node says it has been given. */
type RequestingPod = Pick<Pod, "spec"> & Partial<Pick<Pod, "status">>;

/**
 * The requests that the scheduler must find room for. Containers and sidecars run together; each other init container
 * runs alone beside the sidecars started before it, so the larger of the two counts. Requests of the pod as a whole take
 * the place of the containers'. The overhead of the pod's runtime class comes on top. While a container is being resized it
 * counts with the larger of what it asks for and what it has. `standIns` are amounts for containers that do not say.
 */
export function podRequests(pod: RequestingPod, standIns?: ResourceAmounts): ResourceAmounts {
  const { containers = [], initContainers = [], overhead, resources } = pod.spec;
  const requestsOf = (container: Container) => ({ ...standIns, ...containerRequests(pod, container) });
  const total = {};
  const sidecars = {};
  const initPeak = {};
  for (const container of containers) add(total, requestsOf(container));
  for (const container of initContainers) {
    const requests = requestsOf(container);
    if (isSidecar(container)) {
      add(total, requests);
      add(sidecars, requests);
      raise(initPeak, sidecars);
    } else {
      raise(initPeak, add({ ...sidecars }, requests));
    }
  }
  raise(total, initPeak);
  Object.assign(total, resourceAmounts(resources?.requests));
  return add(total, resourceAmounts(overhead));
}

/**
 * The requests that the pod's node has granted it: what a container asks for beyond what it was given is left out until its
 * node gives it that.
 */
export const grantedRequests = (pod: RequestingPod): ResourceAmounts =>
  podRequests({ ...pod, spec: { ...pod.spec, containers: pod.spec.containers.map((each) => granted(pod, each)) } });

function granted({ status }: RequestingPod, container: Container): Container {
  const given = status && containerStatusOf({ status }, container.name);
  const requests = given?.resources && (given.allocatedResources ?? given.resources.requests);
  return requests ? { ...container, resources: { ...container.resources, requests } } : container;
}

/** A resize that the node can never grant asks for nothing. Init containers that end are not resized. */
function containerRequests({ spec, status }: RequestingPod, container: Container): ResourceAmounts {
  const asked = resourceAmounts(container.resources?.requests);
  if (!status?.containerStatuses && !status?.initContainerStatuses) return asked;
  if (spec.initContainers?.includes(container) && !isSidecar(container)) return asked;
  const given = containerStatusOf({ status }, container.name);
  if (!given?.resources) return asked;
  const amounts = { ...resourceAmounts(given.resources.requests) };
  raise(amounts, resourceAmounts(given.allocatedResources));
  if (!isResizeInfeasible({ status })) raise(amounts, asked);
  return amounts;
}

/** The node can never give what is asked for. */
export const isResizeInfeasible = ({ status }: Pick<Pod, "status">): boolean =>
  findCondition(status.conditions, "PodResizePending")?.reason === "Infeasible";

function add(sum: Record<string, number>, amounts: ResourceAmounts): Record<string, number> {
  for (const [name, amount] of Object.entries(amounts)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

function raise(peak: Record<string, number>, amounts: ResourceAmounts): void {
  for (const [name, amount] of Object.entries(amounts)) peak[name] = Math.max(peak[name] ?? 0, amount);
}

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const QOS_RESOURCES = ["cpu", "memory"];

/**
 * Guaranteed: every container has limits for CPU and memory, and requests as much. BestEffort: no container asks for or
 * limits either. Burstable: all others. It decides which pods a node that runs out of memory gives up first.
 */
export function qosClassOf(pod: Pick<Pod, "spec">): QosClass {
  const { containers = [], initContainers = [], resources } = pod.spec;
  const isPodLevel = resources?.requests !== undefined || resources?.limits !== undefined;
  const all = isPodLevel ? [resources] : [...containers, ...initContainers].map((each) => each.resources ?? {});
  const asked = all.map((each) => ({ requests: qosAmounts(each.requests), limits: qosAmounts(each.limits) }));
  if (asked.every(({ requests, limits }) => isEmpty(requests) && isEmpty(limits))) return "BestEffort";
  return asked.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

function qosAmounts(quantities: ResourceRequirements["requests"]): ResourceAmounts {
  const amounts = resourceAmounts(quantities);
  return Object.fromEntries(
    Object.entries(amounts).filter(([name, amount]) => QOS_RESOURCES.includes(name) && amount > 0),
  );
}

const isEmpty = (amounts: ResourceAmounts) => Object.keys(amounts).length === 0;

function isGuaranteed({ requests, limits }: { requests: ResourceAmounts; limits: ResourceAmounts }): boolean {
  return QOS_RESOURCES.every((name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name]);
}
