import { expect } from "chai";
import type { Pod, PodSpec } from "../../api/core/pod.ts";
import { container, podOf } from "../../testing/pod-states.ts";
import { admitPod, type AdmissionRules } from "./admit-pod.ts";
import { dottedSysctl } from "./allowed-sysctls.ts";
import type { NodeRoom } from "./fit-node.ts";

const room: NodeRoom = {
  name: "n1",
  labels: { "kubernetes.io/os": "linux", disk: "fast" },
  allocatable: { cpu: "2", memory: "1Gi", pods: "3" },
  others: [],
};
const rules: AdmissionRules = {
  allowedUnsafeSysctls: ["kernel.msg*", "net.core.somaxconn", "vm.swappiness"],
  hasAppArmor: false,
};

interface Situation {
  readonly spec?: Partial<PodSpec>;
  readonly room?: Partial<NodeRoom>;
  readonly rules?: Partial<AdmissionRules>;
}

const judge = (given: Situation) =>
  admitPod(podOf(given.spec), { ...room, ...given.room }, { ...rules, ...given.rules });

const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
  containers: [container("main", { resources: { requests } })],
});
const other = (spec: Partial<PodSpec>, phase: "Running" | "Succeeded" = "Running"): Pod =>
  podOf(spec, { metadata: { uid: "other" }, status: { phase } });
const port = (hostPort: number, more: object = {}): Partial<PodSpec> => ({
  containers: [container("main", { ports: [{ containerPort: 80, hostPort, ...more }] })],
});
const sysctl = (name: string, more: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  ...more,
  securityContext: { sysctls: [{ name, value: "1" }] },
});
const profile = (type: "Localhost" | "RuntimeDefault" | "Unconfined"): Partial<PodSpec> => ({
  containers: [container("main", { securityContext: { appArmorProfile: { type } } })],
});

describe("a node that is given a new pod", () => {
  const taken: readonly (readonly [string, Situation])[] = [
    ["that it has room for", { spec: asking({ cpu: "1500m" }), room: { others: [other(asking({ cpu: "500m" }))] } }],
    [
      "beside pods that have ended",
      { spec: asking({ cpu: "2" }), room: { others: [other(asking({ cpu: "2" }), "Succeeded")] } },
    ],
    ["whose labels it has", { spec: { nodeSelector: { disk: "fast" } } }],
    [
      "with a port on another address",
      { spec: port(80, { hostIP: "10.0.0.1" }), room: { others: [other(port(80, { hostIP: "10.0.0.2" }))] } },
    ],
    ["with a port of another protocol", { spec: port(80, { protocol: "UDP" }), room: { others: [other(port(80))] } }],
    ["with a safe parameter of the kernel", { spec: sysctl("net/ipv4/tcp_syncookies") }],
    ["with one that the operator allows", { spec: sysctl("kernel.msgmax") }],
    [
      "that tolerates its taints",
      { spec: { tolerations: [{ operator: "Exists" }] }, room: { taints: [{ key: "a", effect: "NoExecute" }] } },
    ],
    ["with taints that concern the scheduler alone", { room: { taints: [{ key: "a", effect: "NoSchedule" }] } }],
    ["without AppArmor", { spec: profile("Unconfined") }],
    ["with AppArmor, where it has that", { spec: profile("Localhost"), rules: { hasAppArmor: true } }],
    ["for its system", { spec: { os: { name: "linux" } } }],
  ];
  for (const [title, situation] of taken) it(`takes one ${title}`, () => expect(judge(situation)).to.equal(undefined));

  const refused: readonly (readonly [reason: string, message: string, Situation])[] = [
    [
      "OutOfcpu",
      "Node didn't have enough resource: cpu, requested: 1600, used: 500, capacity: 2000",
      { spec: asking({ cpu: "1600m" }), room: { others: [other(asking({ cpu: "500m" }))] } },
    ],
    [
      "OutOfexample.org/dongle",
      "Node didn't have enough resource: example.org/dongle, requested: 1, used: 0, capacity: 0",
      { spec: asking({ "example.org/dongle": "1" }) },
    ],
    [
      "OutOfpods",
      "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
      { room: { others: [other({}), other({}), other({})] } },
    ],
    [
      "NodeAffinity",
      "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
      { spec: { nodeSelector: { disk: "slow" } } },
    ],
    [
      "NodePorts",
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
      { spec: port(80, { hostIP: "10.0.0.1" }), room: { others: [other(port(80))] } },
    ],
    [
      "TaintToleration",
      "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
      { room: { taints: [{ key: "a", effect: "NoExecute" }] } },
    ],
    [
      "PodOSNotSupported",
      "Failed to admit pod as the OS field doesn't match node OS",
      { spec: { os: { name: "windows" } } },
    ],
    [
      "PodOSSelectorNodeLabelDoesNotMatch",
      "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
      { spec: { nodeSelector: { "kubernetes.io/os": "windows" } } },
    ],
    [
      "SupplementalGroupsPolicyNotSupported",
      "SupplementalGroupsPolicy=Strict is not supported in this node",
      { spec: { securityContext: { supplementalGroupsPolicy: "Strict" } } },
    ],
    ["SysctlForbidden", 'forbidden sysctl: "vm.swappiness" not allowlisted', { spec: sysctl("vm.swappiness") }],
    ["SysctlForbidden", 'forbidden sysctl: "kernel.sem" not allowlisted', { spec: sysctl("kernel.sem") }],
    [
      "SysctlForbidden",
      'forbidden sysctl: "net.core.somaxconn" not allowed with host Net enabled',
      { spec: sysctl("net.core.somaxconn", { hostNetwork: true }) },
    ],
    [
      "SysctlForbidden",
      'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host IPC enabled',
      { spec: sysctl("kernel.shm_rmid_forced", { hostIPC: true }) },
    ],
    ["AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host", { spec: profile("RuntimeDefault") }],
  ];
  for (const [reason, message, situation] of refused) {
    it(`refuses one for ${reason}: ${message}`, () => {
      expect(judge(situation)).to.include({ reason, event: message, message: `Pod was rejected: ${message}` });
    });
  }

  it("reads both spellings of the kernel's parameters", () => {
    expect(dottedSysctl("net/ipv4/conf/eth0.1/mtu")).to.equal("net.ipv4.conf.eth0/1.mtu");
    expect(dottedSysctl("net.ipv4.conf.eth0/1.mtu")).to.equal("net.ipv4.conf.eth0/1.mtu");
  });
});
