// What a container may use, and what happens when it wants more.

import { expect } from "chai";
import type { Container } from "../../api/core/container.ts";
import { containerStatusOf, podCondition } from "../../api/core/pod-state.ts";
import type { PodSpec, Pod } from "../../api/core/pod.ts";
import { hasFailed, isReady, mainOf, shell, SLEEPS, telling, tells, THIS_NODE, type PodCase } from "./pod-case.ts";

/** By either version of control groups. */
const LIMITS =
  "cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max; cat cpu/cpu.cfs_quota_us cpu.max; cat cpu/cpu.shares";
const UNTIL_RESIZED = (file: string, text: string) =>
  `until grep -q ${text} /sys/fs/cgroup/${file}; do sleep 0.2; done`;

const resize = (field: "containers" | "initContainers", name: string, resources: Container["resources"]) => [
  "--subresource=resize",
  "--patch",
  JSON.stringify({ spec: { [field]: [{ name, resources }] } }),
];
const hasStatus = (name: string) => (pod: Pod) => containerStatusOf(pod, name)?.resources !== undefined;

const byHand = (spec: Partial<PodSpec>): Partial<PodSpec> => ({
  nodeName: THIS_NODE,
  containers: [shell("true")],
  ...spec,
});
const needs = (resources: Container["resources"]) => byHand({ containers: [shell("true", { resources })] });

export const resourceCases: readonly PodCase[] = [
  {
    title: "is limited to the memory and the CPU that it may use",
    sees: ["Container.resources", "ResourceRequirements.limits", "ResourceRequirements.requests"],
    spec: tells(`{ ${LIMITS}; } 2>/dev/null`, {
      resources: { requests: { cpu: "100m" }, limits: { cpu: "250m", memory: "48Mi" } },
    }),
    check({ said }) {
      expect(said()).to.contain(String(48 * 2 ** 20));
      expect(said()).to.contain("25000");
    },
  },
  {
    title: "is ended for using more memory than that, and its neighbour is not",
    sees: ["ResourceRequirements.limits"],
    spec: {
      restartPolicy: "Never",
      containers: [
        shell("exec tail /dev/zero", { resources: { limits: { memory: "16Mi" } } }),
        shell(SLEEPS, { name: "neighbour" }),
      ],
    },
    until: (pod) =>
      mainOf(pod)?.state.terminated !== undefined && containerStatusOf(pod, "neighbour")?.state.running !== undefined,
    check: ({ pod }) => expect(mainOf(pod)?.state.terminated).to.include({ reason: "OOMKilled", exitCode: 137 }),
  },
  {
    title: "cannot take all of the node's process ids by forking without end, and other pods go on",
    sees: ["Container.resources"],
    spec: tells("cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null; while :; do sleep 1000 & done"),
    async check({ said, lab }) {
      expect(said())
        .to.match(/^4096\n/)
        .and.to.contain("can't fork");
      expect(mainOf(await lab.until("beside-the-bomb", isReady))?.restartCount).to.equal(0);
    },
  },
  {
    title: "is restarted for a resize where its policy says so, whatever it ends with",
    sees: ["Container.resizePolicy", "ContainerResizePolicy.resourceName", "ContainerResizePolicy.restartPolicy"],
    spec: {
      restartPolicy: "OnFailure",
      containers: [
        shell(SLEEPS, {
          resources: { requests: { memory: "32Mi", cpu: "10m" }, limits: { memory: "32Mi", cpu: "100m" } },
          resizePolicy: [
            { resourceName: "memory", restartPolicy: "RestartContainer" },
            { resourceName: "cpu", restartPolicy: "NotRequired" },
          ],
        }),
      ],
    },
    until: (pod) => isReady(pod) && hasStatus("main")(pod),
    async check({ pod, lab }) {
      const { name } = pod.metadata;
      const memory = { requests: { memory: "40Mi" }, limits: { memory: "40Mi" } };
      await lab.kubectl(["patch", "pod", name, ...resize("containers", "main", memory)]);
      const again = await lab.until(name, (each) => mainOf(each)?.restartCount === 1 && isReady(each));
      expect(mainOf(again)?.lastState.terminated?.exitCode).to.equal(0);
      await lab.event(name, "Killing", "Container main resize requires restart");
    },
  },
  {
    title: "gives a sidecar other resources while it runs",
    sees: ["Container.restartPolicy"],
    spec: {
      initContainers: [
        {
          ...shell(`${UNTIL_RESIZED("memory/memory.limit_in_bytes", "41943040")}; touch /resized; ${SLEEPS}`, {
            name: "side",
            resources: { requests: { memory: "32Mi" }, limits: { memory: "32Mi" } },
            readinessProbe: { exec: { command: ["test", "-f", "/resized"] }, periodSeconds: 1 },
          }),
          restartPolicy: "Always",
        },
      ],
      containers: [shell(SLEEPS)],
    },
    until: (pod) => hasStatus("side")(pod) && containerStatusOf(pod, "main")?.state.running !== undefined,
    async check({ pod, lab }) {
      const { name } = pod.metadata;
      const memory = { requests: { memory: "40Mi" }, limits: { memory: "40Mi" } };
      await lab.kubectl(["patch", "pod", name, ...resize("initContainers", "side", memory)]);
      const resized = await lab.until(name, (each) => containerStatusOf(each, "side")?.ready === true);
      expect(containerStatusOf(resized, "side")?.restartCount).to.equal(0);
    },
  },
  {
    title: "counts what its runtime class takes besides, and runs under the runtime that the class names",
    sees: ["PodSpec.runtimeClassName", "PodSpec.overhead"],
    spec: { ...tells("echo runs"), runtimeClassName: "usual" },
    check({ said, pod }) {
      expect(said()).to.equal("runs\n");
      expect(pod.spec.overhead).to.deep.equal({ memory: "8Mi" });
    },
  },
  {
    title: "does not start under a runtime that the node does not have, and says so",
    sees: ["PodSpec.runtimeClassName"],
    spec: { ...tells("true"), runtimeClassName: "strange" },
    until: ({ status }) => status.startTime !== undefined,
    check: ({ pod, lab }) => lab.event(pod.metadata.name, "FailedCreatePodSandBox", "no-such-runtime"),
  },
  {
    title: "asks for the pod as a whole, which the server drops as Kubernetes does",
    sees: ["PodSpec.resources"],
    spec: { ...tells("true"), resources: { limits: { cpu: "1" } } },
    check: ({ pod }) => expect(pod.spec).to.not.have.property("resources"),
  },
  ...(
    [
      ["cpu", { requests: { cpu: "1000" } }, "requested: 1000000"],
      [
        "hugepages-2Mi",
        { limits: { "hugepages-2Mi": "2Mi", memory: "1Mi" } },
        "requested: 2097152, used: 0, capacity: 0",
      ],
      ["example.org/dongle", { limits: { "example.org/dongle": "1" } }, "requested: 1, used: 0, capacity: 0"],
    ] as const
  ).map(([resource, resources, figures]): PodCase => ({
    title: `is refused by its node for ${resource} that it does not have`,
    sees: ["PodSpec.nodeName"],
    spec: needs(resources),
    until: hasFailed,
    check({ pod }) {
      expect(pod.status.reason).to.equal(`OutOf${resource}`);
      const words = `Pod was rejected: Node didn't have enough resource: ${resource}, ${figures}`;
      expect(pod.status.message).to.contain(words);
    },
  })),
  {
    title: "is refused by a node whose labels it does not want, even if it was put there by hand",
    sees: ["PodSpec.nodeSelector"],
    spec: byHand({ nodeSelector: { disk: "none-has-this" } }),
    until: hasFailed,
    check: ({ pod }) =>
      expect(pod.status).to.include({
        reason: "NodeAffinity",
        message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
      }),
  },
  {
    title: "is refused by a node of another system",
    sees: ["PodSpec.os", "PodOS.name"],
    spec: byHand({ os: { name: "windows" } }),
    until: hasFailed,
    check: ({ pod }) =>
      expect(pod.status).to.include({
        reason: "PodOSNotSupported",
        message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
      }),
  },
  {
    title: "is refused when it wants parameters of the kernel that are the node's",
    sees: ["PodSecurityContext.sysctls"],
    spec: { ...tells("true"), securityContext: { sysctls: [{ name: "kernel.msgmax", value: "65536" }] } },
    until: hasFailed,
    check: ({ pod }) =>
      expect(pod.status).to.include({
        reason: "SysctlForbidden",
        message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
      }),
  },
  {
    title: "is not scheduled when it claims devices, which nobody here hands out, and says so",
    sees: [
      "PodSpec.resourceClaims",
      "PodResourceClaim.name",
      "PodResourceClaim.resourceClaimName",
      "PodResourceClaim.resourceClaimTemplateName",
      "ResourceRequirements.claims",
      "ResourceClaim.name",
      "ResourceClaim.request",
    ],
    spec: {
      resourceClaims: [
        { name: "gpu", resourceClaimName: "one" },
        { name: "other", resourceClaimTemplateName: "two" },
      ],
      containers: [shell("true", { resources: { claims: [{ name: "gpu", request: "half" }] } })],
    },
    until: (pod) => podCondition(pod, "PodScheduled")?.status === "False",
    check: ({ pod }) =>
      expect(podCondition(pod, "PodScheduled")?.message).to.contain(
        'resource claim "gpu" cannot be allocated: this scheduler does not support resource claims',
      ),
  },
  {
    title: "is not scheduled while it has gates, or asks for a scheduler that there is not",
    sees: ["PodSpec.schedulingGates", "PodSchedulingGate.name", "PodSpec.schedulerName"],
    spec: {
      containers: [telling("echo runs")],
      restartPolicy: "Never",
      schedulingGates: [{ name: "example.org/wait" }],
    },
    until: () => true,
    async check({ pod, lab }) {
      const { name } = pod.metadata;
      expect(pod.status.conditions?.[0]).to.include({ type: "PodScheduled", reason: "SchedulingGated" });
      await lab.kubectl([
        "patch",
        "pod",
        name,
        "--type=json",
        "--patch",
        '[{"op":"remove","path":"/spec/schedulingGates"}]',
      ]);
      await lab.until(name, ({ status }) => status.phase === "Succeeded");
    },
  },
];
