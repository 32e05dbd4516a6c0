// Everything that keeps pods pending, brought about on purpose: what is wrong, what people should be told, and what should help.

import type { Node } from "../api/core/node.ts";
import { POOL_LABEL } from "../api/kctl-scheduling/pools.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import { newNode, newPod } from "./builders.ts";
import { newMembers, newPodGroup, newQueue, newQueued } from "./gang-builders.ts";
import { claimVolume, newClaim, newStorageClass, newVolume, onlyOn } from "./storage-builders.ts";

type NewThing = NewObject<KubeObject>;
type NewNode = NewObject<Node>;

export interface PendingCase {
  readonly title: string;
  readonly nodes?: readonly NewNode[];
  /** In order, with time for everybody to react after each. */
  readonly objects: readonly NewThing[];
  /** `p` unless given. */
  readonly pod?: string;
  readonly cause: string;
  readonly summary: RegExp | string;
  /** The first step of the smallest change. */
  readonly change: string;
  readonly command?: string;
}

const p = (options: Parameters<typeof newPod>[1] = {}) => newPod("p", options);
const on = (nodeName: string, name: string, options: Parameters<typeof newPod>[1] = {}) =>
  newPod(name, { ...options, spec: { terminationGracePeriodSeconds: 0, ...options.spec, nodeName } });

const spread = (topologyKey: string, matchLabels: Record<string, string>) => ({
  topologySpreadConstraints: [
    { topologyKey, maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" as const, labelSelector: { matchLabels } },
  ],
});

const near = (app: string, topologyKey = "kubernetes.io/hostname") => ({
  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { app } } }],
});

const hostPort = (port: number) => ({
  containers: [
    {
      name: "main",
      image: "web:1",
      resources: {},
      ports: [{ containerPort: port, hostPort: port, protocol: "TCP" as const }],
    },
  ],
});

const asking = (resource: string, amount: string) => ({
  containers: [
    { name: "main", image: "web:1", resources: { requests: { [resource]: amount }, limits: { [resource]: amount } } },
  ],
});

const cordonTaint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" as const };

const priorityClass = (name: string, value: number, preemptionPolicy?: "Never"): NewThing =>
  ({
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name },
    value,
    ...(preemptionPolicy && { preemptionPolicy }),
  }) as NewThing;

const namespace = (name: string, labels: Record<string, string>): NewThing => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});

const zone = (name: string) => ({ "topology.kubernetes.io/zone": name });

export const pendingCases: readonly PendingCase[] = [
  {
    title: "no nodes",
    nodes: [],
    objects: [p({ cpu: "2", memory: "1Gi" })],
    cause: "NoNodes",
    summary: "The cluster has no nodes.",
    change: "Add a node with at least 2 of cpu and 1Gi of memory for pods.",
  },
  {
    title: "all nodes cordoned",
    nodes: [newNode("n1", { spec: { unschedulable: true, taints: [cordonTaint] } })],
    objects: [p()],
    cause: "Cordoned",
    summary: "The only node does not take the pod; node n1 comes closest: it is cordoned.",
    change: "Let node n1 have pods again.",
    command: "kctl uncordon n1",
  },
  {
    title: "too little CPU left",
    objects: [on("n1", "big", { cpu: "3" }), p({ cpu: "2" })],
    cause: "InsufficientCpu",
    summary: /node n1 comes closest: 1 of its 4 cpu are left, and the pod asks for 2\.$/,
    change: "Let the pod ask for 1 of cpu at most, which node n1 has left.",
  },
  {
    title: "more memory than any node has",
    objects: [p({ memory: "64Gi" })],
    cause: "InsufficientMemory",
    summary: /8Gi of its 8Gi memory are left, and the pod asks for 64Gi\.$/,
    change: "Let the pod ask for 8Gi of memory at most, which node n1 has left.",
  },
  {
    title: "too little ephemeral storage",
    objects: [p({ spec: asking("ephemeral-storage", "200Gi") })],
    cause: "InsufficientEphemeralStorage",
    summary: /100Gi of its 100Gi ephemeral-storage are left, and the pod asks for 200Gi\.$/,
    change: "Let the pod ask for 100Gi of ephemeral-storage at most, which node n1 has left.",
  },
  {
    title: "as many pods as the node takes",
    nodes: [newNode("n1", { pods: "1" })],
    objects: [on("n1", "first"), p()],
    cause: "TooManyPods",
    summary: /it has the 1 pods that it takes at most\.$/,
    change: "Remove default/first from node n1.",
    command: "kctl delete pod first -n default",
  },
  {
    title: "a device that no node has",
    objects: [p({ spec: asking("example.com/gpu", "1") })],
    cause: "InsufficientExtendedResource",
    summary: /it has no example\.com\/gpu, and the pod asks for 1\.$/,
    change: "Add a node with at least 1 of example.com/gpu for pods.",
  },
  {
    title: "a taint",
    nodes: [newNode("n1", { spec: { taints: [{ key: "team", value: "a", effect: "NoSchedule" }] } })],
    objects: [p()],
    cause: "Taint",
    summary: /the pod does not tolerate its taint team=a:NoSchedule\.$/,
    change: "Let the pod tolerate team=a:NoSchedule.",
  },
  {
    title: "nodes that are not ready",
    nodes: [
      newNode("n1", {
        spec: { taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] },
        status: { conditions: [{ type: "Ready", status: "False" }] },
      }),
    ],
    objects: [p()],
    cause: "NodeNotReady",
    summary: /node n1 comes closest: it is not ready\.$/,
    change: "Bring node n1 back: it is not ready.",
  },
  {
    title: "a node selector",
    objects: [p({ spec: { nodeSelector: { disk: "ssd" } } })],
    cause: "NodeSelector",
    summary: /it lacks labels that the pod asks for \(disk=ssd\)\.$/,
    change: "Give node n1 the label disk=ssd.",
    command: "kctl label node n1 disk=ssd",
  },
  {
    title: "node affinity",
    nodes: [newNode("n1", { labels: { arch: "arm" } })],
    objects: [
      p({
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: "arch", operator: "In", values: ["amd"] }] }],
              },
            },
          },
        },
      }),
    ],
    cause: "NodeAffinity",
    summary: /it lacks labels that the pod asks for \(arch=amd\)\.$/,
    change: "Give node n1 the label arch=amd.",
    command: "kctl label node n1 arch=amd --overwrite",
  },
  {
    title: "a host port",
    objects: [on("n1", "web", { spec: hostPort(8080) }), p({ spec: hostPort(8080) })],
    cause: "HostPort",
    summary: /another pod has its host port 8080\.$/,
    change: "Let the pod use another host port, such as 8081, or none.",
  },
  {
    title: "pod affinity",
    objects: [p({ spec: { affinity: { podAffinity: near("db") } } })],
    cause: "PodAffinity",
    summary: /the pod needs other pods near it that are not there \(app=db in the same kubernetes\.io\/hostname\)\.$/,
    change: "Let the pod prefer, instead of require, its pod affinity.",
  },
  {
    title: "its own anti-affinity",
    objects: [on("n1", "web", { labels: { app: "web" } }), p({ spec: { affinity: { podAntiAffinity: near("web") } } })],
    cause: "PodAntiAffinity",
    summary: /the pod does not go near default\/web, by its own anti-affinity\.$/,
    change: "Let the pod prefer, instead of require, its pod anti-affinity.",
  },
  {
    title: "the anti-affinity of others",
    objects: [on("n1", "shy", { spec: { affinity: { podAntiAffinity: near("web") } } }), p({ labels: { app: "web" } })],
    cause: "PodAntiAffinityOfOthers",
    summary: /default\/shy keeps such pods away, by its anti-affinity\.$/,
    change: "Remove default/shy, or move it elsewhere.",
    command: "kctl delete pod shy -n default",
  },
  {
    title: "a hard spread",
    nodes: [
      newNode("n1", { labels: zone("a") }),
      newNode("n2", { labels: zone("b"), spec: { taints: [{ key: "team", effect: "NoSchedule" }] } }),
    ],
    objects: [
      on("n1", "web", { labels: { app: "web" } }),
      p({ labels: { app: "web" }, spec: spread("topology.kubernetes.io/zone", { app: "web" }) }),
    ],
    cause: "TopologySpread",
    summary:
      /^None of the 2 nodes takes the pod; .*: the pod would be spread too unevenly over topology\.kubernetes\.io\/zone \(maxSkew 1\)\.$/,
    change: "Let the pod tolerate team:NoSchedule.",
  },
  {
    title: "a spread over a label that no node has",
    objects: [p({ labels: { app: "web" }, spec: spread("rack", { app: "web" }) })],
    cause: "TopologyLabelMissing",
    summary: /it lacks the label rack, over which the pod is to be spread\.$/,
    change: "Give node n1 the label rack=a.",
    command: "kctl label node n1 rack=a",
  },
  {
    title: "a claim that does not exist",
    objects: [newVolume("v"), p({ spec: { volumes: [claimVolume("data")] } })],
    cause: "ClaimMissing",
    summary: "The pod uses the claim default/data, which does not exist.",
    change: "Create the claim default/data.",
  },
  {
    title: "an immediate claim without a volume",
    objects: [
      newStorageClass("slow", { volumeBindingMode: "Immediate" }),
      newClaim("data", { storageClassName: "slow" }),
      p({ spec: { volumes: [claimVolume("data")] } }),
    ],
    cause: "ClaimUnbound",
    summary: "The claim default/data of the pod has no volume, and does not wait for the pod to get one.",
    change:
      "Make a volume of 1Gi of the storage class slow with the access mode ReadWriteOnce, for the claim default/data.",
  },
  {
    title: "a claim that waits for its pod, and no volume for it",
    objects: [
      newStorageClass("local"),
      newClaim("data", { storageClassName: "local" }),
      p({ spec: { volumes: [claimVolume("data")] } }),
    ],
    cause: "NoVolumeAvailable",
    summary: /it has no volume for the claim data, and nobody makes one there\.$/,
    change:
      "Make a volume of 1Gi of the storage class local with the access mode ReadWriteOnce that node n1 reaches, for the claim default/data.",
  },
  {
    title: "a volume that is on a cordoned node",
    nodes: [newNode("n1"), newNode("n2", { spec: { unschedulable: true } })],
    objects: [
      newVolume("v", { storageClassName: "", spec: { nodeAffinity: onlyOn("n2") } }),
      newClaim("data", { storageClassName: "" }),
      p({ spec: { volumes: [claimVolume("data")] } }),
    ],
    cause: "VolumeNodeAffinity",
    summary: /it does not reach the pod's volume v\.$/,
    change: "Let node n2 have pods again.",
  },
  {
    title: "a volume in another zone",
    nodes: [newNode("n1", { labels: zone("a") })],
    objects: [
      newVolume("v", { storageClassName: "", metadata: { labels: zone("b") } }),
      newClaim("data", { storageClassName: "" }),
      p({ spec: { volumes: [claimVolume("data")] } }),
    ],
    cause: "VolumeZone",
    summary: /the pod's volume v is in another zone\.$/,
    change: "Add a node with the labels topology.kubernetes.io/zone=b.",
  },
  {
    title: "a volume that only one pod may use",
    objects: [
      newVolume("v", { storageClassName: "", modes: ["ReadWriteOncePod"] }),
      newClaim("data", { storageClassName: "", modes: ["ReadWriteOncePod"] }),
      on("n1", "owner", { spec: { volumes: [claimVolume("data")] } }),
      p({ spec: { volumes: [claimVolume("data")] } }),
    ],
    cause: "VolumeInUse",
    summary: /default\/owner uses its volume, which only one pod may use\.$/,
    change: "Remove default/owner, or wait until it ends.",
  },
  {
    title: "a scheduling gate",
    objects: [p({ spec: { schedulingGates: [{ name: "example.com/wait" }] } })],
    cause: "SchedulingGated",
    summary: "The pod is not to be scheduled before its scheduling gates are removed: example.com/wait.",
    change: "Let whoever set the gate example.com/wait finish, or remove it.",
  },
  {
    title: "a scheduler that nobody runs",
    objects: [p({ spec: { schedulerName: "mine" } })],
    cause: "NoSuchScheduler",
    summary: 'The pod waits for the scheduler "mine", which shows no sign of running.',
    change: 'Start a scheduler named "mine", or leave spec.schedulerName out of the pod.',
  },
  {
    title: "a priority that never pushes others out",
    objects: [
      priorityClass("low", 10),
      priorityClass("polite", 1000, "Never"),
      priorityClass("urgent", 2000),
      newPod("big", { cpu: "4", spec: { priorityClassName: "low", terminationGracePeriodSeconds: 0 } }),
      p({ cpu: "2", spec: { priorityClassName: "polite" } }),
    ],
    cause: "InsufficientCpu",
    summary: /0 of its 4 cpu are left, and the pod asks for 2\.$/,
    change:
      "Give the pod the priority class urgent (2000), which may push others out: its own never pushes other pods out.",
  },
  {
    title: "a priority that is too low",
    objects: [
      priorityClass("low", 10),
      priorityClass("high", 1000),
      newPod("big", { cpu: "4", spec: { priorityClassName: "low", terminationGracePeriodSeconds: 0 } }),
      p({ cpu: "2" }),
    ],
    cause: "InsufficientCpu",
    summary: /0 of its 4 cpu are left, and the pod asks for 2\.$/,
    change:
      "Give the pod the priority class high (1000), which may push others out: the pods on node n1 have a priority of 10 or more, and it has 0.",
  },
  {
    title: "a pool",
    objects: [namespace("team", { [POOL_LABEL]: "team" }), p({ namespace: "team" })],
    pod: "team/p",
    cause: "Pool",
    summary: /it belongs to no pool, and the pods of the namespace team run in the pool team\.$/,
    change: `Give node n1 the label ${POOL_LABEL}=team.`,
    command: `kctl label node n1 ${POOL_LABEL}=team`,
  },
  {
    title: "a queue at its maximum",
    objects: [newQueue("q", { max: { cpu: "1" } }), newQueued("first", "q"), newQueued("p", "q")],
    cause: "QueueLimit",
    summary: /^The pod's queue has no room for it: queue "q" may have 1 cpu: it has 1, and 1 more are asked for\.$/,
    change: "Raise the maximum of the queue q to cpu 2.",
    command: `kctl patch queue q --type=merge -p '{"spec":{"max":{"cpu":"2"}}}'`,
  },
  {
    title: "a closed queue",
    objects: [newQueue("q", { state: "Closed" }), newQueued("p", "q")],
    cause: "QueueClosed",
    summary: 'The pod\'s queue starts no pods: queue "q" is closed.',
    change: "Open the queue q.",
  },
  {
    title: "a gang that lacks members",
    objects: [newPodGroup("g", { minMember: 3 }), ...newMembers("g", 2)],
    pod: "g-0",
    cause: "MembersMissing",
    summary: /pod group "default\/g" needs 3 members before it is placed\.$/,
    change: "Create the 1 missing member of the pod group default/g.",
  },
  {
    title: "a node that has gone",
    objects: [on("n9", "p")],
    cause: "NodeMissing",
    summary: "The pod is bound to node n9, which does not exist.",
    change: "Delete the pod and make it anew without spec.nodeName, so that it gets another node than n9.",
  },
  {
    title: "a node that is not ready any more",
    nodes: [
      newNode("n1"),
      newNode("n2", { spec: { unschedulable: true }, status: { conditions: [{ type: "Ready", status: "Unknown" }] } }),
    ],
    objects: [on("n2", "p")],
    cause: "NodeNotReady",
    summary: "The pod has the node n2, which is not ready to start it.",
    change: "Delete the pod and make it anew without spec.nodeName, so that it gets another node than n2.",
  },
  {
    title: "a cordon and too little CPU on the same node",
    nodes: [newNode("n1", { cpu: "1", spec: { unschedulable: true } })],
    objects: [p({ cpu: "2" })],
    cause: "Cordoned",
    summary: /node n1 comes closest: it is cordoned; 1 of its 1 cpu are left, and the pod asks for 2\.$/,
    change: "Let node n1 have pods again.",
  },
];
