import { expect } from "chai";
import { buildContainer, buildContainerName, buildResources, buildSandbox, labels } from "./docker-spec.ts";
import type { ContainerSpec, SandboxSpec } from "./runtime.ts";

const pod = { namespace: "default", name: "web-1", uid: "1234" };
const scope = { cluster: "c1", node: "n1" };
const sandboxSpec: SandboxSpec = { pod, attempt: 0, hostname: "web-1" };
const containerSpec: ContainerSpec = { name: "main", attempt: 2, image: "web:1", env: [], mounts: [] };

interface Body {
  readonly [field: string]: unknown;
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

const sandbox = (changes: Partial<SandboxSpec> = {}) =>
  buildSandbox({ ...sandboxSpec, ...changes }, scope, "pods") as Body;
const container = (changes: Partial<ContainerSpec> = {}, sandboxChanges: Partial<SandboxSpec> = {}) =>
  buildContainer(
    { ...containerSpec, ...changes },
    { id: "s1", pod, labels: sandbox(sandboxChanges).Labels },
    { scope, log: { bytesMax: 1000, filesMax: 2 } },
  ) as Body;

describe("what Docker is asked for", () => {
  it("names containers so that a repeated creation meets the first", () => {
    expect(buildContainerName({ name: "main", attempt: 2, pod })).to.equal("k8s_main_web-1_default_1234_2");
  });

  it("labels containers with their pod, cluster and node", () => {
    expect(container({ labels: { hash: "abc" } }).Labels).to.deep.equal({
      "gantry.cluster": "c1",
      "gantry.node": "n1",
      "gantry.sandbox": "s1",
      "gantry.attempt": "2",
      "gantry.image": "web:1",
      "gantry.labels": '{"hash":"abc"}',
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.name": "web-1",
      "io.kubernetes.pod.uid": "1234",
      "io.kubernetes.container.name": "main",
    });
    expect(sandbox().Labels[labels.container]).to.equal("POD");
  });

  const networks: [string, Partial<SandboxSpec>, object][] = [
    ["the pods' network", {}, { NetworkMode: "pods", IpcMode: "shareable" }],
    ["the node's network", { hostNetwork: true }, { NetworkMode: "host", PortBindings: {} }],
    ["the node's processes", { hostPid: true, hostIpc: true }, { PidMode: "host", IpcMode: "host" }],
    [
      "DNS",
      { dns: { servers: ["10.96.0.10"], searches: ["a.b"], options: ["ndots:5"] } },
      { Dns: ["10.96.0.10"], DnsSearch: ["a.b"], DnsOptions: ["ndots:5"] },
    ],
    [
      "host aliases",
      { hostAliases: [{ ip: "10.0.0.1", hostnames: ["a", "b"] }] },
      { ExtraHosts: ["a:10.0.0.1", "b:10.0.0.1"] },
    ],
    [
      "host ports",
      {
        portMappings: [
          { protocol: "TCP", containerPort: 80, hostPort: 8080 },
          { protocol: "UDP", containerPort: 53, hostPort: 53, hostIp: "127.0.0.1" },
        ],
      },
      {
        PortBindings: {
          "80/tcp": [{ HostIp: "", HostPort: "8080" }],
          "53/udp": [{ HostIp: "127.0.0.1", HostPort: "53" }],
        },
      },
    ],
  ];
  for (const [what, changes, expected] of networks) {
    it(`gives a sandbox ${what}`, () => {
      const { HostConfig } = sandbox(changes);
      expect({ ...HostConfig, ...expected }).to.deep.equal(HostConfig);
    });
  }

  const joins: [string, Partial<SandboxSpec>, string | undefined][] = [
    ["its own processes", {}, undefined],
    ["the pod's processes", { shareProcessNamespace: true }, "container:s1"],
    ["the node's processes", { hostPid: true }, "host"],
  ];
  for (const [what, changes, expected] of joins) {
    it(`joins the sandbox and sees ${what}`, () => {
      const { HostConfig } = container({}, changes);
      expect(HostConfig).to.include({ NetworkMode: "container:s1", IpcMode: "container:s1" });
      expect(HostConfig["PidMode"]).to.equal(expected);
    });
  }

  it("replaces the image's entry point with the command and its arguments with args", () => {
    expect(container()).not.to.have.any.keys("Entrypoint", "Cmd", "User", "WorkingDir");
    expect(container({ command: ["a"], args: ["b"] })).to.deep.include({ Entrypoint: ["a"], Cmd: ["b"] });
  });

  it("mounts with the propagation asked for", () => {
    const mounts = [
      { hostPath: "/h", containerPath: "/c", readOnly: true },
      { hostPath: "/i", containerPath: "/d", propagation: "Bidirectional" as const },
    ];
    expect(container({ mounts }).HostConfig["Mounts"]).to.deep.equal([
      { Type: "bind", Source: "/h", Target: "/c", ReadOnly: true, BindOptions: { Propagation: "rprivate" } },
      { Type: "bind", Source: "/i", Target: "/d", ReadOnly: false, BindOptions: { Propagation: "rshared" } },
    ]);
  });

  const users: [object, string | undefined][] = [
    [{}, undefined],
    [{ user: 1000 }, "1000"],
    [{ user: 1000, group: 2000 }, "1000:2000"],
    [{ group: 2000 }, "0:2000"],
  ];
  for (const [security, expected] of users) {
    it(`runs ${JSON.stringify(security)} as ${expected ?? "the image's user"}`, () => {
      expect(container({ security })["User"]).to.equal(expected);
    });
  }

  const resources: [object, object][] = [
    [{}, { CpuShares: 2 }],
    [{ cpuMillisRequest: 500 }, { CpuShares: 512 }],
    [{ cpuMillisRequest: 1 }, { CpuShares: 2 }],
    [{ cpuMillisLimit: 250 }, { CpuShares: 2, CpuPeriod: 100_000, CpuQuota: 25_000 }],
    [{ cpuMillisLimit: 5 }, { CpuShares: 2, CpuPeriod: 100_000, CpuQuota: 1000 }],
    [{ memoryBytesLimit: 64 }, { CpuShares: 2, Memory: 64, MemorySwap: 64 }],
    [{ oomScoreAdj: 1000 }, { CpuShares: 2, OomScoreAdj: 1000 }],
  ];
  for (const [given, expected] of resources) {
    it(`turns ${JSON.stringify(given)} into ${JSON.stringify(expected)}`, () => {
      expect(buildResources(given)).to.deep.equal(expected);
    });
  }

  it("passes on the security context", () => {
    const security = {
      privileged: true,
      readOnlyRootFilesystem: true,
      noNewPrivileges: true,
      addCapabilities: ["NET_ADMIN"],
      dropCapabilities: ["ALL"],
      supplementalGroups: [5],
      seccomp: "Unconfined" as const,
    };
    expect(container({ security }).HostConfig).to.deep.include({
      Privileged: true,
      ReadonlyRootfs: true,
      CapAdd: ["NET_ADMIN"],
      CapDrop: ["ALL"],
      GroupAdd: ["5"],
      SecurityOpt: ["no-new-privileges", "seccomp=unconfined"],
    });
  });
});
