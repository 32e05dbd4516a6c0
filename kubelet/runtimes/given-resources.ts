// What the kernel makes of the resources that a container is to have: 1024 shares a CPU, at least 2; at least 1 of 100 ms.

import type { ContainerResources, GivenResources } from "./runtime.ts";

/** In the form in which runtimes tell what a container has: rounded as the kernel takes it. */
export const asGiven = (resources: ContainerResources): GivenResources => ({
  cpuShares: Math.max(2, Math.floor(((resources.cpuMillisRequest ?? 0) * 1024) / 1000)),
  cpuMillisLimit: resources.cpuMillisLimit ? Math.max(10, resources.cpuMillisLimit) : 0,
  memoryBytesLimit: resources.memoryBytesLimit ?? 0,
});
