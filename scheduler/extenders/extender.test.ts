import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { systemClock } from "../../lib/clock.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { parseConfiguration } from "../configuration/parse-configuration.ts";
import { buildExtenders } from "./build-extenders.ts";
import type { Extender } from "./extender.ts";

interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** A small extender: it answers each verb with what the test says, and notes what it was asked. */
class ExtenderServer {
  readonly asked: Asked[] = [];
  answers: Record<string, unknown> = {};
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      this.asked.push({ path, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> });
      const answer = this.answers[path];
      if (answer === "silence") return;
      response.writeHead(answer === undefined ? 500 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer ?? {}));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/scheduler/`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const pod = asStored<Pod>(newPod("p", { cpu: "1" }));
const nodes = ["a", "b"].map((name) => asStored<Node>(newNode(name)));
const { signal } = new AbortController();

describe("an extender over HTTP", () => {
  let server: ExtenderServer;
  let urlPrefix: string;
  beforeEach(async () => {
    server = new ExtenderServer();
    urlPrefix = await server.start();
  });
  afterEach(() => server.stop());

  async function extender(settings: object): Promise<Extender> {
    const { configuration } = parseConfiguration(
      JSON.stringify({
        apiVersion: "kubescheduler.config.k8s.io/v1",
        kind: "KubeSchedulerConfiguration",
        extenders: [{ urlPrefix, ...settings }],
      }),
    );
    const noFiles = (path: string) => Promise.reject(new Error(`nothing should be read from ${path}`));
    const [built = expect.fail()] = await buildExtenders(configuration.extenders, noFiles, systemClock());
    return built;
  }

  it("is sent the pod and the nodes, and says which will do", async () => {
    server.answers["/scheduler/filter"] = { Nodes: { items: [nodes[1]] }, FailedNodes: { a: "no GPU" } };
    const { feasible, failed } = await (await extender({ filterVerb: "filter" })).filter(pod, nodes, signal);
    expect([...feasible]).to.deep.equal(["b"]);
    expect(Object.fromEntries(failed)).to.deep.equal({ a: "no GPU" });
    const [{ body } = expect.fail()] = server.asked;
    expect(body).to.have.nested.property("Pod.metadata.name", "p");
    expect(body).to.have.nested.property("Nodes.items[0].metadata.name", "a");
    expect(body.NodeNames).to.equal(null);
  });

  it("that knows the nodes is sent their names only, and may answer in any case", async () => {
    server.answers["/scheduler/f"] = { nodenames: ["a"], failedAndUnresolvableNodes: { b: "never" } };
    const asking = await extender({ filterVerb: "f", nodeCacheCapable: true });
    const { feasible, failed } = await asking.filter(pod, nodes, signal);
    expect([...feasible]).to.deep.equal(["a"]);
    expect(failed.get("b")).to.equal("never");
    expect(server.asked[0]?.body).to.include({ Nodes: null }).and.have.deep.property("NodeNames", ["a", "b"]);
  });

  it("counts with its scores, by weight, on the scheduler's scale", async () => {
    server.answers["/scheduler/prioritize"] = [
      { Host: "a", Score: 3 },
      { host: "b", score: 10 },
    ];
    const scores = await (await extender({ prioritizeVerb: "prioritize", weight: 2 })).prioritize(pod, nodes, signal);
    expect(Object.fromEntries(scores)).to.deep.equal({ a: 60, b: 200 });
  });

  it("binds", async () => {
    server.answers["/scheduler/bind"] = {};
    await (await extender({ bindVerb: "bind" })).bind({ namespace: "default", name: "p", uid: "u", node: "a" }, signal);
    expect(server.asked[0]?.body).to.deep.equal({ PodName: "p", PodNamespace: "default", PodUID: "u", Node: "a" });
  });

  it("picks among the victims that are planned", async () => {
    server.answers["/scheduler/preempt"] = {
      NodeNameToMetaVictims: { a: { Pods: [{ UID: pod.metadata.uid }], NumPDBViolations: 1 } },
    };
    const plans = new Map(["a", "b"].map((name) => [name, { pods: [pod], violations: 2 }]));
    const agreed = await (await extender({ preemptVerb: "preempt" })).preempt(pod, plans, signal);
    expect([...agreed]).to.deep.equal([["a", { pods: [pod], violations: 1 }]]);
    expect(server.asked[0]?.body).to.have.nested.property("NodeNameToVictims.b.NumPDBViolations", 2);
  });

  const failures: readonly (readonly [string, unknown, RegExp])[] = [
    ["says that it failed", { Error: "out of order" }, /^out of order$/],
    ["answers with another status", undefined, /failed filter with extender at URL http:.*\/filter, code 500$/],
    [
      "answers with what is no list",
      { NodeNames: "a" },
      /^extender http:.* answers with nodes that are no list of names$/,
    ],
    ["answers with nodes that have no names", { Nodes: { items: [{}] } }, /no list of names$/],
    ["does not answer in time", "silence", /took longer than 50 ms$/],
  ];
  for (const [title, answer, message] of failures) {
    it(`is an error where it ${title}`, async () => {
      server.answers["/scheduler/filter"] = answer;
      const asking = await extender({ filterVerb: "filter", httpTimeout: "50ms" });
      const error: unknown = await asking.filter(pod, nodes, signal).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error).with.property("message").that.matches(message);
    });
  }

  for (const answer of [{}, "10", [{ Host: "a", Score: "many" }]]) {
    it(`is an error where it scores with ${JSON.stringify(answer)}`, async () => {
      server.answers["/scheduler/prioritize"] = answer;
      const asking = await extender({ prioritizeVerb: "prioritize", weight: 1 });
      const error: unknown = await asking.prioritize(pod, nodes, signal).catch((reason: unknown) => reason);
      expect(error)
        .to.be.instanceOf(Error)
        .with.property("message")
        .that.matches(/no list$|no number$/);
    });
  }

  const gpu = { "a.test/gpu": "1" };
  const asksFor = (resources: object, init = false): Pick<Pod, "spec"> => ({
    spec: {
      containers: [{ name: "c", resources: init ? {} : resources }],
      ...(init && { initContainers: [{ name: "i", resources }] }),
    },
  });
  const interests: readonly (readonly [string, object, Pick<Pod, "spec">, boolean])[] = [
    ["that manages nothing has a say about every pod", {}, asksFor({}), true],
    ["has none about a pod that asks for nothing of its own", { name: "a.test/gpu" }, asksFor({}), false],
    ["has a say about a pod that requests what it manages", { name: "a.test/gpu" }, asksFor({ requests: gpu }), true],
    ["has a say about a pod that is limited in it", { name: "a.test/gpu" }, asksFor({ limits: gpu }), true],
    ["has a say about init containers, too", { name: "a.test/gpu" }, asksFor({ requests: gpu }, true), true],
  ];
  for (const [title, managed, asking, expected] of interests) {
    it(title, async () => {
      const managedResources = "name" in managed ? [managed] : [];
      expect((await extender({ managedResources })).isInterestedIn(asking)).to.equal(expected);
    });
  }
});
