// A kubelet is crashed right after each thing that it asks of Docker, whose answer it does not hear, and another one takes over: pods
// come to the same end as without the crash, nothing runs twice, and nothing is left.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { PodSpec } from "../../api/core/pod.ts";
import type { DockerEngine, EngineRequest } from "../../kubelet/runtimes/docker-engine.ts";
import { failure } from "../../testing/dying-transport.ts";
import { DockerNode } from "../../testing/docker-node.ts";
import { describeWith } from "../../testing/machine-parts.ts";

/** Lets this many requests that change something through, and answers none after that. */
class DyingEngine {
  readonly died: Promise<void>;
  #left: number;
  #die: () => void = () => undefined;

  constructor(requests: number) {
    this.#left = requests;
    this.died = new Promise((resolve) => (this.#die = resolve));
  }

  get isDead(): boolean {
    return this.#left < 0;
  }

  over(engine: DockerEngine): DockerEngine {
    return {
      call: (request) => this.#pass(request, () => engine.call(request)),
      stream: (request) => this.#pass(request, () => engine.stream(request)),
      connect: (request) => this.#pass(request, () => engine.connect(request)),
    };
  }

  async #pass<T>(request: EngineRequest, send: () => Promise<T>): Promise<T> {
    if (this.isDead) return untilAborted(request.signal);
    if (request.method === "GET" || --this.#left >= 0) return send();
    // Docker has done what it was asked, and nobody hears of it.
    await send();
    this.#die();
    return untilAborted(request.signal);
  }
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    if (signal.aborted) reject(signal.reason as Error);
  });

describeWith(["docker", "root", "linux"], "a kubelet that crashes in the middle of a pod's life", () => {
  let node: DockerNode;
  let record: string;

  before(async () => {
    node = await DockerNode.prepare({ socketPath: "/var/run/docker.sock", subnet: "10.213.40.0/24" });
    record = await mkdtemp(join(tmpdir(), "gantry-record-"));
    await node.startKubelet();
  });
  after(async () => {
    await node?.remove();
    await rm(record, { recursive: true, force: true });
  });

  const note = (words: string) => `echo "${words}" >> /record/$POD`;
  const shell = (name: string, script: string) => ({
    name,
    image: "busybox:local",
    command: ["sh", "-c", script],
    env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    volumeMounts: [
      { name: "record", mountPath: "/record" },
      { name: "memory", mountPath: "/memory" },
    ],
    resources: {},
  });
  const hook = (words: string) => ({ exec: { command: ["sh", "-c", note(words)] } });
  const spec: Partial<PodSpec> = {
    volumes: [
      { name: "record", hostPath: { path: "" } },
      { name: "memory", emptyDir: { medium: "Memory" } },
    ],
    initContainers: [shell("first", note("first"))],
    containers: [
      {
        ...shell("main", `${note("main")}; trap 'exit 0' TERM; while :; do sleep 0.1; done`),
        lifecycle: { postStart: hook("postStart"), preStop: hook("preStop") },
      },
    ],
  };

  /** The pod's life with a crash in it. Resolves with whether there was one. */
  async function live(name: string, requests: number): Promise<boolean> {
    const dying = new DyingEngine(requests);
    await node.stopKubelet();
    await node.startKubelet({
      engine: (engine) => dying.over(engine),
      transport: (transport) => (request) =>
        dying.isDead ? Promise.resolve(failure("ServiceUnavailable", "crashed")) : transport(request),
    });
    const replaced = dying.died.then(async () => {
      await node.stopKubelet();
      await node.startKubelet();
    });
    const volumes = [{ name: "record", hostPath: { path: record } }, ...(spec.volumes ?? []).slice(1)];
    await node.create(name, { ...spec, volumes });
    const pod = await node.untilReady(name);
    const restarts = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].map(
      ({ restartCount }) => restartCount,
    );
    expect(restarts, name).to.deep.equal([0, 0]);
    await node.delete(name);
    await node.untilGone(name);
    if (dying.isDead) await replaced;
    return dying.isDead;
  }

  it("leaves the pod with one life, wherever it was", async () => {
    let requests = 0;
    while (await live(`pod-${requests}`, requests)) {
      const words = (await readFile(join(record, `pod-${requests}`), "utf8")).trim().split("\n");
      expect(
        words.filter((word) => word === "first" || word === "main"),
        `after ${requests} requests`,
      ).to.deep.equal(["first", "main"]);
      expect(words.at(-1), `after ${requests} requests`).to.equal("preStop");
      await node.untilNothingIsLeft();
      requests++;
    }
    expect(requests, "the requests that a pod's life takes").to.be.greaterThan(8);
  });
});
