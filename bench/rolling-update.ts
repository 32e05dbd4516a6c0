// A rolling update of ten pods of the sample application, with Kubernetes' default maxSurge and maxUnavailable.

import { deployments, type Deployment } from "../api/apps/deployment.ts";
import type { NewObject } from "../api/meta/object.ts";
import type { Client } from "../client/client.ts";
import { withCluster } from "./bench-cluster.ts";
import { atMost, type Benchmark } from "./benchmark.ts";
import { untilObjects } from "./until-object.ts";

const REPLICAS = 10;
const NAME = "hello";
const VERSIONS = ["gantry/hello:1.0", "gantry/hello:2.0"];

const hello = (image: string): NewObject<Deployment> => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: "default", name: NAME },
  spec: {
    replicas: REPLICAS,
    selector: { matchLabels: { app: NAME } },
    strategy: {},
    template: {
      metadata: { labels: { app: NAME } },
      spec: {
        terminationGracePeriodSeconds: 2,
        containers: [
          {
            name: NAME,
            image,
            imagePullPolicy: "IfNotPresent",
            resources: {},
            env: [
              { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
              { name: "DRAIN_MS", value: "200" },
            ],
            readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

/** As `kubectl rollout status` decides it. */
function isComplete({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  return (
    observedGeneration >= (metadata.generation ?? 0) &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

async function untilComplete(client: Client): Promise<void> {
  await untilObjects(client, { resource: deployments, namespace: "default" }, (all) => all.every(isComplete));
}

export const rollingUpdate: Benchmark = {
  name: "rolling-update",
  run: (options) =>
    withCluster(options, { runtime: "docker", images: true }, async (_, client) => {
      const values: number[] = [];
      await client.create(deployments, hello(VERSIONS[0] ?? ""));
      await untilComplete(client);
      for (let run = 0; run < options.runs; run++) {
        options.progress(`rolling update of ${REPLICAS}, run ${run + 1}`);
        const image = VERSIONS[(run + 1) % VERSIONS.length];
        const patch = { spec: { template: { spec: { containers: [{ name: NAME, image }] } } } };
        const startedMs = performance.now();
        await client.patch(deployments, { namespace: "default", name: NAME }, { type: "strategic", patch });
        await untilComplete(client);
        values.push((performance.now() - startedMs) / 1000);
      }
      return [{ name: `rolling update of ${REPLICAS}, docker`, unit: "s", values, target: atMost(4) }];
    }),
};
