// Whether a pod has more on the node's disk than it may: its empty directories, its containers, and all of it together.
// In Kubernetes' order and words. Pure.

import type { Pod } from "../../api/core/pod.ts";
import { isSidecar } from "../../api/core/pod-state.ts";
import type { Volume } from "../../api/core/volume.ts";
import { addQuantities, compareQuantities, parseQuantity, renderQuantity } from "../../api/meta/quantity.ts";
import { quantityOf, quantityValue, type Quantity } from "../../api/meta/quantity.ts";
import { IMMEDIATE_GRACE_SECONDS, type Eviction } from "./eviction.ts";

/** What a pod has on the node's disk, in bytes. What could not be measured is missing. */
export interface PodDiskUsage {
  /** By the volumes' names. */
  readonly volumes: ReadonlyMap<string, number>;
  /** Files that the kubelet gave the pod, such as its /etc/hosts and its containers' last words, with what was written into them. */
  readonly given: number;
  /** What containers have written outside of volumes, and their logs; by their names. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Whether anything of the pod has to be measured. */
export function hasStorageLimit(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some((volume) => sizeLimitOf(volume) !== undefined) || podLimit(pod) !== undefined;
}

/** Volumes that are the pod's own use of the node's disk. One in memory is held by its size. */
export function countedVolumes({ spec }: Pod): readonly string[] {
  const counts = ({ emptyDir, configMap }: Volume) => configMap ?? (emptyDir && (emptyDir.medium ?? "") === "");
  return (spec.volumes ?? []).filter(counts).map(({ name }) => name);
}

/** Undefined: the pod keeps within its limits. */
export function judgeStorage(pod: Pod, usage: PodDiskUsage): Eviction | undefined {
  const message = judgeVolumes(pod, usage) ?? judgePod(pod, usage) ?? judgeContainers(pod, usage);
  return message === undefined ? undefined : { message, graceSeconds: IMMEDIATE_GRACE_SECONDS, isDisruption: false };
}

function judgeVolumes({ spec }: Pod, { volumes }: PodDiskUsage): string | undefined {
  const full = (spec.volumes ?? []).find((volume) => exceeds(volumes.get(volume.name), sizeLimitOf(volume)));
  const limit = full && sizeLimitOf(full);
  return limit && `Usage of EmptyDir volume "${full.name}" exceeds the limit "${renderQuantity(limit)}". `;
}

function judgePod(pod: Pod, { volumes, given, containers }: PodDiskUsage): string | undefined {
  const counted = countedVolumes(pod).map((name) => volumes.get(name) ?? 0);
  const used = [...counted, given, ...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
  const limit = podLimit(pod);
  if (!limit || !exceeds(used, limit)) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${renderQuantity(limit)}. `;
}

function judgeContainers({ spec }: Pod, { containers }: PodDiskUsage): string | undefined {
  const full = spec.containers.find((each) => exceeds(containers.get(each.name), storageLimit(each)));
  const limit = full && storageLimit(full);
  return limit && `Container ${full.name} exceeded its local ephemeral storage limit "${renderQuantity(limit)}". `;
}

const exceeds = (bytes: number | undefined, limit: Quantity | undefined): boolean =>
  bytes !== undefined && limit !== undefined && compareQuantities(quantityOf(bytes), limit) > 0;

/** A limit of 0 is none. */
function sizeLimitOf({ emptyDir }: Volume): Quantity | undefined {
  return emptyDir?.sizeLimit === undefined ? undefined : positive(parseQuantity(emptyDir.sizeLimit));
}

type Limited = Pick<Pod["spec"]["containers"][number], "resources">;

function ownLimit({ resources }: Limited): Quantity | undefined {
  const limit = resources?.limits?.["ephemeral-storage"];
  return limit === undefined ? undefined : parseQuantity(limit);
}

function storageLimit(container: Limited): Quantity | undefined {
  const limit = ownLimit(container);
  return limit && positive(limit);
}

const positive = (limit: Quantity): Quantity | undefined => (quantityValue(limit) > 0 ? limit : undefined);

/** Of all that runs at the same time; containers without a limit add nothing. Undefined where none has one. */
function podLimit({ spec }: Pod): Quantity | undefined {
  const inits = spec.initContainers ?? [];
  const together = sum([...spec.containers, ...inits.filter(isSidecar)].map(ownLimit));
  const alone = inits
    .filter((each) => !isSidecar(each))
    .map((each, index) => {
      const before = inits.slice(0, inits.indexOf(each, index)).filter(isSidecar);
      return sum([...before, each].map(ownLimit));
    });
  return [together, ...alone].reduce((most, each) =>
    most && each && compareQuantities(most, each) >= 0 ? most : (each ?? most),
  );
}

function sum(limits: readonly (Quantity | undefined)[]): Quantity | undefined {
  return limits.reduce((total, limit) => (total && limit ? addQuantities(total, limit) : (total ?? limit)), undefined);
}
