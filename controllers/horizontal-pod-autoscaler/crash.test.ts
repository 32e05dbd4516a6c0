import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { horizontalPodAutoscalers } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import type { Handler } from "../../lib/http.ts";
import { newDeployment } from "../../testing/builders.ts";
import { someControllers, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { crashAnywhere } from "../../testing/crash-anywhere.ts";
import { loadedKubelet } from "../../testing/loaded-kubelet.ts";

const MINUTE_MS = 60_000;

describe("the autoscaler's controller, when it crashes between any two writes", () => {
  it("ends with as many pods as the load asks for, and says so", async () => {
    let parts: ControllerCluster | undefined;
    let kubelet: Handler | undefined;
    /** In thousandths of a core; the ready pods share it. */
    let demand = 1000;
    const nodeHandler = (): Handler => (request) => {
      if (!parts) throw new Error("nobody asks a kubelet before the cluster runs");
      const loadOf = (_: unknown, ready: readonly unknown[]) => ({
        cpuMillis: demand / ready.length,
        memoryBytes: 2 ** 20,
      });
      kubelet ??= loadedKubelet({ client: parts.cluster.client, clock: parts.cluster.clock, loadOf });
      return kubelet(request);
    };
    const writes = await crashAnywhere({
      controllers: someControllers("horizontal-pod-autoscaler"),
      others: [someControllers("deployment", "replicaset")],
      cluster: { nodes: ["n1", "n2", "n3"], nodeHandler },
      async prepare(started) {
        [parts, kubelet, demand] = [started, undefined, 1000];
        const deployment = newDeployment("web", { replicas: 2 });
        const { template } = deployment.spec;
        const containers = template.spec.containers.map((each) => ({ ...each, resources: { requests: { cpu: "1" } } }));
        const spec = { ...deployment.spec, template: { ...template, spec: { ...template.spec, containers } } };
        await started.cluster.apply({ ...deployment, spec } as typeof deployment);
        await started.cluster.client.create(horizontalPodAutoscalers, {
          metadata: { name: "web", namespace: "default" },
          spec: {
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
            minReplicas: 2,
            maxReplicas: 20,
            metrics: [
              {
                type: "Resource",
                resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
              },
            ],
          },
        });
      },
      async act({ cluster }) {
        await cluster.step(MINUTE_MS);
        demand = 3000;
        await cluster.step(MINUTE_MS);
      },
      async check({ cluster, errors }, label) {
        await cluster.step(MINUTE_MS);
        expect((await cluster.get(deployments, "web")).spec.replicas, label).to.equal(6);
        const { status } = await cluster.get(horizontalPodAutoscalers, "web");
        expect(status, label).to.include({ currentReplicas: 6, desiredReplicas: 6 });
        const conditions = (status.conditions ?? []).map((each) => `${each.type} ${each.status}`);
        expect(conditions.sort(), label).to.deep.equal([
          "AbleToScale True",
          "ScalingActive True",
          "ScalingLimited False",
        ]);
        expect(
          errors.filter((error) => !error.includes("crashed")),
          label,
        ).to.deep.equal([]);
      },
    });
    expect(writes).to.be.greaterThan(4);
  }).timeout(120_000);
});
