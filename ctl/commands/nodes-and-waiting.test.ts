import { expect } from "chai";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { KctlProgress } from "../../testing/kctl-progress.ts";
import type { Kctl } from "../../testing/kctl.ts";

describe("kctl drain and wait", () => {
  let cluster: TestCluster;
  let progress: KctlProgress;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    progress = new KctlProgress(cluster);
    kctl = progress.kctl;
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(newPod("bare", { spec: { nodeName: "n1" } }), newPod("elsewhere"));
  });
  afterEach(() => cluster.stop());

  const setReady = (status: "True" | "False") =>
    cluster.setStatus(pods, "bare", {
      phase: "Running",
      conditions: [{ type: "Ready", status, lastTransitionTime: "2026-01-01T00:00:00Z" }],
    });
  /** Removes the pod for good, as its kubelet does when its containers have stopped. */
  const finish = (name: string) =>
    cluster.client.delete(pods, { namespace: "default", name }, { gracePeriodSeconds: 0 });

  it("drain evicts nothing where a pod would be lost, and says how to go on", async () => {
    const refusal =
      "cannot delete cannot delete Pods that declare no controller (use --force to override): default/bare";
    expect(await kctl.run("drain", "n1")).to.deep.equal({
      code: 1,
      stdout: "node/n1 cordoned\n",
      stderr: `error: unable to drain node "n1" due to error: ${refusal}, continuing command...\nThere are pending nodes to be drained:\n n1\nerror: ${refusal}\n`,
    });
    expect((await cluster.get(pods, "bare")).metadata).to.not.have.property("deletionTimestamp");
  });

  it("drain waits until the pods have gone", async () => {
    const draining = kctl.run("drain", "n1", "--force");
    await progress.watching();
    expect((await cluster.get(pods, "bare")).metadata).to.have.property("deletionTimestamp");
    await finish("bare");
    expect(await draining).to.deep.equal({
      code: 0,
      stdout: "node/n1 cordoned\nevicting pod default/bare\npod/bare evicted\nnode/n1 drained\n",
      stderr: "Warning: deleting Pods that declare no controller: default/bare\n",
    });
    expect((await cluster.get(nodes, "n1")).spec.unschedulable).to.equal(true);
    expect((await cluster.list(pods)).map(({ metadata }) => metadata.name)).to.deep.equal(["elsewhere"]);
  });

  it("drain gives up after its time", async () => {
    const draining = kctl.run("drain", "n1", "--force", "--timeout=5s");
    const { code, stderr } = await progress.finish(draining);
    expect(code).to.equal(1);
    expect(stderr).to.contain('error when evicting pods/"bare" -n "default": global timeout reached: 5s');
  });

  it("drain only plays through in a dry run", async () => {
    expect(await kctl.out("drain", "n1", "--force", "--dry-run=client")).to.equal(
      "node/n1 cordoned (dry run)\nevicting pod default/bare (dry run)\nnode/n1 drained (dry run)\n",
    );
    expect((await cluster.get(nodes, "n1")).spec).to.not.have.property("unschedulable");
  });

  it("drain needs a node", async () => {
    expect((await kctl.run("drain")).stderr).to.equal(
      "error: USAGE: drain NODE [flags]\nSee 'kctl drain -h' for help and examples\n",
    );
    expect((await kctl.run("drain", "n9")).stderr).to.equal('Error from server (NotFound): nodes "n9" not found\n');
  });

  it("wait resolves at once where the condition is met", async () => {
    await setReady("True");
    expect(await kctl.out("wait", "pod/bare", "--for=condition=Ready")).to.equal("pod/bare condition met\n");
    expect(await kctl.out("wait", "pod/nope", "--for=delete")).to.equal("");
  });

  it("wait resolves when the condition becomes met", async () => {
    const waiting = kctl.out("wait", "pod/bare", "--for=condition=Ready");
    await progress.watching();
    await setReady("False");
    await cluster.settle();
    await setReady("True");
    expect(await waiting).to.equal("pod/bare condition met\n");
  });

  it("wait sees objects go, and come again as others", async () => {
    const waiting = kctl.out("wait", "pod/bare", "--for=delete");
    await progress.watching();
    await finish("bare");
    await cluster.apply(newPod("bare"));
    expect(await waiting).to.equal("pod/bare condition met\n");
  });

  it("wait sees objects come", async () => {
    const waiting = kctl.out("wait", "pod/new", "--for=create");
    await progress.watching();
    await cluster.apply(newPod("new"));
    expect(await waiting).to.equal("pod/new condition met\n");
  });

  it("wait gives up after its time, for each object by itself", async () => {
    await setReady("True");
    const waiting = kctl.run("wait", "pods", "--all", "--for=condition=Ready", "--timeout=5s");
    expect(await progress.finish(waiting)).to.deep.equal({
      code: 1,
      stdout: "pod/bare condition met\n",
      stderr: "error: timed out waiting for the condition on pods/elsewhere\n",
    });
  });

  for (const [words, message] of [
    [["pod/bare"], 'error: unrecognized condition: ""\n'],
    [["pods", "-l", "a=b", "--for=condition=Ready"], "error: no matching resources found\n"],
    [["pod/bare", "--for=condition=Ready", "--timeout=0"], "error: condition not met for pods/bare\n"],
    [["pod/nope", "--for=condition=Ready"], 'Error from server (NotFound): pods "nope" not found\n'],
  ] as const) {
    it(`wait ${words.join(" ")} fails at once`, async () => {
      expect(await kctl.run("wait", ...words)).to.deep.equal({ code: 1, stdout: "", stderr: message });
    });
  }
});
