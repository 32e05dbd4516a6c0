import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import { nodes } from "../api/core/node.ts";
import { pods, type Pod, type PodSpec } from "../api/core/pod.ts";
import { createApiServer } from "../apiserver/api-server.ts";
import { MemoryStore } from "../apiserver/storage/memory-store.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { inProcessTransport } from "../client/transport.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { describeWith } from "../testing/machine-parts.ts";
import { observeMachine } from "./eviction/observe-machine.ts";
import { readMachineFacts } from "./machine.ts";
import { runKubelet } from "./run-kubelet.ts";
import { ignoring } from "./runtimes/docker-engine.ts";
import type { DockerRuntime } from "./runtimes/docker-runtime.ts";
import { connectToDocker, createDockerRuntime } from "./runtimes/docker.ts";
import { describeBusyboxImage } from "./runtimes/sample-images.ts";

const socketPath = "/var/run/docker.sock";
const image = "busybox:local";
const cluster = `test-room-${process.pid}`;
const network = { name: `gantry-${cluster}`, subnet: "10.213.8.0/24" };
const never = new AbortController().signal;
const clock = systemClock();

describeWith(["docker", "root"], "room and resources of pods on Docker", () => {
  const server = new AbortController();
  let client: Client;
  let runtime: DockerRuntime;
  let rootDirectory: string;
  let running = Promise.resolve();

  before(async () => {
    rootDirectory = await mkdtemp(join(tmpdir(), "gantry-room-"));
    const effects = { clock, random: systemRandom(), log: silentLog, metrics: createMetrics() };
    const api = createApiServer({
      ...effects,
      store: new MemoryStore(),
      resources: builtinResources,
      nodeHandler: () => () => Promise.reject(new Error("the test asks no kubelet")),
      serviceCidr: "10.96.0.0/16",
      // Nobody makes service accounts here.
      disabledAdmission: ["ServiceAccount"],
    });
    await api.start(server.signal);
    client = createClient(inProcessTransport(api.handle, { username: "admin", groups: ["system:masters"] }));
    runtime = await createDockerRuntime({ cluster, node: "n1", network, clock, log: silentLog, socketPath }, never);
    await runtime.images.make(await describeBusyboxImage(systemExec()), never);
    const machine = await readMachineFacts({ directory: rootDirectory, podsMax: 110 });
    const node = { nodeName: "n1", nodeAddress: "127.0.0.1", rootDirectory, machine, exec: systemExec() };
    running = runKubelet({ client, runtime, ...node, ...effects }, server.signal);
    await until(async () => (await client.list(nodes)).items.length === 1);
  });

  afterEach(async () => {
    for (const { metadata } of (await client.list(pods)).items) {
      const key = { namespace: metadata.namespace, name: metadata.name };
      await client.delete(pods, key, { gracePeriodSeconds: 1 });
    }
    await until(async () => (await client.list(pods)).items.length === 0);
    await until(async () => (await runtime.list(never)).length === 0);
  });

  after(async () => {
    server.abort();
    await running;
    const path = `/networks/${network.name}`;
    await ignoring([404], connectToDocker(socketPath).call({ method: "DELETE", path, signal: never }));
    await rm(rootDirectory, { recursive: true, force: true });
  });

  const until = async (isTrue: () => Promise<boolean>) => {
    while (!(await isTrue())) await sleep(clock, 50);
  };
  const key = (name: string) => ({ namespace: "default", name });
  const untilPod = async (name: string, isTrue: (pod: Pod) => boolean): Promise<Pod> => {
    await until(async () => isTrue(await client.get(pods, key(name))));
    return client.get(pods, key(name));
  };
  const run = (name: string, script: string, more: Partial<PodSpec["containers"][number]> & Partial<PodSpec> = {}) => {
    const { volumes, ...rest } = more;
    const main = { name: "main", image, command: ["sh", "-c", script], resources: {}, ...rest };
    const spec = { nodeName: "n1", terminationGracePeriodSeconds: 1, containers: [main], ...(volumes && { volumes }) };
    return client.create(pods, { metadata: key(name), spec });
  };
  const isRunning = ({ status }: Pod) => status.containerStatuses?.[0]?.state.running !== undefined;
  const hasFailed = ({ status }: Pod) => status.phase === "Failed";

  it("end a pod whose volume outgrows its limit", async () => {
    await run("full", "dd if=/dev/zero of=/data/big bs=1M count=12; exec sleep 1000", {
      volumes: [{ name: "data", emptyDir: { sizeLimit: "8Mi" } }],
      volumeMounts: [{ name: "data", mountPath: "/data" }],
    });
    const { status } = await untilPod("full", hasFailed);
    expect(status).to.include({
      reason: "Evicted",
      message: 'Usage of EmptyDir volume "data" exceeds the limit "8Mi". ',
    });
  });

  it("end a pod whose container writes more than its limit", async () => {
    await run("writer", "dd if=/dev/zero of=/big bs=1M count=12; exec sleep 1000", {
      resources: { limits: { "ephemeral-storage": "8Mi" } },
    });
    const { status } = await untilPod("writer", hasFailed);
    expect(status).to.include({
      reason: "Evicted",
      message: "Pod ephemeral local storage usage exceeds the total limit of containers 8Mi. ",
    });
  });

  it("hold a volume in memory to its size", async () => {
    const script = "df -k /data | tail -n 1 | awk '{ print $2 }' > /dev/termination-log";
    await client.create(pods, {
      metadata: key("small"),
      spec: {
        nodeName: "n1",
        restartPolicy: "Never",
        containers: [
          {
            name: "main",
            image,
            command: ["sh", "-c", script],
            resources: {},
            volumeMounts: [{ name: "data", mountPath: "/data" }],
          },
        ],
        volumes: [{ name: "data", emptyDir: { medium: "Memory", sizeLimit: "4Mi" } }],
      },
    });
    const { status } = await untilPod("small", ({ status: { phase } }) => phase === "Succeeded");
    expect(status.containerStatuses?.[0]?.state.terminated?.message).to.equal("4096\n");
  });

  it("change while the container goes on running, and restart it where its policy says so", async () => {
    const of = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
    await run("web", "exec sleep 1000", {
      resources: of("100m", "32Mi"),
      resizePolicy: [
        { resourceName: "cpu", restartPolicy: "NotRequired" },
        { resourceName: "memory", restartPolicy: "RestartContainer" },
      ],
    });
    const before = (await untilPod("web", isRunning)).status.containerStatuses?.[0];
    const resize = (resources: object) =>
      client.patch(
        pods,
        key("web"),
        { type: "strategic", patch: { spec: { containers: [{ name: "main", resources }] } } },
        { subresource: "resize" },
      );
    const has = (cpu: string, memory: string) => (pod: Pod) => {
      const { limits } = pod.status.containerStatuses?.[0]?.resources ?? {};
      return isRunning(pod) && limits?.cpu === cpu && limits.memory === memory;
    };
    await resize(of("200m", "32Mi"));
    const after = (await untilPod("web", has("200m", "32Mi"))).status.containerStatuses?.[0];
    expect(after).to.include({ containerID: before?.containerID, restartCount: 0 });
    const [, id = ""] = (after?.containerID ?? "").split("://");
    const inspect = async (containerId: string) =>
      (await runtime.list(never)).flatMap(({ containers }) => containers).find((each) => each.id === containerId)
        ?.given;
    expect(await inspect(id)).to.deep.equal({
      cpuShares: 204,
      cpuMillisLimit: 200,
      memoryBytesLimit: 32 * 2 ** 20,
    });
    await resize(of("200m", "64Mi"));
    const restarted = await untilPod("web", has("200m", "64Mi"));
    expect(restarted.status.containerStatuses?.[0]).to.include({ restartCount: 1 });
    expect(restarted.status.conditions?.map(({ type }) => type)).to.not.include("PodResizeInProgress");
  });

  it("stay as they are where the node never has room for more, which the pod says", async () => {
    await run("greedy", "exec sleep 1000", { resources: { requests: { cpu: "100m" } } });
    await untilPod("greedy", isRunning);
    await client.patch(
      pods,
      key("greedy"),
      {
        type: "strategic",
        patch: { spec: { containers: [{ name: "main", resources: { requests: { cpu: "9000" } } }] } },
      },
      { subresource: "resize" },
    );
    const { status } = await untilPod("greedy", ({ status: { conditions = [] } }) =>
      conditions.some(({ type }) => type === "PodResizePending"),
    );
    expect(status.conditions?.find(({ type }) => type === "PodResizePending")).to.include({ reason: "Infeasible" });
    expect(status.containerStatuses?.[0]?.allocatedResources).to.deep.equal({ cpu: "100m" });
  });

  it("are observed as the machine has them", async () => {
    const seen = await observeMachine({ node: rootDirectory, images: await runtime.images.directory(never) });
    for (const signal of ["memory.available", "nodefs.available", "imagefs.available", "pid.available"] as const) {
      expect(seen[signal]?.available, signal).to.be.within(1, seen[signal]?.capacity ?? 0);
    }
  });
});
