// Changing what a running container may use: whether the node has room for it, and whether the container has it already. Pure.

import type { Container } from "../api/core/container.ts";
import { containerStatusOf, isPodActive, isSidecar } from "../api/core/pod-state.ts";
import { podRequests, resourceAmounts } from "../api/core/pod-resources.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import type { Pod, PodSpec } from "../api/core/pod.ts";
import { deepEqual } from "../lib/deep-equal.ts";
import { buildLimits } from "./container-spec.ts";
import type { ResizeObstacle } from "./pod-state.ts";
import { asGiven } from "./runtimes/given-resources.ts";
import type { RuntimeContainer } from "./runtimes/runtime.ts";

const RESIZED = ["cpu", "memory"] as const;
type ResizedResource = (typeof RESIZED)[number];

/** The pod asks for something else than what its node has given it. */
export function wantsResize({ spec, status }: Pod): boolean {
  return listResizable(spec).some((container) => {
    const given = givenTo(status, container);
    return given !== undefined && !deepEqual(amountsOf(given), amountsOf(container.resources?.requests));
  });
}

const amountsOf = (quantities: Readonly<Record<string, string>> | undefined) => {
  const { cpu = 0, memory = 0 } = resourceAmounts(quantities);
  return { cpu, memory };
};

/** Undefined: nothing has been given yet. */
const givenTo = (status: PodStatus, { name }: Container) => containerStatusOf({ status }, name)?.allocatedResources;

/** What runs as long as the pod does. */
const listResizable = ({ initContainers = [], containers }: PodSpec): readonly Container[] => [
  ...initContainers.filter(isSidecar),
  ...containers,
];

/** `others`: the other pods of the node. Undefined: the pod gets it. */
export function judgeResize(
  pod: Pod,
  { allocatable, others }: { readonly allocatable: Readonly<Record<string, string>>; readonly others: readonly Pod[] },
): ResizeObstacle | undefined {
  if (!wantsResize(pod)) return undefined;
  const capacity = resourceAmounts(allocatable);
  const wanted = podRequests({ spec: pod.spec });
  const short = RESIZED.map((resource) => {
    const [requested, has] = [wanted[resource] ?? 0, capacity[resource] ?? 0];
    const used = others.filter(isPodActive).reduce((sum, each) => sum + (givenRequests(each)[resource] ?? 0), 0);
    return { resource, requested, used, has };
  });
  const never = short.find(({ requested, has }) => requested > has);
  if (never) {
    const { resource, requested, has } = never;
    const message = `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${has}`;
    return { reason: "Infeasible", message };
  }
  const later = short.find(({ requested, used, has }) => requested + used > has);
  if (!later) return undefined;
  const { resource, requested, used, has } = later;
  const figures = `requested: ${requested}, used: ${used}, capacity: ${has}`;
  return { reason: "Deferred", message: `Node didn't have enough resource: ${resource}, ${figures}` };
}

/** With what its node has given the pod, and not what it would like. */
function givenRequests({ spec, status }: Pod): Readonly<Record<string, number>> {
  const granted = (container: Container): Container => {
    const given = givenTo(status, container);
    return given ? { ...container, resources: { ...container.resources, requests: given } } : container;
  };
  const initContainers = spec.initContainers?.map((each) => (isSidecar(each) ? granted(each) : each));
  return podRequests({ spec: { ...spec, initContainers, containers: spec.containers.map(granted) } });
}

/**
 * What of the container's resources it does not have yet. Only what was changed since they were reported: a machine whose
 * kernel cannot limit something would be asked for it again and again. Nothing where the runtime cannot limit containers.
 */
export function pendingChanges(
  { status }: Pick<Pod, "status">,
  container: Container,
  running: Pick<RuntimeContainer, "given">,
): readonly ResizedResource[] {
  const { given } = running;
  const reported = containerStatusOf({ status }, container.name)?.resources;
  if (!given || !reported || isSame(reported, container.resources)) return [];
  const wanted = asGiven(buildLimits(container));
  const isCpuSame = wanted.cpuShares === given.cpuShares && wanted.cpuMillisLimit === given.cpuMillisLimit;
  const isMemorySame = wanted.memoryBytesLimit === given.memoryBytesLimit;
  return RESIZED.filter((resource) => !(resource === "cpu" ? isCpuSame : isMemorySame));
}

const isSame = (a: Container["resources"], b: Container["resources"]): boolean =>
  (["requests", "limits"] as const).every((field) => deepEqual(amountsOf(a?.[field]), amountsOf(b?.[field])));

export const needsRestart = ({ resizePolicy = [] }: Container, changes: readonly ResizedResource[]): boolean =>
  resizePolicy.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === "RestartContainer" && changes.some((change) => change === resourceName),
  );
