// A disk that a pod has filled to the last byte: that pod is told, the node stays, and others go on when there is room again.

import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { builtinResources } from "../../api/index.ts";
import { configMaps } from "../../api/core/config-map.ts";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { pods, type Pod, type PodSpec } from "../../api/core/pod.ts";
import { createApiServer } from "../../apiserver/api-server.ts";
import { MemoryStore } from "../../apiserver/storage/memory-store.ts";
import { createClient } from "../../client/api-client.ts";
import type { Client } from "../../client/client.ts";
import { inProcessTransport } from "../../client/transport.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import { systemExec } from "../../lib/exec.ts";
import { silentLog } from "../../lib/log.ts";
import { createMetrics } from "../../lib/metrics.ts";
import { systemRandom } from "../../lib/random.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { readMachineFacts } from "../machine.ts";
import { diskFiles } from "../node-files.ts";
import { runKubelet } from "../run-kubelet.ts";
import { ignoring } from "../runtimes/docker-engine.ts";
import type { DockerRuntime } from "../runtimes/docker-runtime.ts";
import { connectToDocker, createDockerRuntime } from "../runtimes/docker.ts";
import { describeBusyboxImage } from "../runtimes/sample-images.ts";

const socketPath = "/var/run/docker.sock";
const image = "busybox:local";
const cluster = `test-disk-${process.pid}`;
const network = { name: `gantry-${cluster}`, subnet: "10.213.9.0/24" };
const never = new AbortController().signal;
const clock = systemClock();

describeWith(["docker", "root"], "a full disk", () => {
  const server = new AbortController();
  let client: Client;
  let runtime: DockerRuntime;
  let rootDirectory: string;
  let running = Promise.resolve();

  before(async () => {
    rootDirectory = await mkdtemp(join(tmpdir(), "gantry-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "small", rootDirectory]);
    await diskFiles.write(join(rootDirectory, "own"), "old");
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

  after(async () => {
    for (const name of ["filler", "other"]) await client.delete(pods, key(name), { gracePeriodSeconds: 1 });
    await until(async () => (await client.list(pods)).items.length === 0);
    server.abort();
    await running;
    const path = `/networks/${network.name}`;
    await ignoring([404], connectToDocker(socketPath).call({ method: "DELETE", path, signal: never }));
    execFileSync("umount", [rootDirectory]);
    await rm(rootDirectory, { recursive: true });
  });

  const until = async (isTrue: () => Promise<boolean>) => {
    while (!(await isTrue())) await sleep(clock, 50);
  };
  const key = (name: string) => ({ namespace: "default", name });
  const untilPod = (name: string, isTrue: (pod: Pod) => boolean) =>
    until(async () => isTrue(await client.get(pods, key(name))));
  const create = (name: string, command: string, volumes: PodSpec["volumes"]) => {
    const volumeMounts = [{ name: "v", mountPath: "/v" }];
    const containers = [{ name: "main", image, command: ["sh", "-c", command], resources: {}, volumeMounts }];
    const spec = { nodeName: "n1", terminationGracePeriodSeconds: 1, containers, volumes };
    return client.create(pods, { metadata: key(name), spec });
  };
  const isRunning = ({ status }: Pod) => status.containerStatuses?.[0]?.state.running !== undefined;
  const isReady = ({ status }: Pod) => status.containerStatuses?.[0]?.ready ?? false;

  it("tells the pod that fills it, and no other pod's files are torn", async () => {
    const fill = "dd if=/dev/zero of=/v/big bs=64k 2>&1 | grep -q 'No space left' && touch /v/told; exec sleep 1000";
    await create("filler", fill, [{ name: "v", emptyDir: {} }]);
    await untilPod("filler", isRunning);
    const told = join(rootDirectory, "pods");
    await until(async () => {
      const { stdout } = await systemExec().run("find", [told, "-name", "told"]);
      return stdout !== "";
    });
    await client.create(configMaps, { metadata: key("large"), data: { text: "x".repeat(500_000) } });
    await create("other", "exec sleep 1000", [{ name: "v", configMap: { name: "large" } }]);
    await until(async () =>
      (await client.list(events, { namespace: "default" })).items.some(
        ({ reason, message, involvedObject }) =>
          involvedObject.name === "other" &&
          reason === "FailedMount" &&
          message?.startsWith('MountVolume.SetUp failed for volume "v" : ENOSPC: no space left on device'),
      ),
    );
    expect((await client.get(pods, key("other"))).status.phase).to.equal("Pending");
  });

  it("makes the kubelet say which file of its own it could not write, and keep the old one", async () => {
    const path = join(rootDirectory, "own");
    const problem: unknown = await diskFiles.write(path, "x".repeat(500_000)).catch((error: unknown) => error);
    expect((problem as Error).message).to.equal(`${path} could not be written: ENOSPC: no space left on device, write`);
    expect(await readFile(path, "utf8")).to.equal("old");
  });

  it("leaves the node ready, and the pod that fills it running", async () => {
    const { status } = await client.get(nodes, { name: "n1" });
    expect(status.conditions?.find(({ type }) => type === "Ready")?.status).to.equal("True");
    expect(isRunning(await client.get(pods, key("filler")))).to.equal(true);
  });

  it("is over for others when the pod that filled it is gone", async () => {
    await client.delete(pods, key("filler"), { gracePeriodSeconds: 1 });
    await untilPod("other", isReady);
    await create("filler", "exec sleep 1000", [{ name: "v", emptyDir: {} }]);
  });
});
