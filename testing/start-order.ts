// Builders of applications that start after others, and what tests ask about them. Their pods carry `app: <name>`.

import type { Deployment } from "../api/apps/deployment.ts";
import type { StatefulSet } from "../api/apps/stateful-set.ts";
import { pods } from "../api/core/pod.ts";
import type { NewObject } from "../api/meta/object.ts";
import { ON_RESTART, STARTS_AFTER } from "../api/start-order/dependencies.ts";
import { newPod } from "./builders.ts";
import type { TestCluster } from "./cluster.ts";

interface OrderOptions {
  readonly namespace?: string;
  readonly replicas?: number;
  /** What the pods start after. */
  readonly after?: string;
  readonly onRestart?: string;
}

function partsOf(name: string, { namespace = "default", replicas = 1, after, onRestart }: OrderOptions) {
  const annotations = {
    ...(after !== undefined && { [STARTS_AFTER]: after }),
    ...(onRestart !== undefined && { [ON_RESTART]: onRestart }),
  };
  const template = { metadata: { labels: { app: name }, annotations }, spec: newPod(name).spec };
  return { metadata: { name, namespace }, spec: { replicas, selector: { matchLabels: { app: name } }, template } };
}

/** A Deployment. */
export function ordered(name: string, options: OrderOptions = {}): NewObject<Deployment> {
  const { metadata, spec } = partsOf(name, options);
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { ...spec, strategy: {} } };
}

/** A StatefulSet. */
export function orderedSet(name: string, options: OrderOptions = {}): NewObject<StatefulSet> {
  const { metadata, spec } = partsOf(name, options);
  const whole = { ...spec, serviceName: name, updateStrategy: {}, persistentVolumeClaimRetentionPolicy: {} };
  return { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec: whole };
}

/** Whose pods disappear from now on, in order, by their label `app`. */
export async function deletionsOf(cluster: TestCluster): Promise<{ readonly apps: readonly string[]; stop(): void }> {
  const apps: string[] = [];
  const stop = new AbortController();
  const { resourceVersion } = await cluster.client.list(pods);
  const watch = async () => {
    for await (const event of cluster.client.watch(pods, { resourceVersion, signal: stop.signal })) {
      if (event.type === "DELETED") apps.push(event.object.metadata.labels?.["app"] ?? "");
    }
  };
  void watch().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return { apps, stop: () => stop.abort() };
}
