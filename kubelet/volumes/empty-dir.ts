// An empty directory that lives as long as the pod does, on the node's disk or in its memory.

import { promises as fs } from "node:fs";
import { qosClassOf, resourceAmounts } from "../../api/core/pod-resources.ts";
import type { Pod } from "../../api/core/pod.ts";
import { parseQuantity, quantityValue } from "../../api/meta/quantity.ts";
import { mountMemory } from "./memory-mount.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

export const emptyDirVolume: VolumePlugin = {
  source: "emptyDir",
  path: (_volume, directory) => directory,
  async setUp({ emptyDir = {} }, context) {
    const { directory, pod, facts } = context;
    const { medium = "", sizeLimit } = emptyDir;
    if (medium !== "" && medium !== "Memory") throw new Error(`unknown storage medium "${medium}"`);
    await fs.mkdir(directory, { recursive: true });
    const sizeBytes = memorySize(pod, { sizeLimit, allocatable: facts.allocatable.memory });
    if (medium === "Memory" && !(await mountMemory(context, sizeBytes))) {
      throw new Error("a volume in memory needs the right to mount, which this kubelet does not have");
    }
    const group = pod.spec.securityContext?.fsGroup;
    if (group !== undefined) await fs.chown(directory, -1, group);
    await fs.chmod(directory, group === undefined ? 0o777 : 0o2777);
  },
};

/** The least of what the volume, the pod and the node may have. Undefined where none of them is bounded. */
export function memorySize(
  pod: Pod,
  bounds: { readonly sizeLimit: string | undefined; readonly allocatable: string | undefined },
): number | undefined {
  const { sizeLimit, allocatable } = bounds;
  const bytes = [sizeLimit, allocatable].map((text) => (text === undefined ? 0 : quantityValue(parseQuantity(text))));
  const given = [...bytes, podMemoryLimit(pod)].filter((each) => each > 0);
  return given.length === 0 ? undefined : Math.min(...given);
}

/** 0: a container without a limit leaves the pod without one. */
function podMemoryLimit(pod: Pod): number {
  if (qosClassOf(pod) === "BestEffort") return 0;
  const { containers, initContainers = [] } = pod.spec;
  const limitOf = (each: (typeof containers)[number]) => resourceAmounts(each.resources?.limits).memory ?? 0;
  if (![...containers, ...initContainers].every((each) => limitOf(each) > 0)) return 0;
  const together = containers.reduce((sum, each) => sum + limitOf(each), 0);
  return Math.max(together, ...initContainers.map(limitOf));
}
