// Jobs for tests, and the pods that run for them: a test says how each pod ends.

import { jobs, type Job, type JobSpec } from "../api/batch/job.ts";
import { isPodActive } from "../api/core/pod-state.ts";
import type { PodCondition, PodStatus } from "../api/core/pod-status.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { isConditionTrue } from "../api/meta/condition-list.ts";
import { formatKey, keyOf, type NewObject } from "../api/meta/object.ts";
import { formatTime } from "../lib/clock.ts";
import { newPod } from "./builders.ts";
import type { TestCluster } from "./cluster.ts";

/** A job `work` of pods that are never restarted. */
export function newJob(spec: Partial<JobSpec> = {}, name = "work"): NewObject<Job> {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default" },
    spec: { template: { spec: { ...newPod("x").spec, restartPolicy: "Never" } }, ...spec },
  };
}

export const indexed = (completions: number, spec: Partial<JobSpec> = {}): NewObject<Job> =>
  newJob({ completionMode: "Indexed", completions, parallelism: completions, ...spec });

const INDEX = "batch.kubernetes.io/job-completion-index";
export const indexOfPod = ({ metadata }: Pod): string => metadata.annotations?.[INDEX] ?? "none";

/** Looks at a cluster with jobs in it, and ends their pods. */
export class JobScene {
  readonly cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.cluster = cluster;
  }

  async start(job: NewObject<Job>): Promise<void> {
    await this.cluster.apply(job);
    await this.cluster.settle();
  }

  job(name = "work"): Promise<Job> {
    return this.cluster.get(jobs, name);
  }

  async status(name = "work"): Promise<Job["status"]> {
    return (await this.job(name)).status;
  }

  /** Conditions that hold, with their reasons. */
  async conditions(name = "work"): Promise<readonly string[]> {
    const { conditions = [] } = await this.status(name);
    return conditions
      .filter(({ type }) => isConditionTrue(conditions, type))
      .map((each) => `${each.type} ${each.reason}`);
  }

  async patch(spec: object, name = "work"): Promise<void> {
    const key = { namespace: "default", name };
    await this.cluster.client.patch(jobs, key, { type: "merge", patch: { spec } });
    await this.cluster.settle();
  }

  pods(): Promise<readonly Pod[]> {
    return this.cluster.list(pods);
  }

  async active(): Promise<readonly Pod[]> {
    return (await this.pods()).filter(isPodActive);
  }

  async activeIndexes(): Promise<string> {
    return (await this.active()).map(indexOfPod).sort().join(" ");
  }

  /** Ends so many of the active pods, and lets everybody react. */
  async end(phase: "Succeeded" | "Failed", count = 1, more: PodStatus = {}): Promise<void> {
    const some = (await this.active()).slice(0, count);
    for (const pod of some) await this.#endOne(pod, phase, more);
    await this.cluster.settle();
  }

  async endIndex(index: number, phase: "Succeeded" | "Failed", more: PodStatus = {}): Promise<void> {
    const found = (await this.active()).find((pod) => indexOfPod(pod) === String(index));
    if (!found) throw new Error(`no active pod has the index ${index}`);
    await this.#endOne(found, phase, more);
    await this.cluster.settle();
  }

  async #endOne(pod: Pod, phase: "Succeeded" | "Failed", more: PodStatus): Promise<void> {
    const time = formatTime(this.cluster.clock.now());
    const ready: PodCondition = { type: "Ready", status: "False", lastTransitionTime: time };
    const conditions = [ready, ...(more.conditions ?? [])];
    await this.cluster.setStatus(pods, formatKey(keyOf(pod)), { phase, ...more, conditions });
  }
}

/** The status of a pod whose container `main` has ended so. */
export const exited = (exitCode: number): PodStatus => ({
  containerStatuses: [
    {
      name: "main",
      image: "registry.test/app:1",
      imageID: "",
      ready: false,
      restartCount: 0,
      lastState: {},
      state: { terminated: { exitCode } },
    },
  ],
});
