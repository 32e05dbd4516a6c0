// A Deployment named web in a test cluster with all controllers, whose templates are told apart by their images: those that
// contain "broken" never become ready.

import { deployments, type Deployment } from "../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../api/apps/replica-set.ts";
import { events } from "../api/core/event.ts";
import { isPodActive } from "../api/core/pod-state.ts";
import { pods } from "../api/core/pod.ts";
import { findCondition } from "../api/meta/condition-list.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import { newDeployment } from "./builders.ts";
import type { TestCluster } from "./cluster.ts";
import { startControllerCluster, type ControllerCluster, type ControllerClusterOptions } from "./controller-cluster.ts";

const KEY = { namespace: "default", name: "web" };
const REVISION = "deployment.kubernetes.io/revision";

export const imageOf = ({ spec }: { readonly spec: Pick<ReplicaSet["spec"], "template"> }): string =>
  spec.template.spec?.containers[0]?.image ?? "";

export class RolloutProbe {
  readonly parts: ControllerCluster;

  private constructor(parts: ControllerCluster) {
    this.parts = parts;
    parts.kubelet.isHealthy = ({ spec }) => !spec.containers[0]?.image?.includes("broken");
  }

  /** The test owes a `stop` of the cluster. */
  static async start(options?: ControllerClusterOptions): Promise<RolloutProbe> {
    return new RolloutProbe(await startControllerCluster(options));
  }

  get cluster(): TestCluster {
    return this.parts.cluster;
  }

  async apply(...objects: readonly NewObject<KubeObject>[]): Promise<void> {
    await this.cluster.apply(...objects);
    await this.cluster.settle();
  }

  /** Of four pods with app:1, which has half a minute to make progress. */
  asking(annotations: Readonly<Record<string, string>>, spec: Partial<Deployment["spec"]> = {}): NewObject<Deployment> {
    const options = { replicas: 4, image: "app:1", spec: { progressDeadlineSeconds: 30, ...spec } };
    const wanted = newDeployment("web", options);
    return { ...wanted, metadata: { ...wanted.metadata, annotations } };
  }

  async change(spec: Partial<Deployment["spec"]>, annotations: Readonly<Record<string, string | null>> = {}) {
    const patch = { metadata: { annotations }, spec };
    await this.cluster.client.patch(deployments, KEY, { type: "merge", patch });
    await this.cluster.settle();
  }

  async setImage(image: string, annotations: Readonly<Record<string, string | null>> = {}): Promise<void> {
    await this.change({ template: newDeployment("web", { image }).spec.template }, annotations);
  }

  deployment(): Promise<Deployment> {
    return this.cluster.get(deployments, "web");
  }

  async image(): Promise<string> {
    return imageOf(await this.deployment());
  }

  async condition(type: string) {
    return findCondition((await this.deployment()).status.conditions, type);
  }

  /** How many pods are to have each image, in the order of the revisions. */
  async sizes(): Promise<Readonly<Record<string, number>>> {
    const revisionOf = ({ metadata }: ReplicaSet) => Number(metadata.annotations?.[REVISION]);
    const sets = [...(await this.cluster.list(replicaSets))].sort((a, b) => revisionOf(a) - revisionOf(b));
    return Object.fromEntries(sets.map((each) => [imageOf(each), each.spec.replicas ?? 1]));
  }

  /** The images of the pods that are not on their way out. */
  async images(): Promise<readonly string[]> {
    const active = (await this.cluster.list(pods)).filter(isPodActive);
    return active.map(({ spec }) => spec.containers[0]?.image ?? "").sort();
  }

  /** The messages of all events with the reason. */
  async messages(reason: string): Promise<readonly string[]> {
    const all = (await this.cluster.list(events)).filter((event) => event.reason === reason);
    return all.map(({ message }) => message ?? "");
  }
}
