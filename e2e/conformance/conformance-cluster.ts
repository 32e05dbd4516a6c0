// An API server of its own for each suite, with a namespace to work in.

import { InProcessCluster } from "../in-process-cluster.ts";
import type { Component } from "../../standalone/cluster-settings.ts";
import { ApiClient } from "./api-client.ts";

export interface ConformanceCluster {
  readonly api: ApiClient;
  readonly cluster: InProcessCluster;
}

/** Namespace `test` has the service account that pods need, which a controller that may not run makes otherwise. */
export async function startConformanceCluster(
  components: readonly Component[] = ["apiserver"],
): Promise<ConformanceCluster> {
  const cluster = await InProcessCluster.start(components);
  const api = new ApiClient(cluster.kubeconfig, cluster.port);
  await api.post("/api/v1/namespaces", { metadata: { name: "test" } });
  if (!components.includes("controllers")) {
    await api.post("/api/v1/namespaces/test/serviceaccounts", { metadata: { name: "default" } });
  }
  return { api, cluster };
}
