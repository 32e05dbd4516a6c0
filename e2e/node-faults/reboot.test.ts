// The machine of a cluster loses power: every process ends at once, and what the kernel held is gone, the network with its addresses and
// rules, and file systems in memory. What is on disk stays. The cluster is then started as it was the first time.

import { promises as fs } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { diskFiles } from "../../kubelet/node-files.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { PrivateDocker } from "../../testing/private-docker.ts";
import { KCTL } from "../cluster-under-test.ts";
import { runCommand, runOrFail } from "../command.ts";
import { RunningProcess } from "../running-process.ts";
import { makeTestImages } from "../test-images.ts";
import { eventually } from "../waiting.ts";

const NODES = 3;
/** How soon after the start everything has to be as it was. */
const BACK_WITHIN_MS = 60_000;

interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly restarts: number;
  readonly isReady: boolean;
}

describeWith(["docker", "root", "linux", "nftables", "kubectl"], "a cluster whose machine loses power", () => {
  let docker: PrivateDocker;
  let directory: string;
  let cluster: RunningProcess;

  before(async () => {
    docker = await PrivateDocker.prepare({ liveRestore: false });
    await docker.start();
    directory = await fs.mkdtemp(join(tmpdir(), "gantry-reboot-"));
    await makeTestImages("docker", directory, docker.socketPath);
  });
  after(async () => {
    await cluster?.crash();
    const wiped = await runCommand(inMachine("down", "--wipe", "--data-dir", join(directory, "data")));
    expect(wiped.code, wiped.stderr).to.equal(0);
    expect(await diskFiles.mountsBelow(directory)).to.deep.equal([]);
    await docker.remove();
    await fs.rm(directory, { recursive: true, force: true });
  });

  const environment = () => ({
    DOCKER_HOST: `unix://${docker.socketPath}`,
    HOME: directory,
    KUBECONFIG: join(directory, "data/kubeconfig"),
  });
  const inMachine = (...words: readonly string[]) => [
    ...docker.inNetwork,
    "env",
    ...Object.entries(environment()).map(([name, value]) => `${name}=${value}`),
    ...KCTL,
    ...words,
  ];
  const kubectl = (words: string, input = "") =>
    runOrFail([...docker.inNetwork, "kubectl", ...words.split(" ")], { input, environment: environment() });

  async function startCluster(): Promise<void> {
    const flags = ["--data-dir", join(directory, "data"), "--nodes", String(NODES)];
    cluster = new RunningProcess("cluster", inMachine("up", ...flags, "--runtime", "docker", "--proxy", "nftables"));
    await eventually("the cluster is ready", () => {
      if (cluster.ended) throw new Error(`kctl up ended: ${cluster.output}`);
      return cluster.output.includes("The cluster is ready");
    });
  }

  async function losePower(): Promise<void> {
    await cluster.crash();
    await docker.crash();
    await docker.killContainers();
    await docker.unmount();
    for (const mount of await diskFiles.mountsBelow(directory)) await runOrFail(["umount", mount]);
    await docker.removeNetwork();
    // Where daemons keep what need not outlive them.
    for (const name of ["exec", "pid", "docker.sock"]) {
      await fs.rm(join(docker.directory, name), { recursive: true, force: true });
    }
  }

  async function podFacts(): Promise<readonly PodFacts[]> {
    const { items } = JSON.parse(await kubectl("get pods -o json")) as { items: PodJson[] };
    return items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      uid: metadata.uid,
      node: spec.nodeName,
      restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
      isReady: status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false,
    }));
  }

  const untilReady = (count: number, restarts: number) =>
    eventually(
      `${count} pods are ready`,
      async () => {
        const facts = await podFacts();
        const isBack = facts.length === count && facts.every((each) => each.isReady && each.restarts === restarts);
        if (!isBack) throw new Error(JSON.stringify(facts));
        return facts;
      },
      BACK_WITHIN_MS,
    );

  const untilServed = async () => {
    const address = await kubectl("get service hello -o jsonpath={.spec.clusterIP}");
    await eventually(
      "the service answers",
      async () => (await runOrFail([...docker.inNetwork, "curl", "-s", `http://${address}:8080/`])).includes("version"),
      BACK_WITHIN_MS,
    );
  };

  const runningContainers = async () => {
    const flags = ["--filter", "label=gantry.cluster", "--format", "{{.Names}}"];
    const listed = await runOrFail(["docker", "--host", `unix://${docker.socketPath}`, "ps", ...flags]);
    return listed.trim().split("\n");
  };

  /** A pod that keeps a record of its starts on a volume, and uses a file system in memory besides. */
  const keeper = () => [
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "records" },
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        storageClassName: "",
        hostPath: { path: join(directory, "records"), type: "DirectoryOrCreate" },
      },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "records" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "",
        volumeName: "records",
        resources: { requests: { storage: "1Gi" } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "keeper" },
      spec: {
        containers: [
          {
            name: "main",
            image: "node:local",
            command: [
              "node",
              "-e",
              'const fs = require("fs"); fs.appendFileSync("/records/starts", "started\\n"); ' +
                'fs.writeFileSync("/memory/file", ""); setInterval(() => {}, 1000);',
            ],
            volumeMounts: [
              { name: "records", mountPath: "/records" },
              { name: "memory", mountPath: "/memory" },
            ],
          },
        ],
        volumes: [
          { name: "records", persistentVolumeClaim: { claimName: "records" } },
          { name: "memory", emptyDir: { medium: "Memory" } },
        ],
      },
    },
  ];

  it("is what it was before soon after its start, with the same pods and data, and nothing twice", async function () {
    this.timeout(600_000);
    await startCluster();
    await kubectl("apply -f manifests/hello.yaml");
    await kubectl("apply -f -", JSON.stringify({ apiVersion: "v1", kind: "List", items: keeper() }));
    const before = await untilReady(4, 0);
    expect(new Set(before.map(({ node }) => node)).size).to.be.greaterThan(1);
    await untilServed();
    const running = await runningContainers();

    await losePower();
    await docker.makeNetwork();
    await docker.start();
    await startCluster();
    const after = await untilReady(4, 1);
    await untilServed();

    const withoutCounts = (facts: readonly PodFacts[]) => facts.map(({ name, uid, node }) => ({ name, uid, node }));
    expect(withoutCounts(after)).to.deep.equal(withoutCounts(before));
    expect(await fs.readFile(join(directory, "records/starts"), "utf8")).to.equal("started\nstarted\n");
    // Each with the number of the next attempt.
    expect((await runningContainers()).map((name) => name.replace(/_1$/, "_0")).sort()).to.deep.equal(running.sort());
  });
});

interface PodJson {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}
