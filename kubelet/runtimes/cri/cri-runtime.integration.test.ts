import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock, sleep } from "../../../lib/clock.ts";
import { systemExec } from "../../../lib/exec.ts";
import { ContainerdServer } from "../../../testing/containerd-server.ts";
import { describeWith } from "../../../testing/machine-parts.ts";
import type { ContainerSpec, RuntimeContainer, SandboxSpec } from "../runtime.ts";
import { describeBusyboxImage } from "../sample-images.ts";
import type { CriRuntime } from "./cri-runtime.ts";
import { connectToCri } from "./grpc.ts";
import { CriInventory } from "./inventory.ts";
import { rotateLargeLogs } from "./logs.ts";

const { signal } = new AbortController();
const image = "busybox:local";
const clock = systemClock();

describeWith(["containerd"], "CriRuntime", function () {
  this.timeout(60_000);
  let server: ContainerdServer;
  let runtime: CriRuntime;
  let podsMade = 0;

  before(async () => {
    server = await ContainerdServer.start("10.214.1.0/24");
    runtime = await server.open();
    await runtime.images.make(await describeBusyboxImage(systemExec()), signal);
  });
  afterEach(async () => {
    const sandboxes = (await runtime.list(signal)).flatMap((pod) => pod.sandboxes);
    await Promise.all(sandboxes.map(({ id }) => runtime.removeSandbox(id, signal)));
  });
  after(() => server?.remove());

  const sandboxSpec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => {
    const name = `own-${podsMade++}`;
    return { pod: { namespace: "default", name, uid: `uid-${name}` }, attempt: 0, hostname: name, ...changes };
  };
  const containerSpec = (script: string, changes: Partial<ContainerSpec> = {}): ContainerSpec => {
    const command = ["sh", "-c", script];
    return { name: "main", attempt: 0, image, command, env: [], mounts: [], ...changes };
  };
  const start = async (script: string, changes: Partial<ContainerSpec> = {}, sandbox: Partial<SandboxSpec> = {}) => {
    const { id, ip } = await runtime.createSandbox(sandboxSpec(sandbox), signal);
    const started = await runtime.startContainer(id, containerSpec(script, changes), signal);
    return { sandboxId: id, ip, id: started.id };
  };
  const find = async (id: string): Promise<RuntimeContainer | undefined> =>
    (await runtime.list(signal)).flatMap((pod) => pod.containers).find((container) => container.id === id);
  /** The connection is made again within a second. */
  const findAgain = async (id: string): Promise<RuntimeContainer | undefined> => {
    for (;;) {
      try {
        return await find(id);
      } catch (error) {
        expect(error).to.include({ name: "RuntimeError", reason: "Unavailable" });
        await sleep(clock, 50);
      }
    }
  };
  const waitFor = async (id: string, wanted: (container: RuntimeContainer) => boolean): Promise<RuntimeContainer> => {
    const watching = new AbortController();
    for await (const change of runtime.watch(watching.signal)) {
      const container = change && (await findAgain(id));
      if (!container || !wanted(container)) continue;
      watching.abort();
      return container;
    }
    return expect.fail("the watch ended");
  };
  const output = async (id: string): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of runtime.logs(id, { signal, follow: true })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const run = async (id: string, script: string): Promise<string> => {
    const chunks: Uint8Array[] = [];
    const stdout = (chunk: Uint8Array) => Promise.resolve(void chunks.push(chunk));
    const code = await runtime.exec(id, ["sh", "-c", script], { signal, stdout, stderr: stdout });
    expect(code, script).to.equal(0);
    return Buffer.concat(chunks).toString();
  };

  it("says when a container was killed for its memory", async () => {
    const { id } = await start("x=a; while :; do x=$x$x; done", {
      resources: { memoryBytesLimit: 16 * 1024 * 1024 },
    });
    const killed = await waitFor(id, ({ oomKilled }) => oomKilled === true);
    expect(killed).to.include({ state: "exited", exitCode: 137 });
  });

  it("mounts files and folders, and keeps read-only ones so", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gantry-cri-"));
    await writeFile(join(folder, "file"), "from the host\n");
    const mounts = [{ hostPath: folder, containerPath: "/data", readOnly: true }];
    const { id } = await start("cat /data/file; touch /data/new 2>/dev/null || echo refused", { mounts });
    expect(await output(id)).to.equal("from the host\nrefused\n");
    await rm(folder, { recursive: true });
  });

  it("applies the security context", async () => {
    const security = {
      user: 65534,
      group: 65533,
      supplementalGroups: [77],
      readOnlyRootFilesystem: true,
      noNewPrivileges: true,
      dropCapabilities: ["ALL"],
      addCapabilities: ["CHOWN"],
    };
    const script =
      "id -u; id -g; id -G; touch /x 2>/dev/null || echo refused; grep -E 'CapBnd|NoNewPrivs' /proc/self/status";
    const { id } = await start(script, { security });
    expect(await output(id)).to.equal("65534\n65533\n65533 77\nrefused\nCapBnd:\t0000000000000001\nNoNewPrivs:\t1\n");
  });

  it("hides what the kernel shows of itself, except from privileged containers", async () => {
    const script = "wc -c < /proc/timer_list; { echo x > /proc/sys/kernel/domainname; } 2>/dev/null || echo refused";
    const confined = await start(script);
    expect(await output(confined.id)).to.equal("0\nrefused\n");
    const privileged = await start("ls /dev | grep -c -x loop-control", { security: { privileged: true } });
    expect(await output(privileged.id)).to.equal("1\n");
  });

  it("refuses the system calls that a profile refuses", async () => {
    const profile = JSON.stringify({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" }],
    });
    const script = "mkdir /tmp/x 2>/dev/null || echo refused; grep Seccomp: /proc/self/status";
    expect(await output((await start(script, { security: { seccomp: { profile } } })).id)).to.equal(
      "refused\nSeccomp:\t2\n",
    );
    const free = await start("grep Seccomp: /proc/self/status", { security: { seccomp: "Unconfined" } });
    expect(await output(free.id)).to.equal("Seccomp:\t0\n");
  });

  it("lets the containers of a pod share addresses and, where asked for, processes", async () => {
    const first = await start("exec sleep 999", {}, { shareProcessNamespace: true });
    const script = "ps | grep -c 'slee[p] 999'; hostname -i";
    const { id } = await runtime.startContainer(first.sandboxId, containerSpec(script, { name: "other" }), signal);
    expect(await output(id)).to.equal(`1\n${first.ip}\n`);
  });

  it("lets a container see the processes of another one", async () => {
    const first = await start("exec sleep 999");
    const script = containerSpec("ps | grep -c 'slee[p] 999'", { name: "debugger", processesOf: first.id });
    const { id } = await runtime.startContainer(first.sandboxId, script, signal);
    expect(await output(id)).to.equal("1\n");
  });

  it("gives the pod's name servers, host aliases, kernel settings and host ports to its containers", async () => {
    const sandbox: Partial<SandboxSpec> = {
      hostname: "chosen",
      dns: { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local"], options: ["ndots:5"] },
      hostAliases: [{ ip: "10.9.8.7", hostnames: ["alias"] }],
      sysctls: { "net.ipv4.ip_local_port_range": "2000 3000" },
      portMappings: [{ protocol: "TCP", containerPort: 80, hostPort: 28_457, hostIp: "127.0.0.1" }],
    };
    const { id, ip } = await start("echo ready; while :; do echo hello | nc -l -p 80; done", {}, sandbox);
    const text = await run(id, "cat /etc/resolv.conf /etc/hosts /proc/sys/net/ipv4/ip_local_port_range; hostname");
    expect(text).to.match(/^search default\.svc\.cluster\.local$/m);
    expect(text).to.match(/^options ndots:5$/m);
    expect(text).to.match(/^10\.9\.8\.7\s+alias$/m);
    expect(text).to.include(`\n${ip}\tchosen\n`);
    expect(text).to.match(/\n2000\s+3000\nchosen\n$/);
    expect(await readPortSoon(28_457)).to.equal("hello\n");
  });

  it("changes what a running container may use", async () => {
    const { id } = await start("exec sleep 999", { resources: { cpuMillisLimit: 500, memoryBytesLimit: 64 << 20 } });
    expect((await find(id))?.given).to.deep.equal({ cpuShares: 2, cpuMillisLimit: 500, memoryBytesLimit: 64 << 20 });
    await runtime.limits.set(id, { cpuMillisRequest: 1000, cpuMillisLimit: 250, memoryBytesLimit: 96 << 20 }, signal);
    const given = { cpuShares: 1024, cpuMillisLimit: 250, memoryBytesLimit: 96 << 20 };
    expect((await find(id))?.given).to.deep.equal(given);
    await runtime.limits.set(id, {}, signal);
    expect((await find(id))?.given).to.deep.equal({ cpuShares: 2, cpuMillisLimit: 0, memoryBytesLimit: 0 });
    await runtime.limits.set("no-such-container", {}, signal);
  });

  it("runs a terminal of the asked size", async () => {
    const { id } = await start("exec sleep 999");
    let text = "";
    async function* sizes() {
      yield await Promise.resolve({ columns: 77, rows: 33 });
    }
    const done = new AbortController();
    const code = await runtime.exec(id, ["sh", "-c", "until stty size | grep '33 77'; do sleep 0.1; done; test -t 0"], {
      signal,
      tty: true,
      stdin: endless(done.signal),
      resize: sizes(),
      stdout: (chunk) => Promise.resolve(void (text += Buffer.from(chunk).toString())),
    });
    done.abort();
    expect(code).to.equal(0);
    expect(text.endsWith("33 77\r\n")).to.equal(true);
  });

  it("loses nothing of a long output that is read slowly", async () => {
    const { id } = await start("exec sleep 999");
    let bytes = 0;
    const code = await runtime.exec(id, ["sh", "-c", "dd if=/dev/zero bs=1000 count=2000 2>/dev/null"], {
      signal,
      stdout: async (chunk) => {
        bytes += chunk.length;
        await sleep(clock, 1);
      },
    });
    expect({ code, bytes }).to.deep.equal({ code: 0, bytes: 2_000_000 });
  });

  it("shares a containerd with other nodes without seeing their pods", async () => {
    await start("exec sleep 999");
    const other = await server.open("node-2");
    expect(await other.list(signal)).to.deep.equal([]);
    const { ip } = await other.createSandbox(sandboxSpec(), signal);
    const [pod] = await other.list(signal);
    expect(pod?.sandboxes[0]?.ip).to.equal(ip);
    expect(await runtime.list(signal)).to.have.length(1);
    for (const { id } of pod?.sandboxes ?? []) await other.removeSandbox(id, signal);
  });

  it("keeps pods running while containerd is started anew, and goes on telling of them", async () => {
    const { id } = await start("trap 'exit 7' TERM; echo ready; sleep 999 & wait");
    const before = await find(id);
    const ending = waitFor(id, ({ state }) => state === "exited");
    await server.stop();
    const problem = await runtime.list(signal).catch((error: Error & { reason?: string }) => error.reason);
    expect(problem).to.equal("Unavailable");
    await server.run();
    expect(await findAgain(id)).to.deep.equal(before);
    await runtime.stopContainer(id, 30, signal);
    expect(await ending).to.include({ exitCode: 7 });
  });

  it("makes an image once that several nodes make in the same moment", async () => {
    const nodes = await Promise.all(["node-3", "node-4", "node-5"].map((node) => server.open(node)));
    const made = { name: "together:local", base: image, files: [], env: { MADE: "together" } };
    await Promise.all(nodes.map((node) => node.images.make(made, signal)));
    const { id } = await start("echo $MADE", { image: made.name });
    expect(await output(id)).to.equal("together\n");
    await runtime.removeContainer(id, signal);
    await runtime.images.remove(made.name, signal);
  });

  it("removes logs and hosts files with what they belong to", async () => {
    const { id, sandboxId } = await start("echo a; exec sleep 999");
    const state = join(server.directory, "..", "node-1");
    expect(await readdir(join(state, "sandboxes"))).to.deep.equal([sandboxId]);
    const [folder = ""] = await readdir(join(state, "logs"));
    for await (const chunk of runtime.logs(id, { signal, follow: true })) {
      expect(Buffer.from(chunk).toString()).to.equal("a\n");
      break;
    }
    expect(await readFile(join(state, "logs", folder, "main/0.log"), "utf8")).to.match(/ stdout F a\n$/);
    await runtime.removeContainer(id, signal);
    expect(await readdir(join(state, "logs"))).to.deep.equal([]);
    await runtime.removeSandbox(sandboxId, signal);
    expect(await readdir(join(state, "sandboxes"))).to.deep.equal([]);
  });

  it("begins a log anew when it is large, and loses nothing of it on the way", async () => {
    const { id } = await start("echo one; until [ -e /go ]; do sleep 0.1; done; echo two");
    const following = output(id);
    const cri = connectToCri(await server.run());
    const inventory = new CriInventory(cri, { cluster: server.cluster, node: "node-1" });
    const folder = join(server.directory, "..", "node-1", "logs");
    const sizes = async () => {
      const [pod = ""] = await readdir(folder);
      const names = await readdir(join(folder, pod, "main"));
      return Promise.all(names.map(async (name) => [name, (await stat(join(folder, pod, "main", name))).size]));
    };
    while ((await sizes())[0]?.[1] === 0) await sleep(clock, 20);
    await rotateLargeLogs({ cri, inventory }, 1_000_000, signal);
    expect((await sizes()).map(([name]) => name)).to.deep.equal(["0.log"]);
    await rotateLargeLogs({ cri, inventory }, 10, signal);
    const [now, before] = await sizes();
    expect([now, before?.[0]]).to.deep.equal([["0.log", 0], "0.log.1"]);
    await run(id, "touch /go");
    expect(await following).to.equal("one\ntwo\n");
    expect(await output(id)).to.equal("one\ntwo\n");
  });

  it("removes no image that a container was made from, and tells of none that is its own", async () => {
    const { id } = await start("exec sleep 999");
    const error = await runtime.images.remove(image, signal).catch((failure: Error) => failure);
    expect(error).to.include({ name: "RuntimeError", reason: "InUse" });
    await runtime.removeContainer(id, signal);
    const made = { name: "other:local", base: image, files: [], env: { OTHER: "1" } };
    await runtime.images.make(made, signal);
    const names = (await runtime.images.list(signal)).flatMap((each) => each.names);
    expect(names).to.have.members(["docker.io/library/busybox:local", "docker.io/library/other:local"]);
    await runtime.images.remove("other:local", signal);
    expect(await runtime.images.get("other:local", signal)).to.equal(undefined);
    await runtime.images.remove("other:local", signal);
    expect(await runtime.images.directory(signal)).to.be.a("string");
  });
});

/** The program may not listen yet, and does not for a moment after each answer. */
async function readPortSoon(port: number): Promise<string> {
  for (let tries = 1; ; tries++) {
    const text = await readPort(port).catch((error: Error) => (tries < 100 ? "" : expect.fail(error.message)));
    if (text !== "") return text;
    await sleep(clock, 50);
  }
}

/** What a server says before it closes the connection. */
function readPort(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const connection = createConnection(port, "127.0.0.1");
    connection.on("data", (chunk) => (text += chunk.toString()));
    connection.on("close", () => resolve(text));
    connection.on("error", reject);
    connection.end();
  });
}

/** Input that does not end before the test does. */
async function* endless(until: AbortSignal): AsyncGenerator<Uint8Array> {
  await new Promise((resolve) => until.addEventListener("abort", resolve));
  yield new Uint8Array();
}
