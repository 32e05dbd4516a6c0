// Every cause of a pending pod is brought about in a cluster, and every change that is suggested is made there: the pod then gets
// a node from the real scheduler.

import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import type { Node } from "../../api/core/node.ts";
import { keyOf, type KubeObject, type NewObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { STARTS_AFTER } from "../../api/start-order/dependencies.ts";
import { volumeBinderController } from "../../controllers/persistent-volume/binder.ts";
import { volumeReclaimerController } from "../../controllers/persistent-volume/reclaimer.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { pendingCases, type PendingCase } from "../../testing/pending-cases.ts";
import { runScheduler } from "../run-scheduler.ts";
import { viewedKinds, type ClusterView, type Edit } from "./cluster-view.ts";
import { explainPending, type Explanation } from "./explain-pending.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);

describe("why a pod is pending", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  async function induce({ nodes: given = [newNode("n1")], objects }: PendingCase): Promise<void> {
    cluster = await TestCluster.start({
      components: [scheduler],
      controllers: [volumeBinderController, volumeReclaimerController({ removeHostPath: () => Promise.resolve() })],
    });
    await cluster.addNodes(...given);
    for (const object of objects) {
      await cluster.apply(object);
      await cluster.settle();
    }
  }

  const explain = async (key: string): Promise<Explanation> =>
    explainPending(await viewOf(cluster), key.includes("/") ? key : `default/${key}`);

  for (const each of pendingCases) {
    const { title, pod = "p", cause, summary, change, command } = each;
    it(`finds ${title}, and what helps`, async () => {
      await induce(each);
      const explanation = await explain(pod);
      expect(explanation.cause).to.equal(cause);
      if (typeof summary === "string") expect(explanation.summary).to.equal(summary);
      else expect(explanation.summary).to.match(summary);
      const [first] = explanation.changes;
      expect(first?.steps[0]?.text).to.equal(change);
      if (command) expect(first?.steps[0]?.command).to.equal(command);
      await tryAll(each, pod);
    });
  }

  /** Each change that is suggested, in a cluster of its own. */
  async function tryAll(each: PendingCase, pod: string): Promise<void> {
    let tried = 0;
    for (let changes = (await explain(pod)).changes; tried < changes.length; tried++) {
      if (tried > 0) {
        await cluster.stop();
        await induce(each);
        ({ changes } = await explain(pod));
      }
      for (const edit of changes[tried]?.edits ?? []) await perform(cluster, edit);
      await cluster.step(60_000);
      const { nodeName } = (await cluster.get(pods, pod)).spec;
      expect(nodeName, `after: ${changes[tried]?.steps.map(({ text }) => text).join(" ")}`).to.be.a("string");
      expect((await explain(pod)).cause).to.equal("None");
    }
  }

  it("tells after what the pod starts, and what of it the controller misses", async () => {
    const metadata = { annotations: { [STARTS_AFTER]: "sts/db, job/migrate" } };
    await induce({ title: "", objects: [newPod("p", { metadata })], cause: "", summary: "", change: "" });
    const message = "Waiting to start: statefulset/db is not ready, job/migrate has not completed";
    const waiting = { type: "PodScheduled", status: "False", reason: "SchedulingGated", message };
    await cluster.setStatus(pods, "p", { conditions: [waiting] });
    const { cause, summary, evidence } = await explain("p");
    expect([cause, summary]).to.deep.equal([
      "SchedulingGated",
      "The pod starts after statefulset/db and job/migrate, and is not to be scheduled before.",
    ]);
    expect(evidence).to.include(`${message}.`);
  });

  it("says so where nothing keeps the pod", async () => {
    await induce({ title: "", objects: [newPod("p")], cause: "", summary: "", change: "" });
    expect(await explain("p")).to.deep.include({ cause: "None", changes: [] });
  });

  it("tells of an image that cannot be had", async () => {
    await induce({ title: "", objects: [newPod("p")], cause: "", summary: "", change: "" });
    await cluster.setStatus(pods, "p", {
      containerStatuses: [
        {
          name: "main",
          image: "registry.test/app:1",
          imageID: "",
          ready: false,
          restartCount: 0,
          state: { waiting: { reason: "ImagePullBackOff", message: "not found" } },
        },
      ],
    });
    const { cause, summary, advice } = await explain("p");
    expect(cause).to.equal("ImageMissing");
    expect(summary).to.equal("Node n1 has no image registry.test/app:1 for the container main, and cannot get it.");
    expect(advice[0]?.steps[0]?.text).to.match(/^Put the image registry\.test\/app:1 where the node can pull it from/);
  });
});

async function viewOf(cluster: TestCluster): Promise<ClusterView> {
  const entries = Object.entries(viewedKinds).map(
    async ([kind, resource]) => [kind, await cluster.list(resource as ResourceDefinition)] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as unknown as ClusterView;
}

/** As a person would. */
async function perform({ client }: TestCluster, { verb, kind, object }: Edit): Promise<void> {
  const resource = viewedKinds[kind] as ResourceDefinition;
  const key = keyOf(object);
  const { namespace, name, labels, annotations } = object.metadata;
  const fresh = { ...object, metadata: { namespace, name, labels, annotations } } as NewObject<KubeObject>;
  if (verb === "delete" || verb === "replace") await client.delete(resource, key, { gracePeriodSeconds: 0 });
  if (verb === "delete") return;
  const status = (object as KubeObject & { readonly status?: object }).status;
  const change = async () =>
    client.update(resource, { ...object, ...withLabels(await client.get(resource, key), object) });
  const stored = verb === "update" ? await change() : await client.create(resource, fresh);
  if (kind !== "nodes") return;
  const bare = { ...stored, spec: (object as unknown as Node).spec } as KubeObject;
  const updated = await client.update(resource, bare);
  await client.update(resource, { ...updated, status } as KubeObject, { subresource: "status" });
}

const withLabels = ({ metadata }: KubeObject, { metadata: { labels } }: KubeObject) => ({
  metadata: { ...metadata, labels },
});
