// Pods that take what they can get, of a node's logs, files and disk: they are bounded or have to go, and the node and its other
// pods hardly notice.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nodes } from "../../api/core/node.ts";
import type { Pod, PodSpec } from "../../api/core/pod.ts";
import { observeMachine } from "../../kubelet/eviction/observe-machine.ts";
import { parseThresholds } from "../../kubelet/eviction/thresholds.ts";
import { connectToDocker } from "../../kubelet/runtimes/docker.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import { emptyRequestBody } from "../../lib/http.ts";
import { DockerNode } from "../../testing/docker-node.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { runOrFail } from "../command.ts";
import { eventually } from "../waiting.ts";

const socketPath = "/var/run/docker.sock";
const MIB = 2 ** 20;
/** The newest one to two files of 10 MiB are kept, and one may be in the making. */
const LOG_BYTES_MAX = 30 * MIB;
const FLOOD_MS = 8000;
const CALM_LIMITS = { cpu: "500m", memory: "64Mi" };

const shell = (script: string, more: Partial<PodSpec["containers"][number]> = {}) => ({
  name: "main",
  image: "busybox:local",
  command: ["sh", "-c", script],
  resources: {},
  ...more,
});
const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];
const hasFailed = ({ status }: Pod) => status.phase === "Failed";
const { signal } = new AbortController();

async function inspect(pod: Pod): Promise<{ readonly LogPath: string }> {
  const [, id = ""] = (mainOf(pod)?.containerID ?? "").split("://");
  const path = `/containers/${id}/json`;
  return (await connectToDocker(socketPath).call({ method: "GET", path, signal })) as { readonly LogPath: string };
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

describeWith(["docker", "root", "linux"], "a node with a greedy pod", () => {
  let node: DockerNode;

  before(async () => {
    node = await DockerNode.prepare({ socketPath, subnet: "10.213.41.0/24" });
    await node.startKubelet();
    const check = { exec: { command: ["true"] }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 2 };
    const calm = shell("exec sleep 100000", {
      livenessProbe: check,
      readinessProbe: check,
      resources: { limits: CALM_LIMITS },
    });
    await node.create("calm", { containers: [calm] });
    await node.untilReady("calm");
  });
  after(() => node?.remove());

  const lastLine = async (name: string): Promise<string> => {
    const response = await node.handle({
      method: "GET",
      path: `/containerLogs/default/${name}/main`,
      query: new URLSearchParams({ tailLines: "1" }),
      headers: {},
      body: emptyRequestBody,
      peer: { address: "", user: { username: "admin", groups: ["system:masters"] } },
      signal,
    });
    const chunks: Uint8Array[] = [];
    if (response.body.kind === "stream") for await (const chunk of response.body.chunks) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const expectCalm = async () => {
    expect(mainOf(await node.pod("calm"))).to.include({ restartCount: 0, ready: true });
    expect((await node.ready()).status).to.equal("True");
  };
  const end = async (name: string) => {
    await node.delete(name);
    await node.untilGone(name);
  };

  it("holds a flood of lines to a few files, goes on showing them, and starts other pods meanwhile", async () => {
    const line = "x".repeat(1000);
    await node.create("flood", { containers: [shell(`exec yes ${line}`)] });
    const { LogPath } = await inspect(await node.untilReady("flood"));
    const sizes = async () => (await sizeOf(LogPath)) + (await sizeOf(`${LogPath}.1`));
    await eventually("it has written more than one file holds", async () => (await sizeOf(`${LogPath}.1`)) > 0);
    await node.create("other", { containers: [shell("exec sleep 100000")] });
    await node.untilReady("other");
    await sleep(systemClock(), FLOOD_MS);
    expect(await sizes()).to.be.lessThan(LOG_BYTES_MAX);
    expect(await lastLine("flood")).to.equal(`${line}\n`);
    await expectCalm();
    await end("flood");
    await end("other");
  });

  it("is not troubled by one that opens all the files that it can", async () => {
    // Nearly as many as Docker lets a process have, five times.
    const open =
      'i=10; while [ $i -lt 19000 ]; do eval "exec $i</dev/null"; i=$((i+1)); done; echo $i; exec sleep 1000';
    const script = `for each in 1 2 3 4 5; do (${open}) & done; wait`;
    await node.create("opener", { containers: [shell(script)] });
    await node.untilReady("opener");
    await eventually("it has opened all", async () => (await lastLine("opener")) === "19000\n");
    await node.create("other", { containers: [shell("exec sleep 100000")] });
    await node.untilReady("other");
    await expectCalm();
    await end("opener");
    await end("other");
  });

  for (const [what, path] of [
    ["its /etc/hosts", "/etc/hosts"],
    ["its last words", "/dev/termination-log"],
  ] as const) {
    it(`gives up a pod that writes more than it may into ${what}`, async () => {
      const script = `dd if=/dev/zero of=${path} bs=1M count=12; exec sleep 1000`;
      const resources = { limits: { "ephemeral-storage": "8Mi" } };
      await node.create("writer", { containers: [shell(script, { resources })] });
      expect((await node.untilPod("writer", hasFailed)).status).to.include({
        reason: "Evicted",
        message: "Pod ephemeral local storage usage exceeds the total limit of containers 8Mi. ",
      });
      await expectCalm();
      await end("writer");
    });
  }
});

describeWith(["docker", "root", "linux"], "a node whose disk runs full", () => {
  let node: DockerNode;
  let image: string;

  before(async () => {
    node = await DockerNode.prepare({ socketPath, subnet: "10.213.42.0/24" });
    image = await mkdtemp(join(tmpdir(), "gantry-disk-"));
    const file = join(image, "disk");
    await runOrFail(["truncate", "-s", "256M", file]);
    await runOrFail(["mkfs.ext4", "-q", "-m", "0", file]);
    await runOrFail(["mount", "-o", "loop", file, node.rootDirectory]);
    const thresholds = parseThresholds({ hard: { "nodefs.available": "40%" } });
    const observe = () => observeMachine({ node: node.rootDirectory, images: undefined });
    const settings = { thresholds, maxPodGraceSeconds: 0, transitionMs: 3000 };
    await node.startKubelet({ options: { pressure: { settings, observe } } });
  });
  after(async () => {
    await node?.stopKubelet();
    await runOrFail(["umount", "--lazy", node.rootDirectory]);
    await node.remove();
    await rm(image, { recursive: true, force: true });
  });

  const writer = (megabytes: number): Partial<PodSpec> => ({
    volumes: [{ name: "data", emptyDir: {} }],
    containers: [
      shell(`dd if=/dev/zero of=/data/file bs=1M count=${megabytes}; exec sleep 100000`, {
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      }),
    ],
  });
  const diskPressure = async () => {
    const { conditions = [] } = (await node.client.get(nodes, { name: "n1" })).status;
    return conditions.find(({ type }) => type === "DiskPressure")?.status;
  };

  it("gives up the pod that has the most on it, no other, and recovers by itself", async () => {
    await node.create("small", writer(10));
    await node.untilReady("small");
    await node.create("large", writer(150));
    const { status } = await node.untilPod("large", hasFailed);
    expect(status.reason).to.equal("Evicted");
    expect(status.message).to.match(
      /^The node was low on resource: ephemeral-storage\. Threshold quantity: \d+, available: \d+Ki\. /,
    );
    await eventually("the node says so", async () => (await diskPressure()) === "True");
    await eventually("the node has room again", async () => (await diskPressure()) === "False");
    expect(mainOf(await node.pod("small"))).to.include({ restartCount: 0, ready: true });
    await node.create("next", writer(1));
    await node.untilReady("next");
    for (const name of ["small", "large", "next"]) await node.delete(name);
    for (const name of ["small", "large", "next"]) await node.untilGone(name);
    await node.untilNothingIsLeft();
  });
});
