// Whole clusters on real sockets, certificates and the embedded store; pods are the fake runtime's.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { configMaps } from "../api/core/config-map.ts";
import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import { createClient } from "../client/api-client.ts";
import { connectionOf, parseKubeconfig } from "../client/kubeconfig.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { httpsHandler } from "../lib/http-client.ts";
import { systemRandom } from "../lib/random.ts";
import { newPod } from "../testing/builders.ts";
import { createTestAuthority } from "../testing/test-certificates.ts";
import { downCluster, statusCluster, upCluster, type ClusterIo, type ReadyCluster } from "./cluster-commands.ts";
import { COMPONENTS } from "./cluster-settings.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function connect({ kubeconfig }: ReadyCluster) {
  const text = await readFile(kubeconfig, "utf8");
  return connectionOf(parseKubeconfig(text, kubeconfig), {}, (path) => readFile(path, "utf8"));
}
const clientOf = async (cluster: ReadyCluster) => createClient(httpsHandler(await connect(cluster)));

describe("a standalone cluster", function () {
  const clock = systemClock();
  let root: string;
  let lines: string[];
  let running: { directory: string; stop: AbortController; stopped: Promise<void> }[];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "gantry-cluster-"));
    lines = [];
    running = [];
  });
  afterEach(async () => {
    for (const { stop } of running) stop.abort();
    await Promise.allSettled(running.map(({ stopped }) => stopped));
    const unused = new AbortController();
    const directories = new Set(running.map(({ directory }) => directory));
    for (const directory of directories) await downCluster({ directory, wipe: true }, ioOf(unused.signal));
    await rm(root, { recursive: true });
  });

  const ioOf = (signal: AbortSignal): ClusterIo => ({
    out: (line) => void lines.push(line),
    clock,
    random: systemRandom(),
    exec: systemExec(),
    signal,
    claimsDirectory: join(root, "claims"),
    dockerSocket: "/var/run/docker.sock",
  });

  /** Resolves when the cluster is ready. */
  async function up(name: string, flags: { securePort?: number; nodes?: number }) {
    const stop = new AbortController();
    const directory = join(root, name);
    let isReady: (cluster: ReadyCluster) => void = () => undefined;
    const ready = new Promise<ReadyCluster>((resolve) => (isReady = resolve));
    const onReady = (cluster: ReadyCluster) => Promise.resolve(isReady(cluster));
    const stopped = upCluster(
      { directory, flags: { runtime: "fake", ...flags }, components: COMPONENTS, onReady },
      ioOf(stop.signal),
    );
    running.push({ directory, stop, stopped });
    const cluster = await Promise.race([ready, stopped.then(() => Promise.reject(new Error("it stopped")))]);
    return { cluster, stop: async () => (stop.abort(), await stopped) };
  }

  it("starts with its nodes Ready, runs a pod, and finds everything again at the second start", async () => {
    const first = await up("one", { securePort: await freePort(), nodes: 2 });
    const client = await clientOf(first.cluster);
    expect((await client.list(nodes)).items.map(({ metadata }) => metadata.name)).to.deep.equal(["node-1", "node-2"]);
    await client.create(pods, newPod("web"));
    const key = { namespace: "default", name: "web" };
    while ((await client.get(pods, key)).status.phase !== "Running") await sleep(clock, 20);
    const { uid } = (await client.get(pods, key)).metadata;
    await first.stop();
    expect(lines.at(-1)).to.equal("Stopped.");

    const second = await up("one", {});
    expect(second.cluster).to.deep.equal(first.cluster);
    expect((await client.get(pods, key)).metadata.uid).to.equal(uid);
    await second.stop();
  });

  it("lets in nobody without credentials of its own authority", async () => {
    const { cluster } = await up("one", { securePort: await freePort() });
    const connection = await connect(cluster);
    const { ca } = connection.tls;
    const other = await createTestAuthority(clock.now());
    const stranger = await other.client("kubernetes-admin", ["system:masters"]);
    for (const options of [
      { ...connection, tls: { ca } },
      { ...connection, tls: { ca, ...stranger } },
      { ...connection, tls: { ca }, token: "guess" },
    ]) {
      const client = createClient(httpsHandler(options));
      expect((await client.raw({ method: "GET", path: "/api/v1/secrets" })).status).to.equal(401);
      expect((await client.raw({ method: "GET", path: "/readyz" })).status).to.equal(200);
    }
  });

  it("runs beside another, with addresses of its own", async () => {
    const one = await up("one", { securePort: await freePort() });
    const two = await up("two", { securePort: await freePort() });
    expect(two.cluster.settings.serviceCidr).not.to.equal(one.cluster.settings.serviceCidr);
    const [first, second] = [await clientOf(one.cluster), await clientOf(two.cluster)];
    await first.create(configMaps, { metadata: { namespace: "default", name: "only-in-one" } });
    expect(
      (await second.list(configMaps, { namespace: "default" })).items.map(({ metadata }) => metadata.name),
    ).not.to.include("only-in-one");
  });

  it("refuses a second process on its data directory, and a port that is taken, in a sentence", async () => {
    const { cluster } = await up("one", { securePort: await freePort() });
    const problem = (name: string, securePort: number) =>
      up(name, { securePort }).then(
        () => "none",
        (error: Error) => error.message,
      );
    expect(await problem("one", await freePort())).to.contain(`Process ${process.pid} already runs the apiserver`);
    expect(await problem("two", cluster.settings.securePort)).to.equal(
      `127.0.0.1:${cluster.settings.securePort} is in use. Stop the program that listens there, or choose another port.`,
    );
  });

  it("tells how it is, and leaves nothing behind when wiped", async () => {
    const io = ioOf(new AbortController().signal);
    const directory = join(root, "one");
    expect(await statusCluster({ directory }, io)).to.equal(false);
    const { stop } = await up("one", { securePort: await freePort() });
    expect(await statusCluster({ directory }, io)).to.equal(true);
    expect(lines.join("\n")).to.contain("Components  apiserver, controllers, dns, kubelet, proxy, scheduler");
    await stop();
    expect(await statusCluster({ directory }, io)).to.equal(false);
    await downCluster({ directory, wipe: true }, io);
    let problem: unknown;
    await readFile(join(directory, "cluster.json")).catch((error: NodeJS.ErrnoException) => (problem = error.code));
    expect(problem).to.equal("ENOENT");
  });
});
