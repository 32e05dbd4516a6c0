import { expect } from "chai";
import type { ContainerSecurity, ContainerSpec, SandboxSpec } from "../runtime.ts";
import { buildContainer, buildSandbox, buildUpdate, readNotes, type ContainerPlace } from "./spec.ts";

const pod = { namespace: "shop", name: "web", uid: "u1" };
const scope = { cluster: "c1", node: "n1" };
const sandboxOf = (changes: Partial<SandboxSpec> = {}) =>
  buildSandbox({ pod, attempt: 2, hostname: "web", ...changes }, scope, "/logs/web");

const place: ContainerPlace = {
  sandbox: {
    id: "s1",
    metadata: { ...pod, attempt: 2 },
    labels: { "gantry.cluster": "c1" },
    annotations: sandboxOf().annotations ?? {},
    linux: { namespaces: { options: { network: "POD", pid: "CONTAINER", ipc: "POD", targetId: "" } } },
  },
  hostsPath: "/state/hosts",
};
const containerOf = (changes: Partial<ContainerSpec> = {}, where: Partial<ContainerPlace> = {}) => {
  const spec = { name: "main", attempt: 3, image: "app:1", env: [], mounts: [], ...changes };
  return buildContainer(spec, { ...place, ...where });
};
const securityOf = (security: ContainerSecurity, where: Partial<ContainerPlace> = {}) =>
  containerOf({ security }, where).config?.linux?.securityContext;

describe("what a CRI runtime is asked for", () => {
  it("names a sandbox after its pod, and says whose it is", () => {
    const config = sandboxOf({ labels: { colour: "blue" } });
    expect(config.metadata).to.deep.equal({ ...pod, attempt: 2 });
    expect(config.labels).to.include({ "gantry.cluster": "c1", "gantry.node": "n1", "io.kubernetes.pod.uid": "u1" });
    expect(config.annotations).to.include({ colour: "blue" });
    expect(readNotes(config.annotations ?? {})).to.include({ hostname: "web", logDirectory: "/logs/web" });
  });

  const namespaces: [Partial<SandboxSpec>, Record<string, string>][] = [
    [{}, { network: "POD", pid: "CONTAINER", ipc: "POD" }],
    [{ shareProcessNamespace: true }, { network: "POD", pid: "POD", ipc: "POD" }],
    [
      { hostNetwork: true, hostPid: true, hostIpc: true },
      { network: "NODE", pid: "NODE", ipc: "NODE" },
    ],
  ];
  for (const [changes, expected] of namespaces) {
    it(`has the namespaces of a pod with ${JSON.stringify(changes)}`, () => {
      expect(sandboxOf(changes).linux?.securityContext?.namespaceOptions).to.deep.equal(expected);
    });
  }

  it("leaves the name and the ports of a pod in the node's network to the node", () => {
    const portMappings = [{ protocol: "TCP", containerPort: 80, hostPort: 8080 }] as const;
    expect(sandboxOf({ portMappings })).to.include({ hostname: "web" }).and.deep.include({ portMappings });
    expect(sandboxOf({ portMappings, hostNetwork: true })).to.deep.include({ hostname: "", portMappings: [] });
  });

  it("writes a container's log where Kubernetes does", () => {
    const { config, sandboxConfig, podSandboxId } = containerOf();
    expect(podSandboxId).to.equal("s1");
    expect([sandboxConfig?.logDirectory, config?.logPath]).to.deep.equal(["/logs/web", "main/3.log"]);
  });

  it("mounts a hosts file, unless the kubelet gives one", () => {
    const own = { hostPath: "/state/hosts", containerPath: "/etc/hosts" };
    expect(containerOf().config?.mounts?.map(({ hostPath }) => hostPath)).to.deep.equal([own.hostPath]);
    const given = { hostPath: "/kubelet/hosts", containerPath: "/etc/hosts", propagation: "HostToContainer" } as const;
    expect(containerOf({ mounts: [given] }).config?.mounts).to.deep.equal([
      {
        hostPath: given.hostPath,
        containerPath: given.containerPath,
        readonly: false,
        propagation: "PROPAGATION_HOST_TO_CONTAINER",
      },
    ]);
  });

  it("sees the processes of another container where that is asked for", () => {
    const options = containerOf({ processesOf: "c9" }).config?.linux?.securityContext?.namespaceOptions;
    expect(options).to.include({ pid: "TARGET", targetId: "c9", network: "POD" });
  });

  it("hides what the kernel shows of itself, except from privileged containers", () => {
    expect(securityOf({})?.maskedPaths).to.include("/proc/kcore");
    expect(securityOf({})?.readonlyPaths).to.include("/proc/sys");
    const privileged = containerOf({ security: { privileged: true } });
    expect(privileged.config?.linux?.securityContext).to.not.have.any.keys("maskedPaths", "readonlyPaths");
    expect(privileged.sandboxConfig?.linux?.securityContext?.privileged).to.equal(true);
  });

  const users: [ContainerSecurity, Partial<ContainerPlace>, object][] = [
    [{}, {}, {}],
    [{ user: 0 }, {}, { runAsUser: { value: 0 } }],
    [{ user: 7, group: 8 }, {}, { runAsUser: { value: 7 }, runAsGroup: { value: 8 } }],
    [{ user: "app" }, {}, { runAsUsername: "app" }],
    [{ group: 8 }, {}, { runAsUser: { value: 0 }, runAsGroup: { value: 8 } }],
    [{ group: 8 }, { imageUser: { uid: 5 } }, { runAsUser: { value: 5 }, runAsGroup: { value: 8 } }],
    [{ group: 8 }, { imageUser: { name: "app" } }, { runAsUsername: "app", runAsGroup: { value: 8 } }],
  ];
  for (const [security, where, expected] of users) {
    it(`runs ${JSON.stringify({ ...security, ...where.imageUser })} as ${JSON.stringify(expected)}`, () => {
      const { runAsUser, runAsUsername, runAsGroup } = securityOf(security, where) ?? {};
      const given = Object.entries({ runAsUser, runAsUsername, runAsGroup }).filter(([, value]) => value !== undefined);
      expect(Object.fromEntries(given)).to.deep.equal(expected);
    });
  }

  const profiles: [ContainerSecurity, object][] = [
    [{}, { profileType: "RuntimeDefault" }],
    [{ seccomp: "RuntimeDefault" }, { profileType: "RuntimeDefault" }],
    [{ seccomp: "Unconfined" }, { profileType: "Unconfined" }],
    [{ seccomp: "RuntimeDefault", privileged: true }, { profileType: "Unconfined" }],
    [{ seccomp: { profile: "{}" } }, { profileType: "Localhost", localhostRef: "/state/profile" }],
  ];
  for (const [security, expected] of profiles) {
    it(`confines system calls of ${JSON.stringify(security)}`, () => {
      expect(securityOf(security, { seccompPath: "/state/profile" })?.seccomp).to.deep.equal(expected);
    });
  }

  it("takes limits away by saying so", () => {
    expect(buildUpdate({ cpuMillisRequest: 500 })).to.deep.equal({
      cpuShares: 512,
      cpuPeriod: 100_000,
      cpuQuota: -1,
      memoryLimitInBytes: -1,
    });
    expect(buildUpdate({ cpuMillisLimit: 250, memoryBytesLimit: 64 })).to.include({
      cpuQuota: 25_000,
      memoryLimitInBytes: 64,
    });
  });
});
