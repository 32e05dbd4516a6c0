import { expect } from "chai";
import type { KubeObject } from "../meta/object.ts";
import type { Pod } from "./pod.ts";
import { applyCharge, planCharge } from "./quota-charge.ts";
import { findQuotaEvaluator } from "./quota-evaluators.ts";
import type { ResourceQuota } from "./resource-quota.ts";
import { renderTotals } from "./resource-totals.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
type Json = Record<string, unknown>;
const objectOf = (kind: string, parts: Json): KubeObject =>
  ({ kind, status: {}, ...parts, metadata: { name: "x", ...(parts.metadata as Json) } }) as unknown as KubeObject;
const podOf = (spec: Json, parts: Json = {}) => objectOf("Pod", { spec: { containers: [], ...spec }, ...parts });
const serviceOf = (spec: Json) => objectOf("Service", { spec });
const claimOf = (storage: string, spec: Json = {}) =>
  objectOf("PersistentVolumeClaim", { spec: { resources: { requests: { storage } }, ...spec } });
const container = (requests: Json = {}, limits: Json = {}, more: Json = {}) => ({
  name: "c",
  resources: { requests, limits },
  ...more,
});
const evaluatorOf = (plural: string, group = "") => {
  const found = findQuotaEvaluator({ group, plural });
  if (!found) throw new Error(`nothing evaluates ${plural}`);
  return found;
};

const usages: [title: string, plural: string, object: KubeObject, usage: Json][] = [
  ["a pod that asks for nothing", "pods", podOf({ containers: [container()] }), { "count/pods": "1", pods: "1" }],
  [
    "what containers ask for and are limited to",
    "pods",
    podOf({
      containers: [
        container({ cpu: "100m", memory: "1Gi", "ephemeral-storage": "1G" }, { cpu: "1" }),
        container({ cpu: "1900m", memory: "1Gi" }, { memory: "3Gi", "ephemeral-storage": "2G" }),
      ],
    }),
    {
      "count/pods": "1",
      pods: "1",
      cpu: "2",
      "requests.cpu": "2",
      "limits.cpu": "1",
      memory: "2Gi",
      "requests.memory": "2Gi",
      "limits.memory": "3Gi",
      "ephemeral-storage": "1G",
      "requests.ephemeral-storage": "1G",
      "limits.ephemeral-storage": "2G",
    },
  ],
  [
    "huge pages and devices by their requests",
    "pods",
    podOf({ containers: [container({ "hugepages-2Mi": "4Mi", "example.com/gpu": "2" }, { "example.com/gpu": "2" })] }),
    {
      "count/pods": "1",
      pods: "1",
      "hugepages-2Mi": "4Mi",
      "requests.hugepages-2Mi": "4Mi",
      "requests.example.com/gpu": "2",
    },
  ],
  [
    "the larger of init containers and containers",
    "pods",
    podOf({
      containers: [container({ cpu: "1" })],
      initContainers: [container({ cpu: "3" }), container({ cpu: "2" })],
    }),
    { "count/pods": "1", pods: "1", cpu: "3", "requests.cpu": "3" },
  ],
  [
    "sidecars beside containers and beside the init containers after them",
    "pods",
    podOf({
      containers: [container({ cpu: "1" })],
      initContainers: [container({ cpu: "2" }, {}, { restartPolicy: "Always" }), container({ cpu: "4" })],
    }),
    { "count/pods": "1", pods: "1", cpu: "6", "requests.cpu": "6" },
  ],
  [
    "overhead on requests, and on limits that there are",
    "pods",
    podOf({ containers: [container({ cpu: "1" }, { memory: "1Gi" })], overhead: { cpu: "250m", memory: "1Gi" } }),
    {
      "count/pods": "1",
      pods: "1",
      cpu: "1250m",
      "requests.cpu": "1250m",
      memory: "1Gi",
      "requests.memory": "1Gi",
      "limits.memory": "2Gi",
    },
  ],
  [
    "what a pod still has that is being made smaller",
    "pods",
    podOf(
      { containers: [container({ cpu: "1" })] },
      { status: { containerStatuses: [{ name: "c", resources: { requests: { cpu: "2" } } }] } },
    ),
    { "count/pods": "1", pods: "1", cpu: "2", "requests.cpu": "2" },
  ],
  ...["Succeeded", "Failed"].map((phase): [string, string, KubeObject, Json] => [
    `only that there is a pod which has ${phase.toLowerCase()}`,
    "pods",
    podOf({ containers: [container({ cpu: "1" })] }, { status: { phase } }),
    { "count/pods": "1" },
  ]),
  [
    "only that there is a pod which should be gone by now",
    "pods",
    podOf(
      { containers: [container({ cpu: "1" })] },
      { metadata: { deletionTimestamp: "2025-12-31T23:59:20Z", deletionGracePeriodSeconds: 30 } },
    ),
    { "count/pods": "1" },
  ],
  [
    "a pod in its grace period",
    "pods",
    podOf({}, { metadata: { deletionTimestamp: "2025-12-31T23:59:40Z", deletionGracePeriodSeconds: 30 } }),
    { "count/pods": "1", pods: "1" },
  ],
  [
    "a service inside the cluster",
    "services",
    serviceOf({ type: "ClusterIP", ports: [{ port: 1 }] }),
    { "count/services": "1", services: "1", "services.nodeports": "0", "services.loadbalancers": "0" },
  ],
  [
    "the ports of a node port service",
    "services",
    serviceOf({ type: "NodePort", ports: [{ port: 1 }, { port: 2 }] }),
    { "count/services": "1", services: "1", "services.nodeports": "2", "services.loadbalancers": "0" },
  ],
  [
    "the ports of a load balancer",
    "services",
    serviceOf({ type: "LoadBalancer", ports: [{ port: 1 }, { port: 2 }] }),
    { "count/services": "1", services: "1", "services.nodeports": "2", "services.loadbalancers": "1" },
  ],
  [
    "the named ports of a load balancer that is given none",
    "services",
    serviceOf({
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 1, nodePort: 30001 }, { port: 2 }],
    }),
    { "count/services": "1", services: "1", "services.nodeports": "1", "services.loadbalancers": "1" },
  ],
  [
    "a claim without a class",
    "persistentvolumeclaims",
    claimOf("1500m"),
    { "count/persistentvolumeclaims": "1", persistentvolumeclaims: "1", "requests.storage": "2" },
  ],
  [
    "a claim by its class and by what it has grown to",
    "persistentvolumeclaims",
    objectOf("PersistentVolumeClaim", {
      spec: { resources: { requests: { storage: "1Gi" } }, storageClassName: "gold" },
      status: { allocatedResources: { storage: "2Gi" } },
    }),
    {
      "count/persistentvolumeclaims": "1",
      persistentvolumeclaims: "1",
      "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
      "requests.storage": "2Gi",
      "gold.storageclass.storage.k8s.io/requests.storage": "2Gi",
    },
  ],
  ["a secret", "secrets", objectOf("Secret", {}), { "count/secrets": "1", secrets: "1" }],
  ["a service account", "serviceaccounts", objectOf("ServiceAccount", {}), { "count/serviceaccounts": "1" }],
];

const quotaOf = (hard: Json, { used = {}, ...spec }: Json = {}): ResourceQuota =>
  ({
    kind: "ResourceQuota",
    metadata: { name: "q" },
    spec: { hard, ...spec },
    status: { hard, used: { ...Object.fromEntries(Object.keys(hard).map((name) => [name, "0"])), ...(used as Json) } },
  }) as unknown as ResourceQuota;

describe("what an object uses of a quota", () => {
  for (const [title, plural, object, usage] of usages) {
    it(`is ${title}`, () => {
      expect(renderTotals(evaluatorOf(plural).usageOf(object, NOW))).to.deep.equal(usage);
    });
  }

  it("is nothing for events", () => {
    expect(findQuotaEvaluator({ group: "", plural: "events" })).to.equal(undefined);
  });
});

const tracked: [plural: string, group: string, resources: readonly string[]][] = [
  ["pods", "", ["pods", "count/pods", "limits.memory", "requests.hugepages-1Gi", "requests.example.com/gpu"]],
  ["jobs", "batch", ["count/jobs.batch"]],
  ["configmaps", "", ["configmaps", "count/configmaps"]],
  ["services", "", ["services", "services.nodeports", "services.loadbalancers"]],
  ["persistentvolumeclaims", "", ["requests.storage", "gold.storageclass.storage.k8s.io/requests.storage"]],
];

describe("a resource of a quota", () => {
  for (const [plural, group, resources] of tracked) {
    for (const resource of resources) {
      it(`${resource} is about ${plural} and nothing else`, () => {
        const about = tracked.filter(([other, of]) => evaluatorOf(other, of).tracks(resource)).map(([name]) => name);
        expect([about, evaluatorOf(plural, group).tracks(resource)]).to.deep.equal([[plural], true]);
      });
    }
  }
});

const CPU = container({ cpu: "1" });
const far = { labelSelector: {}, namespaces: ["other"], topologyKey: "zone" };
const scopes: [scope: Json | string, pod: Pod, isCounted: boolean][] = [
  ["Terminating", podOf({ activeDeadlineSeconds: 1 }) as Pod, true],
  ["Terminating", podOf({}) as Pod, false],
  ["NotTerminating", podOf({}) as Pod, true],
  ["NotTerminating", podOf({ activeDeadlineSeconds: 1 }) as Pod, false],
  ["BestEffort", podOf({ containers: [container()] }) as Pod, true],
  ["BestEffort", podOf({ containers: [CPU] }) as Pod, false],
  ["NotBestEffort", podOf({ containers: [CPU] }) as Pod, true],
  ["NotBestEffort", podOf({ containers: [container()] }) as Pod, false],
  ["PriorityClass", podOf({ priorityClassName: "vip" }) as Pod, true],
  ["PriorityClass", podOf({}) as Pod, false],
  [{ operator: "In", values: ["vip"] }, podOf({ priorityClassName: "vip" }) as Pod, true],
  [{ operator: "In", values: ["vip"] }, podOf({ priorityClassName: "low" }) as Pod, false],
  [{ operator: "NotIn", values: ["vip"] }, podOf({ priorityClassName: "low" }) as Pod, true],
  [{ operator: "NotIn", values: ["vip"] }, podOf({}) as Pod, true],
  [{ operator: "Exists" }, podOf({}) as Pod, false],
  [{ operator: "DoesNotExist" }, podOf({}) as Pod, true],
  [{ operator: "DoesNotExist" }, podOf({ priorityClassName: "vip" }) as Pod, false],
  [
    "CrossNamespacePodAffinity",
    podOf({
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm: far }] } },
    }) as Pod,
    true,
  ],
  [
    "CrossNamespacePodAffinity",
    podOf({
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...far, namespaces: [] }] } },
    }) as Pod,
    false,
  ],
];

describe("the scope of a quota", () => {
  for (const [scope, pod, isCounted] of scopes) {
    const { activeDeadlineSeconds, priorityClassName, containers } = pod.spec;
    const what = JSON.stringify({ activeDeadlineSeconds, priorityClassName, containers: containers.length });
    it(`${JSON.stringify(scope)} ${isCounted ? "counts" : "does not count"} a pod with ${what}`, () => {
      const spec =
        typeof scope === "string"
          ? { scopes: [scope] }
          : { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", ...scope }] } };
      const write = { evaluator: evaluatorOf("pods"), object: pod, nowMs: NOW };
      expect(planCharge(quotaOf({ pods: "1" }, spec), write) !== undefined).to.equal(isCounted);
    });
  }

  it("leaves out the objects of other kinds", () => {
    const write = { evaluator: evaluatorOf("secrets"), object: objectOf("Secret", {}), nowMs: NOW };
    expect(planCharge(quotaOf({ secrets: "1" }, { scopes: ["NotTerminating"] }), write)).to.equal(undefined);
  });
});

const refusals: [title: string, quota: ResourceQuota, object: KubeObject, refusal: string][] = [
  [
    "is full",
    quotaOf({ pods: "1", cpu: "2" }, { used: { pods: "1" } }),
    podOf({ containers: [CPU] }),
    "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1",
  ],
  [
    "has too little of several resources left",
    quotaOf({ pods: "1", "requests.cpu": "500m", "requests.memory": "1Gi" }, { used: { pods: "1" } }),
    podOf({ containers: [container({ cpu: "1", memory: "1Gi" })] }),
    "exceeded quota: q, requested: pods=1,requests.cpu=1, used: pods=1,requests.cpu=0, limited: pods=1,requests.cpu=500m",
  ],
  [
    "limits what containers do not say",
    quotaOf({ "limits.cpu": "1", memory: "1Gi", "requests.ephemeral-storage": "1" }),
    podOf({
      containers: [CPU, { ...CPU, name: "b" }],
      initContainers: [container({ memory: "1" }, {}, { name: "a" })],
    }),
    "failed quota: q: must specify limits.cpu for: a,b,c; memory for: b,c",
  ],
  [
    "has not been counted yet",
    { ...quotaOf({ pods: "1" }), status: { hard: { pods: "1", cpu: "1" } } },
    podOf({ containers: [CPU] }),
    "status unknown for quota: q, resources: cpu,pods",
  ],
  [
    "would be given back to",
    quotaOf({ cpu: "1" }),
    podOf({ containers: [container({ cpu: "-1" })] }),
    "quota usage is negative for resource(s): cpu,requests.cpu",
  ],
];

describe("a quota that", () => {
  for (const [title, quota, object, refusal] of refusals) {
    it(`${title} refuses a pod`, () => {
      const plan = planCharge(quota, { evaluator: evaluatorOf("pods"), object, nowMs: NOW });
      if (!plan) throw new Error("the quota is not about the pod");
      expect("refusal" in plan ? plan : applyCharge(quota, plan.amounts)).to.deep.equal({ refusal });
    });
  }
});

const updates: [title: string, plural: string, old: KubeObject, object: KubeObject, used: Json | undefined][] = [
  [
    "a claim grows",
    "persistentvolumeclaims",
    claimOf("1Gi"),
    claimOf("3Gi"),
    { "requests.storage": "3Gi", "services.nodeports": "1" },
  ],
  ["a claim stays as it is", "persistentvolumeclaims", claimOf("1Gi"), claimOf("1Gi"), undefined],
  [
    "a service gets node ports",
    "services",
    serviceOf({ type: "ClusterIP", ports: [{ port: 1 }] }),
    serviceOf({ type: "NodePort", ports: [{ port: 1 }] }),
    { "requests.storage": "1Gi", "services.nodeports": "2" },
  ],
  [
    "a service gives up its node ports",
    "services",
    serviceOf({ type: "NodePort", ports: [{ port: 1 }] }),
    serviceOf({ type: "ClusterIP", ports: [{ port: 1 }] }),
    undefined,
  ],
];

describe("an update is charged what is used more when", () => {
  for (const [title, plural, old, object, used] of updates) {
    it(title, () => {
      const hard = { "requests.storage": "5Gi", "services.nodeports": "3" };
      const quota = quotaOf(hard, { used: { "requests.storage": "1Gi", "services.nodeports": "1" } });
      const plan = planCharge(quota, { evaluator: evaluatorOf(plural), object, old, nowMs: NOW });
      const use = plan && "amounts" in plan ? applyCharge(quota, plan.amounts) : undefined;
      expect(use && "quota" in use ? use.quota.status.used : undefined).to.deep.equal(used);
    });
  }
});
