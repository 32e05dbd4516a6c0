// Pods for tests of volumes: what a container mounts under which path, in few words.

import type { PodSpec } from "../../api/core/pod.ts";
import type { VolumeSource } from "../../api/core/volume.ts";
import { telling, type PodCase, type SeenPod } from "../pod-spec/pod-case.ts";
import type { PodLab } from "../pod-spec/pod-lab.ts";

type Spec = Partial<PodSpec>;
export type VolumeMount = NonNullable<NonNullable<PodSpec["containers"][number]["volumeMounts"]>[number]>;

/** Of the node; made by the suite and removed with all that is in it. */
export const NODE_PLACE = `/tmp/gantry-volumes-${process.pid}`;

/** Volumes by their names. */
export const volumes = (sources: Readonly<Record<string, Partial<VolumeSource>>>): Pick<Spec, "volumes"> => ({
  volumes: Object.entries(sources).map(([name, source]) => ({ name, ...source })),
});

/** The volume `v` at the path /v. */
export const AT_V: VolumeMount = { name: "v", mountPath: "/v" };

/** A pod that tells what the script prints, with one volume at /v, and ends. */
export const looksInto = (source: Partial<VolumeSource>, script: string, more: Spec = {}): Spec => ({
  restartPolicy: "Never",
  ...volumes({ v: source }),
  containers: [telling(script, { volumeMounts: [AT_V] })],
  ...more,
});

/** A pod whose volume cannot be made, and what an event of it has to say. */
export function fails(title: string, source: Partial<VolumeSource>, message: string): PodCase {
  return {
    title,
    sees: [],
    spec: looksInto(source, "echo started"),
    until: () => true,
    check: ({ pod, lab }) => lab.event(pod.metadata.name, "FailedMount", message),
  };
}

/** The pod, when it has ended. */
export const lookAt = (lab: PodLab, name: string): Promise<SeenPod> =>
  lab.look({ title: "", sees: [], spec: {}, check: () => undefined }, name);
