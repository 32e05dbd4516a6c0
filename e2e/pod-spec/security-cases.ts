// Whom a container runs as, and what it may do.

import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { SecurityContext } from "../../api/core/security-context.ts";
import { hasFailed, isReady, mainOf, shell, SLEEPS, telling, tells, waitsFor, type PodCase } from "./pod-case.ts";

const IDS = "id -u; id -g; id -G";
const seccompMode = "grep '^Seccomp:' /proc/self/status";
const capabilities = "grep '^CapEff:' /proc/self/status";
/** The numbers of two capabilities of the kernel. */
const NET_ADMIN = 1n << 12n;
const CHOWN = 1n << 0n;
const effective = (said: string) => BigInt(`0x${/CapEff:\s*([0-9a-f]+)/.exec(said)?.[1] ?? "0"}`);

/** A machine in a sandbox of its own may lack some, and can give nobody what it does not have. */
function machineHasAllRights(): boolean {
  const bounds = /CapBnd:\s*([0-9a-f]+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${bounds}`) & BigInt(0x1ffffffffff)) === BigInt(0x1ffffffffff);
}

const main = (securityContext: SecurityContext, script: string) => tells(script, { securityContext });

export const securityCases: readonly PodCase[] = [
  {
    title: "runs as the user and the groups of the pod, and the container's own where it has some",
    sees: [
      "PodSpec.securityContext",
      "PodSecurityContext.runAsUser",
      "PodSecurityContext.runAsGroup",
      "PodSecurityContext.supplementalGroups",
      "PodSecurityContext.fsGroup",
      "PodSecurityContext.supplementalGroupsPolicy",
      "Container.securityContext",
      "SecurityContext.runAsUser",
      "SecurityContext.runAsGroup",
    ],
    spec: {
      restartPolicy: "Never",
      securityContext: {
        runAsUser: 1001,
        runAsGroup: 2001,
        supplementalGroups: [3001],
        fsGroup: 4001,
        supplementalGroupsPolicy: "Merge",
      },
      containers: [telling(IDS), telling(IDS, { name: "own", securityContext: { runAsUser: 1002, runAsGroup: 2002 } })],
    },
    check({ said }) {
      expect(said()).to.equal("1001\n2001\n2001 3001 4001\n");
      expect(said("own")).to.equal("1002\n2002\n2002 3001 4001\n");
    },
  },
  {
    title: "leaves the user to the image where only the group is given",
    sees: ["SecurityContext.runAsGroup"],
    spec: main({ runAsGroup: 2003 }, "id -u; id -g"),
    check: ({ said }) => expect(said()).to.equal("0\n2003\n"),
  },
  {
    title: "gives its volumes to the group of the pod",
    sees: ["PodSecurityContext.fsGroup", "PodSecurityContext.fsGroupChangePolicy"],
    spec: {
      restartPolicy: "Never",
      securityContext: { fsGroup: 4002, fsGroupChangePolicy: "OnRootMismatch", runAsUser: 1001 },
      volumes: [{ name: "data", emptyDir: {} }],
      containers: [
        telling("stat -c %g /data; touch /data/new; stat -c %g /data/new", {
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        }),
      ],
    },
    check: ({ said }) => expect(said()).to.equal("4002\n4002\n"),
  },
  ...(["pod", "container"] as const).map((where): PodCase => ({
    title: `does not start as root what must not run as root, said of the ${where}`,
    sees: [where === "pod" ? "PodSecurityContext.runAsNonRoot" : "SecurityContext.runAsNonRoot"],
    spec: {
      ...(where === "pod" && { securityContext: { runAsNonRoot: true } }),
      containers: [shell(SLEEPS, where === "container" ? { securityContext: { runAsNonRoot: true } } : {})],
    },
    until: waitsFor("CreateContainerConfigError"),
    check({ pod }) {
      const { namespace, name, uid } = pod.metadata;
      expect(mainOf(pod)?.state.waiting?.message).to.equal(
        `container has runAsNonRoot and image will run as root (pod: "${name}_${namespace}(${uid})", container: main)`,
      );
    },
  })),
  {
    title: "gains and loses the rights that its capabilities say",
    sees: ["SecurityContext.capabilities", "Capabilities.add", "Capabilities.drop"],
    spec: main(
      { capabilities: { add: ["NET_ADMIN"], drop: ["CHOWN"] } },
      `${capabilities}; touch /f; busybox chown 1 /f; echo $?`,
    ),
    check({ said }) {
      expect((effective(said()) & NET_ADMIN) !== 0n).to.equal(true);
      expect((effective(said()) & CHOWN) !== 0n).to.equal(false);
      expect(said()).to.match(/not permitted\n1\n$/);
    },
  },
  {
    title: "has all rights when privileged; on a machine that does not have them all itself, Docker says so",
    sees: ["SecurityContext.privileged"],
    spec: {
      restartPolicy: "Never",
      containers: [
        telling("mkdir /t; mount -t tmpfs none /t && echo mounted", { securityContext: { privileged: true } }),
        telling("mkdir /t; mount -t tmpfs none /t && echo mounted", { name: "plain" }),
      ],
    },
    check({ said }) {
      expect(said()).to.contain(machineHasAllRights() ? "mounted" : "unable to apply caps");
      expect(said("plain")).to.not.contain("mounted");
    },
  },
  {
    title: "cannot write to its own file system where that is read-only",
    sees: ["SecurityContext.readOnlyRootFilesystem"],
    spec: main({ readOnlyRootFilesystem: true }, "touch /file; echo $?"),
    check: ({ said }) => expect(said()).to.contain("Read-only file system\n1\n"),
  },
  {
    title: "gains no more rights than it started with where that is not allowed",
    sees: ["SecurityContext.allowPrivilegeEscalation"],
    spec: {
      restartPolicy: "Never",
      containers: [
        telling("grep NoNewPrivs /proc/self/status", { securityContext: { allowPrivilegeEscalation: false } }),
        telling("grep NoNewPrivs /proc/self/status", { name: "plain" }),
      ],
    },
    check({ said }) {
      expect(said()).to.equal("NoNewPrivs:\t1\n");
      expect(said("plain")).to.equal("NoNewPrivs:\t0\n");
    },
  },
  {
    title: "may make the system calls that its seccomp profile allows, the pod's or its own",
    sees: [
      "PodSecurityContext.seccompProfile",
      "SecurityContext.seccompProfile",
      "SeccompProfile.type",
      "SeccompProfile.localhostProfile",
    ],
    spec: {
      restartPolicy: "Never",
      securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "no-mkdir.json" } },
      containers: [
        telling("mkdir /x; echo $?"),
        telling(seccompMode, { name: "free", securityContext: { seccompProfile: { type: "Unconfined" } } }),
        telling(seccompMode, { name: "usual", securityContext: { seccompProfile: { type: "RuntimeDefault" } } }),
      ],
    },
    check({ said }) {
      expect(said()).to.contain("Operation not permitted\n1\n");
      expect(said("free")).to.equal("Seccomp:\t0\n");
      expect(said("usual")).to.equal("Seccomp:\t2\n");
    },
  },
  {
    title: "says where a seccomp profile should be that its node does not have",
    sees: ["SeccompProfile.localhostProfile"],
    spec: {
      securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "missing.json" } },
      containers: [shell(SLEEPS)],
    },
    until: waitsFor("CreateContainerError"),
    check: ({ pod }) =>
      expect(mainOf(pod)?.state.waiting?.message).to.match(/^cannot load seccomp profile ".*\/seccomp\/missing\.json"/),
  },
  {
    title: "is refused by a node without AppArmor when it asks for a profile, the pod's or a container's",
    sees: [
      "PodSecurityContext.appArmorProfile",
      "SecurityContext.appArmorProfile",
      "AppArmorProfile.type",
      "AppArmorProfile.localhostProfile",
    ],
    spec: main({ appArmorProfile: { type: "Localhost", localhostProfile: "strict" } }, "true"),
    async check({ pod, lab }) {
      const message = "Cannot enforce AppArmor: AppArmor is not enabled on the host";
      expect(pod.status).to.include({ phase: "Failed", reason: "AppArmor", message: `Pod was rejected: ${message}` });
      await lab.event(pod.metadata.name, "AppArmor", message);
    },
  },
  {
    title: "runs without AppArmor where it asks for that",
    sees: ["AppArmorProfile.type"],
    spec: { ...tells("echo runs"), securityContext: { appArmorProfile: { type: "Unconfined" } } },
    check: ({ said }) => expect(said()).to.equal("runs\n"),
  },
  {
    title: "is told what has no effect on a Linux node without SELinux",
    sees: [
      "PodSecurityContext.seLinuxOptions",
      "PodSecurityContext.seLinuxChangePolicy",
      "PodSecurityContext.windowsOptions",
      "SecurityContext.seLinuxOptions",
      "SecurityContext.windowsOptions",
      ...["user", "role", "type", "level"].map((part) => `SELinuxOptions.${part}`),
      ...["gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"].map(
        (part) => `WindowsSecurityContextOptions.${part}`,
      ),
    ],
    spec: {
      securityContext: {
        seLinuxOptions: { user: "u", role: "r", type: "t", level: "s0" },
        seLinuxChangePolicy: "Recursive",
        windowsOptions: { gmsaCredentialSpecName: "spec", gmsaCredentialSpec: "{}", runAsUserName: "NT User" },
      },
      containers: [shell(SLEEPS)],
    },
    until: isReady,
    async check({ pod, lab }) {
      await lab.event(pod.metadata.name, "Unsupported", "SELinux is not enabled on this node");
      await lab.event(pod.metadata.name, "Unsupported", "this node runs Linux");
    },
  },
  {
    title: "is refused when it must not have the groups of its image, which Docker gives it all the same",
    sees: ["PodSecurityContext.supplementalGroupsPolicy"],
    spec: { ...tells("true"), securityContext: { supplementalGroupsPolicy: "Strict" } },
    until: hasFailed,
    check: ({ pod }) =>
      expect(pod.status).to.include({
        reason: "SupplementalGroupsPolicyNotSupported",
        message: "Pod was rejected: SupplementalGroupsPolicy=Strict is not supported in this node",
      }),
  },
  {
    title: "does not start with users of its own, which Docker cannot give to one pod alone, and says so",
    sees: ["PodSpec.hostUsers"],
    spec: { ...tells("true"), hostUsers: false },
    until: ({ status }) => status.startTime !== undefined,
    async check({ pod, lab }) {
      const problem = "can't set `spec.hostUsers: false`, runtime does not support user namespaces";
      await lab.event(pod.metadata.name, "FailedCreatePodSandBox", problem);
    },
  },
];
