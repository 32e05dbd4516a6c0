import { expect } from "chai";
import { disruptionBudgetDescriber, replicationControllerDescriber } from "./disruption.ts";

const nothing = { events: [], related: {}, nowMs: 0 };
const metadata = { name: "web", namespace: "default" };
const budget = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata };

describe("the description of a PodDisruptionBudget", () => {
  const selector = { matchLabels: { app: "web" } };
  const status = { disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 };

  it("tells what it allows", () => {
    const object = { ...budget, spec: { minAvailable: "50%", selector }, status };
    expect(disruptionBudgetDescriber.describe({ ...nothing, object }).slice(0, 9)).to.deep.equal([
      "Name:\tweb",
      "Namespace:\tdefault",
      "Min available:\t50%",
      "Selector:\tapp=web",
      "Status:",
      "    Allowed disruptions:\t1",
      "    Current:\t3",
      "    Desired:\t2",
      "    Total:\t3",
    ]);
  });

  it("tells what it is without any field", () => {
    const lines = disruptionBudgetDescriber.describe({ ...nothing, object: budget });
    expect(lines.slice(2, 5)).to.deep.equal(["Selector:\t<unset>", "Status:", "    Allowed disruptions:\t0"]);
    const bound = { ...budget, spec: { maxUnavailable: 0 } };
    expect(disruptionBudgetDescriber.describe({ ...nothing, object: bound })[2]).to.equal("Max unavailable:\t0");
  });
});

describe("the description of a ReplicationController", () => {
  it("counts its pods, and shows what went wrong", () => {
    const object = {
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata,
      spec: { replicas: 3, selector: { app: "web" } },
      status: { replicas: 1, conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate" }] },
    };
    const owner = { kind: "ReplicationController", name: "web", controller: true };
    const pods = [
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "p", ownerReferences: [owner] },
        status: { phase: "Running" },
      },
    ];
    const text = replicationControllerDescriber.describe({ ...nothing, object, related: { pods } }).join("\n");
    expect(text).to.include("Selector:\tapp=web\n");
    expect(text).to.include("Replicas:\t1 current / 3 desired\n");
    expect(text).to.include("Pods Status:\t1 Running / 0 Waiting / 0 Succeeded / 0 Failed\n");
    expect(text).to.include("  ReplicaFailure \tTrue\tFailedCreate");
    expect(replicationControllerDescriber.related?.(object)).to.deep.equal({
      pods: { path: "/api/v1/namespaces/default/pods", labelSelector: "app=web" },
    });
  });
});
