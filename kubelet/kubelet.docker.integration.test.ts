import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import { configMaps } from "../api/core/config-map.ts";
import { nodes } from "../api/core/node.ts";
import { pods, type Pod, type PodSpec } from "../api/core/pod.ts";
import { isNotFound } from "../api/meta/status.ts";
import { createApiServer } from "../apiserver/api-server.ts";
import { MemoryStore } from "../apiserver/storage/memory-store.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { inProcessTransport } from "../client/transport.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { emptyRequestBody, type Handler } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { describeWith } from "../testing/machine-parts.ts";
import { readMachineFacts } from "./machine.ts";
import { runKubelet } from "./run-kubelet.ts";
import { ignoring } from "./runtimes/docker-engine.ts";
import type { DockerRuntime } from "./runtimes/docker-runtime.ts";
import { connectToDocker, createDockerRuntime } from "./runtimes/docker.ts";
import { describeBusyboxImage } from "./runtimes/sample-images.ts";

const socketPath = "/var/run/docker.sock";
const image = "busybox:local";
const cluster = `test-kubelet-${process.pid}`;
const network = { name: `gantry-${cluster}`, subnet: "10.213.7.0/24" };
const never = new AbortController().signal;
const clock = systemClock();

describeWith(["docker"], "a kubelet on Docker", () => {
  const server = new AbortController();
  let client: Client;
  let runtime: DockerRuntime;
  let rootDirectory: string;
  let handler: Handler;
  let stop = () => {};
  let running = Promise.resolve();

  const startKubelet = async () => {
    const kubelet = new AbortController();
    stop = () => kubelet.abort();
    const serve = (served: Handler) => {
      handler = served;
      return Promise.resolve({ port: 10250, close: () => Promise.resolve() });
    };
    const machine = await readMachineFacts({ directory: rootDirectory, podsMax: 110 });
    const effects = { clock, random: systemRandom(), log: silentLog, metrics: createMetrics(), exec: systemExec() };
    const node = { nodeName: "n1", nodeAddress: "127.0.0.1", rootDirectory, machine };
    running = runKubelet({ client, runtime, serve, ...node, ...effects }, kubelet.signal);
    await until(async () => (await client.list(nodes)).items.length === 1);
  };

  before(async () => {
    rootDirectory = await mkdtemp(join(tmpdir(), "gantry-kubelet-"));
    const api = createApiServer({
      store: new MemoryStore(),
      resources: builtinResources,
      clock,
      random: systemRandom(),
      log: silentLog,
      metrics: createMetrics(),
      nodeHandler: () => handler,
      serviceCidr: "10.96.0.0/16",
      // Nobody makes service accounts here.
      disabledAdmission: ["ServiceAccount"],
    });
    await api.start(server.signal);
    client = createClient(inProcessTransport(api.handle, { username: "admin", groups: ["system:masters"] }));
    const options = { cluster, node: "n1", network, clock, log: silentLog, socketPath };
    runtime = await createDockerRuntime(options, never);
    await runtime.images.make(await describeBusyboxImage(systemExec()), never);
    await startKubelet();
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
    stop();
    await running;
    server.abort();
    const path = `/networks/${network.name}`;
    await ignoring([404], connectToDocker(socketPath).call({ method: "DELETE", path, signal: never }));
    await rm(rootDirectory, { recursive: true, force: true });
  });

  const until = async (isTrue: () => Promise<boolean>) => {
    while (!(await isTrue())) await sleep(clock, 20);
  };
  const podOf = (name: string) => client.get(pods, { namespace: "default", name });
  const create = (name: string, spec: Partial<PodSpec>) =>
    client.create(pods, {
      metadata: { namespace: "default", name },
      spec: { nodeName: "n1", containers: [], ...spec },
    });
  const shell = (script: string) => ({ name: "main", image, command: ["sh", "-c", script], resources: {} });
  const untilPod = async (name: string, isTrue: (pod: Pod) => boolean): Promise<Pod> => {
    await until(async () => isTrue(await podOf(name)));
    return podOf(name);
  };
  const isReady = ({ status }: Pod) =>
    status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
  const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];

  it("runs a pod with environment, volumes and probes, and serves its log", async () => {
    await client.create(configMaps, { metadata: { namespace: "default", name: "colors" }, data: { wall: "red" } });
    const volumes = [
      { name: "config", configMap: { name: "colors" } },
      { name: "scratch", emptyDir: {} },
    ];
    const main = {
      ...shell('echo "$POD_NAME $(cat /config/wall)" > /scratch/out; cat /scratch/out; exec sleep 1000'),
      env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      volumeMounts: [
        { name: "config", mountPath: "/config" },
        { name: "scratch", mountPath: "/scratch" },
      ],
      readinessProbe: { exec: { command: ["test", "-f", "/scratch/out"] }, periodSeconds: 1 },
    };
    await create("web", { volumes, containers: [main] });
    await untilPod("web", isReady);
    const response = await handler({
      method: "GET",
      path: "/containerLogs/default/web/main",
      query: new URLSearchParams(),
      headers: {},
      body: emptyRequestBody,
      peer: { address: "", user: { username: "admin", groups: ["system:masters"] } },
      signal: never,
    });
    const chunks: Uint8Array[] = [];
    if (response.body.kind === "stream") for await (const chunk of response.body.chunks) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).to.equal("web red\n");
  });

  it("shows a changed ConfigMap inside of the container", async () => {
    const key = { namespace: "default", name: "live" };
    await client.create(configMaps, { metadata: key, data: { wall: "red" } });
    const script = "until grep -q blue /config/wall; do sleep 0.1; done; echo seen > /dev/termination-log";
    const main = { ...shell(script), volumeMounts: [{ name: "config", mountPath: "/config" }] };
    const volumes = [{ name: "config", configMap: { name: "live" } }];
    await create("watcher", { restartPolicy: "Never", volumes, containers: [main] });
    await untilPod("watcher", ({ status }) => status.phase === "Running");
    await client.patch(configMaps, key, { type: "merge", patch: { data: { wall: "blue" } } });
    const pod = await untilPod("watcher", ({ status }) => status.phase === "Succeeded");
    expect(mainOf(pod)?.state.terminated?.message).to.equal("seen\n");
  });

  it("brings a killed container back by itself", async () => {
    await create("web", { containers: [shell("exec sleep 1000")] });
    const pod = await untilPod("web", isReady);
    const [, id = ""] = (mainOf(pod)?.containerID ?? "").split("://");
    await runtime.stopContainer(id, 0, never);
    const again = await untilPod("web", (each) => mainOf(each)?.restartCount === 1 && isReady(each));
    expect(mainOf(again)?.lastState.terminated?.exitCode).to.equal(137);
  });

  it("adopts its containers when it is started again", async () => {
    await create("web", { containers: [shell("exec sleep 1000")] });
    const before = mainOf(await untilPod("web", isReady))?.containerID;
    stop();
    await running;
    await startKubelet();
    await create("other", { containers: [shell("exec sleep 1000")] });
    await untilPod("other", isReady);
    expect(mainOf(await podOf("web"))).to.deep.include({ containerID: before, restartCount: 0, ready: true });
  });

  it("ends a deleted pod in order, with its preStop hook first", async () => {
    const main = {
      ...shell("trap 'exit 0' TERM; while :; do sleep 0.1; done"),
      lifecycle: { preStop: { exec: { command: ["sh", "-c", "echo stopping > /dev/termination-log"] } } },
    };
    await create("web", { containers: [main] });
    await untilPod("web", isReady);
    const seen: string[] = [];
    const watching = new AbortController();
    const watch = (async () => {
      const selection = { namespace: "default", fieldSelector: "metadata.name=web", signal: watching.signal };
      for await (const event of client.watch(pods, selection)) {
        const message = event.type !== "BOOKMARK" && mainOf(event.object)?.state.terminated?.message;
        if (message) seen.push(message);
      }
    })();
    await client.delete(pods, { namespace: "default", name: "web" });
    await until(async () => podOf("web").then(() => false, isNotFound));
    watching.abort();
    await watch.catch(() => undefined);
    expect(seen[0]).to.equal("stopping\n");
  });
});
