import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "../../lib/clock.ts";
import { systemExec } from "../../lib/exec.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { describeRuntime } from "../../testing/runtime-conformance.ts";
import { ignoring } from "./docker-engine.ts";
import type { DockerRuntime } from "./docker-runtime.ts";
import { connectToDocker, createDockerRuntime } from "./docker.ts";
import type { ContainerSpec, RuntimeContainer, SandboxSpec } from "./runtime.ts";
import { describeBusyboxImage } from "./sample-images.ts";

const { signal } = new AbortController();
const socketPath = "/var/run/docker.sock";
const image = "busybox:local";

/** Each suite is a cluster of its own, so that suites and whole test runs share a Docker Engine. */
async function open(suite: { name: string; subnet: string; node?: string; log?: Log }): Promise<DockerRuntime> {
  const cluster = `test-${suite.name}-${process.pid}`;
  const network = { name: `gantry-${cluster}`, subnet: suite.subnet };
  const { node = "node-1", log = silentLog } = suite;
  return createDockerRuntime({ cluster, node, network, clock: systemClock(), log, socketPath }, signal);
}

async function removeNetwork(name: string): Promise<void> {
  const path = `/networks/gantry-test-${name}-${process.pid}`;
  await ignoring([404], connectToDocker(socketPath).call({ method: "DELETE", path, signal }));
}

describeWith(["docker"], "pods as Docker containers", () => {
  describeRuntime("Docker", async () => {
    const suite = { name: "contract", subnet: "10.213.0.0/24" };
    const runtime = await open(suite);
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
    return { runtime, reopen: () => open(suite), image, close: () => removeNetwork(suite.name) };
  });
});

describeWith(["docker"], "DockerRuntime", () => {
  const suite = { name: "own", subnet: "10.213.1.0/24" };
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
  let runtime: DockerRuntime;
  let podsMade = 0;

  before(async () => {
    runtime = await open({ ...suite, log });
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
  });
  afterEach(async () => {
    const sandboxes = (await runtime.list(signal)).flatMap((pod) => pod.sandboxes);
    await Promise.all(sandboxes.map(({ id }) => runtime.removeSandbox(id, signal)));
  });
  after(() => removeNetwork(suite.name));

  const sandboxSpec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => {
    const name = `own-${process.pid}-${podsMade++}`;
    return { pod: { namespace: "default", name, uid: `uid-${name}` }, attempt: 0, hostname: name, ...changes };
  };
  const start = async (script: string, changes: Partial<ContainerSpec> = {}, sandbox: Partial<SandboxSpec> = {}) => {
    const { id, ip } = await runtime.createSandbox(sandboxSpec(sandbox), signal);
    const spec = { name: "main", attempt: 0, image, command: ["sh", "-c", script], env: [], mounts: [] };
    const started = await runtime.startContainer(id, { ...spec, ...changes }, signal);
    return { sandboxId: id, ip, id: started.id };
  };
  const waitForExit = async (id: string): Promise<RuntimeContainer> => {
    const watching = new AbortController();
    for await (const change of runtime.watch(watching.signal)) {
      const containers = (await runtime.list(signal)).flatMap((pod) => pod.containers);
      const found = containers.find((container) => container.id === id && container.state === "exited");
      if (found && change) return found;
    }
    return expect.fail("the watch ended");
  };
  const output = async (id: string): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of runtime.logs(id, { signal, follow: true })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it("says when a container was killed for its memory", async () => {
    const eat = "x=a; while :; do x=$x$x; done";
    const { id } = await start(eat, { resources: { memoryBytesLimit: 16 * 1024 * 1024 } });
    expect(await waitForExit(id)).to.include({ oomKilled: true, exitCode: 137 });
  });

  it("mounts files and folders, and keeps read-only ones so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gantry-docker-"));
    await writeFile(join(folder, "file"), "from the host\n");
    const mounts = [{ hostPath: folder, containerPath: "/data", readOnly: true }];
    const { id } = await start("cat /data/file; touch /data/new 2>/dev/null || echo refused", { mounts });
    expect(await output(id)).to.equal("from the host\nrefused\n");
    await rm(folder, { recursive: true });
  });

  it("applies the security context", async () => {
    const security = { user: 65534, group: 65534, readOnlyRootFilesystem: true };
    const { id } = await start("id -u; id -g; touch /x 2>/dev/null || echo refused", { security });
    expect(await output(id)).to.equal("65534\n65534\nrefused\n");
  });

  it("lets the containers of a pod share addresses and, where asked for, processes", async () => {
    const first = await start("exec sleep 999", {}, { shareProcessNamespace: true });
    const spec = { name: "other", attempt: 0, image, env: [], mounts: [] };
    const command = ["sh", "-c", "ps | grep -c 'slee[p] 999'; hostname -i"];
    const { id } = await runtime.startContainer(first.sandboxId, { ...spec, command }, signal);
    expect(await output(id)).to.equal(`1\n${first.ip}\n`);
  });

  it("gives the pod's name servers and host aliases to its containers", async () => {
    const dns = { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local"], options: ["ndots:5"] };
    const hostAliases = [{ ip: "10.9.8.7", hostnames: ["alias"] }];
    const { id } = await start("cat /etc/resolv.conf /etc/hosts", {}, { dns, hostAliases });
    const text = await output(id);
    expect(text).to.match(/^search default\.svc\.cluster\.local$/m);
    expect(text).to.match(/^options ndots:5$/m);
    expect(text).to.match(/^10\.9\.8\.7\s+alias$/m);
  });

  it("starts guaranteed pods whether or not the machine can lower OOM scores, and says once if not", async () => {
    for (const attempt of [0, 1]) {
      const { id } = await start("cat /proc/self/oom_score_adj", { attempt, resources: { oomScoreAdj: -500 } });
      const expected = warnings.length === 0 ? "-500\n" : "0\n";
      expect(await output(id)).to.equal(expected);
    }
    expect(warnings.length).to.be.at.most(1);
  });

  it("shares a Docker Engine with other nodes without seeing their pods", async () => {
    await start("exec sleep 999");
    const other = await open({ ...suite, node: "node-2" });
    expect(await other.list(signal)).to.deep.equal([]);
    const { ip } = await other.createSandbox(sandboxSpec(), signal);
    const [pod] = await other.list(signal);
    expect(pod?.sandboxes[0]?.ip).to.equal(ip);
    expect(await runtime.list(signal)).to.have.length(1);
    for (const { id } of pod?.sandboxes ?? []) await other.removeSandbox(id, signal);
  });

  it("runs a terminal of the asked size", async () => {
    const { id } = await start("exec sleep 999");
    let text = "";
    async function* sizes() {
      yield await Promise.resolve({ columns: 77, rows: 33 });
    }
    const code = await runtime.exec(id, ["sh", "-c", "until stty size | grep '33 77'; do sleep 0.1; done; test -t 0"], {
      signal,
      tty: true,
      stdin: endless(signal),
      resize: sizes(),
      stdout: (chunk) => Promise.resolve(void (text += Buffer.from(chunk).toString())),
    });
    expect(code).to.equal(0);
    expect(text.endsWith("33 77\r\n")).to.equal(true);
  });

  it("explains an address range that is taken", async () => {
    await runtime.createSandbox(sandboxSpec(), signal);
    const error = await open({ ...suite, name: "overlapping" }).catch((failure: Error) => failure);
    expect(error).to.include({ name: "RuntimeError" });
    expect((error as Error).message).to.include("choose another cluster CIDR");
  });
});

/** Input that does not end before the test does. */
async function* endless(until: AbortSignal): AsyncGenerator<Uint8Array> {
  await new Promise((resolve) => until.addEventListener("abort", resolve));
  yield new Uint8Array();
}
