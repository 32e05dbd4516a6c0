// Kinds of workloads, and a status for each that its subresource takes.

import type { Json } from "./api-client.ts";
import type { Operations } from "./api-operations.ts";

const namespace = "test";
const now = "2025-01-02T03:04:05Z";
const selector = { matchLabels: { app: "web" } };
export const template = (more: Json = {}) => ({
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "c", image: "registry.k8s.io/pause:3.10" }], ...more },
});
const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from e2e test" };
const conditions = [{ ...condition, lastTransitionTime: now }];
const scaled = ({ spec }: Json) => ({ spec: { ...(spec as Json), replicas: 2 } });

export const workloadOperations: readonly Operations[] = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    plural: "deployments",
    namespace,
    build: () => ({ spec: { replicas: 1, selector, template: template() } }),
    change: scaled,
    status: { conditions: [{ ...condition, lastTransitionTime: now, lastUpdateTime: now }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    plural: "replicasets",
    namespace,
    build: () => ({ spec: { replicas: 1, selector, template: template() } }),
    change: scaled,
    status: { replicas: 1, conditions },
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    plural: "statefulsets",
    namespace,
    build: () => ({ spec: { replicas: 1, selector, serviceName: "web", template: template() } }),
    change: scaled,
    status: { replicas: 1, conditions },
  },
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    plural: "daemonsets",
    namespace,
    build: () => ({ spec: { selector, template: template() } }),
    change: ({ spec }) => ({ spec: { ...(spec as Json), minReadySeconds: 3 } }),
    status: { currentNumberScheduled: 1, conditions },
  },
  {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    namespace,
    build: () => ({ revision: 1, data: { spec: { template: { a: 1 } } } }),
    change: () => ({ revision: 3 }),
  },
  {
    apiVersion: "v1",
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    namespace,
    build: () => ({ spec: { replicas: 1, selector: { app: "web" }, template: template() } }),
    change: scaled,
    status: { replicas: 1, availableReplicas: 0, conditions },
  },
  {
    apiVersion: "v1",
    kind: "PodTemplate",
    plural: "podtemplates",
    namespace,
    build: () => ({ template: template() }),
  },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    plural: "jobs",
    namespace,
    build: () => ({ spec: { suspend: true, template: template({ restartPolicy: "Never" }) } }),
    change: ({ spec }) => ({ spec: { ...(spec as Json), parallelism: 3 } }),
    status: { startTime: now },
  },
  {
    apiVersion: "batch/v1",
    kind: "CronJob",
    plural: "cronjobs",
    namespace,
    build: () => ({
      spec: {
        schedule: "* */1 * * ?",
        concurrencyPolicy: "Allow",
        jobTemplate: { spec: { template: template({ restartPolicy: "OnFailure" }) } },
      },
    }),
    change: ({ spec }) => ({ spec: { ...(spec as Json), suspend: true } }),
    status: { lastScheduleTime: now },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespace,
    build: () => ({ spec: { selector, minAvailable: "1%" } }),
    change: ({ spec }) => ({ spec: { ...(spec as Json), minAvailable: 2 } }),
    status: { disruptedPods: { "pod-0": now }, observedGeneration: 1, disruptionsAllowed: 1 },
  },
  {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    namespace,
    build: () => ({
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        minReplicas: 1,
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 50,
      },
    }),
    status: { currentReplicas: 1, desiredReplicas: 2 },
  },
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    namespace,
    build: () => ({
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        maxReplicas: 3,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
        ],
      },
    }),
    status: { currentReplicas: 1, desiredReplicas: 2 },
  },
];
