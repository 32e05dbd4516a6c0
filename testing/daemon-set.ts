// A builder of DaemonSets, and what their tests ask of a cluster.

import { daemonSets, type DaemonSet, type DaemonSetSpec } from "../api/apps/daemon-set.ts";
import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import type { NewObject } from "../api/meta/object.ts";
import type { PodSpec } from "../api/core/pod.ts";
import { newPod } from "./builders.ts";
import type { TestCluster } from "./cluster.ts";

const labels = { app: "agent" };

export type DaemonSetOptions = Omit<Partial<DaemonSetSpec>, "updateStrategy" | "template"> & {
  readonly updateStrategy?: Partial<DaemonSetSpec["updateStrategy"]>;
  readonly pod?: Partial<PodSpec>;
};

/** `agent`, whose pods carry `app: agent`. */
export function newDaemonSet({ pod, ...spec }: DaemonSetOptions = {}, namespace = "default"): NewObject<DaemonSet> {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "agent", namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...newPod("x", { image: "agent:1" }).spec, ...pod } },
      ...spec,
    } as DaemonSetSpec,
  };
}

const AGENT = { namespace: "default", name: "agent" };

export class DaemonSetProbe {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  async status(): Promise<DaemonSet["status"]> {
    return (await this.#cluster.get(daemonSets, "agent")).status;
  }

  /** `node image` of each pod. */
  async places(): Promise<readonly string[]> {
    const all = await this.#cluster.list(pods);
    return all.map(({ spec }) => `${spec.nodeName} ${spec.containers[0]?.image}`).sort();
  }

  async podOn(node: string): Promise<string> {
    const all = await this.#cluster.list(pods);
    const found = all.find(({ spec }) => spec.nodeName === node);
    if (!found) throw new Error(`no pod on ${node}`);
    return found.metadata.name;
  }

  async change(spec: object): Promise<void> {
    await this.#cluster.client.patch(daemonSets, AGENT, { type: "strategic", patch: { spec } });
    await this.#cluster.settle();
  }

  setImage(image: string): Promise<void> {
    return this.change({ template: { spec: { containers: [{ name: "main", image }] } } });
  }

  async label(node: string, labelsToSet: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#cluster.client.patch(
      nodes,
      { name: node },
      { type: "merge", patch: { metadata: { labels: labelsToSet } } },
    );
    await this.#cluster.settle();
  }

  async taint(node: string, taints: readonly object[]): Promise<void> {
    await this.#cluster.client.patch(nodes, { name: node }, { type: "merge", patch: { spec: { taints } } });
    await this.#cluster.settle();
  }
}
