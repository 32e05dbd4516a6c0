// The sample of rollouts that look after themselves, with stock kubectl and kctl on real time: a canary that waits, a configuration
// that is rolled out and goes back with its revision, and a failure that is rolled back.

import { join } from "node:path";
import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { projectRoot } from "../testing/source-tree.ts";
import { KCTL } from "./cluster-under-test.ts";
import { runCommand, runOrFail } from "./command.ts";
import { InProcessCluster } from "./in-process-cluster.ts";
import { eventually } from "./waiting.ts";

const SAMPLE = join(projectRoot, "manifests/safe-rollout.yaml");

interface SeenPod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
}

interface SeenDeployment {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly message: string }[] };
}

describeWith(["linux", "kubectl"], "rollouts that look after themselves", function () {
  let cluster: InProcessCluster;
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver", "controllers", "scheduler", "kubelet"]);
  });
  after(() => cluster.remove());
  afterEach(async function () {
    if (this.currentTest?.isFailed()) console.error(await kubectl("describe", "deployment/painter"));
  });

  const kubeconfig = () => `--kubeconfig=${cluster.kubeconfigPath}`;
  const kubectl = (...args: readonly string[]) => runOrFail(["kubectl", kubeconfig(), ...args]);
  const kctl = (...args: readonly string[]) => runOrFail([...KCTL, kubeconfig(), ...args]);

  /** What the pods print that are not on their way out. */
  async function colors(): Promise<readonly string[]> {
    const { items } = JSON.parse(await kubectl("get", "pods", "-l", "app=painter", "-o", "json")) as {
      readonly items: readonly SeenPod[];
    };
    const names = items.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
    const printed = await Promise.all(names.map((name) => kubectl("logs", name)));
    return printed.map((text) => text.trim().replace("painting in ", "")).sort();
  }
  const paint = (color: string) =>
    kubectl("patch", "configmap/paint", "--type=merge", `--patch={"data":{"COLOR":"${color}"}}`);
  const untilColors = (...wanted: readonly string[]) =>
    eventually(`pods paint in ${wanted.join(", ")}`, async () => (await colors()).join() === wanted.join());
  const untilWaiting = () =>
    kubectl("wait", "deployment/painter", "--for=condition=kctl.dev/CanaryWaits", "--timeout=180s");

  it("run as they always did at first", async () => {
    await kubectl("apply", "-f", SAMPLE);
    await kubectl("rollout", "status", "deployment/painter", "--timeout=180s");
    await untilColors("green", "green", "green");
  });

  it("give a changed ConfigMap one pod, which waits beyond the deadline, until kctl promotes it", async () => {
    await paint("red");
    await untilWaiting();
    await untilColors("green", "green", "red");
    const seen = await runCommand([
      "kubectl",
      kubeconfig(),
      "rollout",
      "status",
      "deployment/painter",
      "--timeout=13s",
    ]);
    expect(seen.stdout).to.contain("1 out of 3 new replicas have been updated");
    expect(seen.stderr).to.contain("timed out waiting").and.not.contain("exceeded its progress deadline");
    expect(await colors()).to.deep.equal(["green", "green", "red"]);
    expect(await kctl("rollout", "promote", "deployment/painter")).to.equal("deployment.apps/painter promoted\n");
    await kubectl("rollout", "status", "deployment/painter", "--timeout=180s");
    await untilColors("red", "red", "red");
  });

  it("are promoted by kubectl as well", async () => {
    await paint("blue");
    await untilWaiting();
    await kubectl("annotate", "--overwrite", "deployment/painter", "kctl.dev/promoted-revision=3");
    await kubectl("rollout", "status", "deployment/painter", "--timeout=180s");
    await untilColors("blue", "blue", "blue");
  });

  it("go back with the configuration that they ran with, and follow the live one again", async () => {
    await kubectl("rollout", "undo", "deployment/painter", "--to-revision=1");
    await kubectl("rollout", "status", "deployment/painter", "--timeout=180s");
    await untilColors("green", "green", "green");
    await paint("white");
    await kubectl("apply", "-f", SAMPLE);
    await paint("white");
    await untilWaiting();
    await kctl("rollout", "promote", "deployment/painter");
    await untilColors("white", "white", "white");
  });

  it("put back what fails, and say why", async () => {
    await paint("transparent");
    await kubectl("wait", "deployment/painter", "--for=condition=kctl.dev/RolledBack", "--timeout=180s");
    await kubectl("rollout", "status", "deployment/painter", "--timeout=180s");
    await untilColors("white", "white", "white");
    const { status } = JSON.parse(await kubectl("get", "deployment/painter", "-o", "json")) as SeenDeployment;
    expect(status.conditions.find(({ type }) => type === "kctl.dev/RolledBack")?.message).to.match(
      /^Revision \d+ \(ReplicaSet "painter-\w+"\) failed: pod painter-\S+: it runs, but is not ready/,
    );
    expect(await kctl("describe", "deployment/painter")).to.match(/\nRollout: +Revision \d+ \(ReplicaSet/);
  });

  it("refuse what they cannot read", async () => {
    const line = ["annotate", "--overwrite", "deployment/painter", "kctl.dev/canary=one"];
    const { code, stderr } = await runCommand(["kubectl", kubeconfig(), ...line]);
    expect(code).to.equal(1);
    expect(stderr).to.contain('metadata.annotations[kctl.dev/canary]: Invalid value: "one": must be a number of pods');
  });
});
