// A builder of StatefulSets, and what their tests ask of a cluster.

import type { StatefulSet, StatefulSetSpec } from "../api/apps/stateful-set.ts";
import { statefulSets } from "../api/apps/stateful-set.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import type { NewObject } from "../api/meta/object.ts";
import { newPod } from "./builders.ts";
import type { TestCluster } from "./cluster.ts";
import { newClaim } from "./storage-builders.ts";

const labels = { app: "web" };

type SpecPart = Omit<Partial<StatefulSetSpec>, "updateStrategy" | "persistentVolumeClaimRetentionPolicy"> & {
  readonly updateStrategy?: Partial<StatefulSetSpec["updateStrategy"]>;
  readonly persistentVolumeClaimRetentionPolicy?: Partial<StatefulSetSpec["persistentVolumeClaimRetentionPolicy"]>;
};

/** `web` of so many pods that carry `app: web`. */
export function newStatefulSet(replicas: number, spec: SpecPart = {}, image = "app:1"): NewObject<StatefulSet> {
  return {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      serviceName: "peers",
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: newPod("x", { image }).spec },
      ...spec,
    } as StatefulSetSpec,
  };
}

/** Each pod of such a set has a claim `data-web-N`. */
export const claimTemplates = { volumeClaimTemplates: [newClaim("data", { metadata: { namespace: undefined } })] } as {
  readonly volumeClaimTemplates: StatefulSetSpec["volumeClaimTemplates"];
};

const WEB = { namespace: "default", name: "web" };

export class StatefulSetProbe {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  set(): Promise<StatefulSet> {
    return this.#cluster.get(statefulSets, "web");
  }

  async status(): Promise<StatefulSet["status"]> {
    return (await this.set()).status;
  }

  async names(): Promise<readonly string[]> {
    return (await this.#cluster.list(pods)).map(({ metadata }) => metadata.name).sort();
  }

  async images(): Promise<readonly (string | undefined)[]> {
    const all = await this.#cluster.list(pods);
    return [...all].sort(byName).map(({ spec }) => spec.containers[0]?.image);
  }

  async change(spec: object): Promise<void> {
    await this.#cluster.client.patch(statefulSets, WEB, { type: "strategic", patch: { spec } });
    await this.#cluster.settle();
  }

  setImage(image: string): Promise<void> {
    return this.change({ template: { spec: { containers: [{ name: "main", image }] } } });
  }

  /** As the kubelet would, after a probe. */
  async setReady(name: string, status: "True" | "False"): Promise<void> {
    const conditions = [{ type: "Ready", status, lastTransitionTime: "2026-01-01T00:00:00Z" }];
    await this.#cluster.setStatus(pods, name, { conditions });
    await this.#cluster.settle();
  }

  /** What happens to pods from now on, in order: `+web-0` when it is made, `-web-0` when it is gone. */
  async journal(): Promise<{ readonly entries: readonly string[]; stop(): void }> {
    const entries: string[] = [];
    const stop = new AbortController();
    const { resourceVersion } = await this.#cluster.client.list(pods);
    const watch = async () => {
      for await (const event of this.#cluster.client.watch(pods, { resourceVersion, signal: stop.signal })) {
        if (event.type === "ADDED") entries.push(`+${event.object.metadata.name}`);
        if (event.type === "DELETED") entries.push(`-${event.object.metadata.name}`);
      }
    };
    void watch().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    return { entries, stop: () => stop.abort() };
  }
}

const byName = (a: Pod, b: Pod) => a.metadata.name.localeCompare(b.metadata.name);
