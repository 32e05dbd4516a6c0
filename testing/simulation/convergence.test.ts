import { expect } from "chai";
import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { Endpoints } from "../../api/core/endpoints.ts";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Service } from "../../api/core/service.ts";
import type { EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import type { RuntimePod } from "../../kubelet/runtimes/runtime.ts";
import { asStored, newDeployment, newNode, newPod, newService } from "../builders.ts";
import { running, runtimeOf } from "../pod-states.ts";
import { findDifferences, type ClusterState } from "./convergence.ts";

const complete = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1, observedGeneration: 1 };
const ready = { phase: "Running", podIP: "10.1.0.2", conditions: [{ type: "Ready", status: "True" }] } as Pod["status"];
const owner = (kind: string, uid: string) => [{ apiVersion: "apps/v1", kind, name: "web", uid, controller: true }];

const deployment = { ...asStored<Deployment>(newDeployment("web"), { uid: "d1", generation: 1 }), status: complete };
const replicaSet = asStored<ReplicaSet>({ ...newDeployment("web"), kind: "ReplicaSet" } as never, {
  uid: "r1",
  ownerReferences: owner("Deployment", "d1"),
});
const pod = asStored<Pod>(newPod("web", { labels: { app: "web" }, status: ready, spec: { nodeName: "n1" } }), {
  uid: "u1",
  ownerReferences: owner("ReplicaSet", "r1"),
});
const endpoints = { metadata: { namespace: "default", name: "web" }, subsets: [{ addresses: [{ ip: "10.1.0.2" }] }] };
const slice = {
  metadata: { namespace: "default", name: "web-x", labels: { "kubernetes.io/service-name": "web" } },
  endpoints: [{ addresses: ["10.1.0.2"], conditions: { ready: true } }],
};
const container: RuntimePod = runtimeOf([running("main")]);

const good: ClusterState = {
  deployments: [deployment],
  replicaSets: [replicaSet],
  pods: [pod],
  services: [asStored<Service>(newService("web"))],
  endpoints: [endpoints as unknown as Endpoints],
  endpointSlices: [slice as unknown as EndpointSlice],
  nodes: [asStored<Node>(newNode("n1"))],
  running: new Map([["n1", [container]]]),
};

describe("the state that a simulated cluster must come to", () => {
  it("is one where everything agrees", () => {
    expect(findDifferences(good)).to.deep.equal([]);
  });

  const cases: Readonly<Record<string, { state: Partial<ClusterState>; finds: string }>> = {
    "a deployment that is not complete": {
      state: { deployments: [{ ...deployment, status: { ...complete, updatedReplicas: 0 } }] },
      finds: "Deployment default/web wants 1 replicas and has updatedReplicas 0",
    },
    "a replica set whose deployment is gone": {
      state: { deployments: [] },
      finds: "ReplicaSet default/web has no owner that exists",
    },
    "a pod that is missing": { state: { pods: [] }, finds: "ReplicaSet default/web wants 1 pods and has 0" },
    "a pod that is not ready": {
      state: { pods: [{ ...pod, status: { phase: "Pending" } }] },
      finds: "Pod default/web on n1 is Pending and not ready: undefined",
    },
    "endpoints that have not followed": {
      state: { endpoints: [] },
      finds: "the Endpoints of Service default/web are [] and should be [10.1.0.2]",
    },
    "slices that have not followed": {
      state: { endpointSlices: [] },
      finds: "the EndpointSlices of Service default/web are [] and should be [10.1.0.2]",
    },
    "a node with a taint": {
      state: { nodes: [asStored<Node>(newNode("n1", { spec: { taints: [{ key: "a", effect: "NoExecute" }] } }))] },
      finds: "Node n1 has the taints a:NoExecute",
    },
    "a container that nobody asked for": {
      state: { running: new Map([["n1", [runtimeOf([running("main"), running("main", { attempt: 1 })])]]]) },
      finds: "what runs on n1, sandboxes and containers, are [u1 u1 u1] and should be [u1 u1]",
    },
  };
  for (const [title, { state, finds }] of Object.entries(cases)) {
    it(`is not reached with ${title}`, () => {
      expect(findDifferences({ ...good, ...state })).to.include(finds);
    });
  }
});
