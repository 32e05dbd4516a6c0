// A test of fields of PodSpec, as data: the pod, when to look, and what must be seen. Pods tell what they see from inside in
// their last words, so that looking needs nothing but the API.

import type { PodSpec } from "../../api/core/pod.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Container } from "../../api/core/container.ts";
import type { PodLab } from "./pod-lab.ts";

export const IMAGE = "busybox:local";

/** Stand in a spec for what is only known when the cluster runs. */
export const THIS_NODE = "@node@";
export const THIS_REGISTRY = "@registry@";
/** On the node; what is mounted below it later can be passed on. */
export const SHARED_DIRECTORY = `/tmp/gantry-pod-spec-${process.pid}`;

export interface PodCase {
  /** A sentence. */
  readonly title: string;
  /** The fields, as `Type.field`, whose effect or refusal is seen. */
  readonly sees: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: Partial<PodSpec>;
  /** It has come so far that it can be looked at; that it has ended, unless given. */
  readonly until?: (pod: Pod) => boolean;
  /** What it gives back is nothing but waited for. */
  check(seen: SeenPod): unknown;
}

/** A pod that the API server must refuse. */
export interface RefusedCase {
  readonly title: string;
  readonly sees: readonly string[];
  readonly spec: Partial<PodSpec>;
  /** A part of the answer. */
  readonly message: string;
}

export interface SeenPod {
  readonly pod: Pod;
  readonly lab: PodLab;
  /** The last words of a container, its first unless named. */
  said(container?: string): string;
}

type ContainerDraft = Partial<Container>;

/** A container that runs a script. */
export const shell = (script: string, more: ContainerDraft = {}): Container => ({
  name: "main",
  image: IMAGE,
  command: ["sh", "-c", script],
  resources: {},
  ...more,
});

/** A container whose last words are what the script prints. */
export const telling = (script: string, more: ContainerDraft = {}): Container =>
  shell(`{ ${script}; } > /dev/termination-log 2>&1`, more);

/** A pod that tells something and ends. */
export const tells = (script: string, more: ContainerDraft = {}): Partial<PodSpec> => ({
  restartPolicy: "Never",
  containers: [telling(script, more)],
});

export const SLEEPS = "trap 'exit 0' TERM; while :; do sleep 0.2; done";

export const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
export const hasFailed = ({ status }: Pod): boolean => status.phase === "Failed";
export const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];
export const waitsFor =
  (reason: string) =>
  (pod: Pod): boolean =>
    [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].some(
      ({ state }) => state.waiting?.reason === reason,
    );
