// What a cluster that is stopped leaves on the machine: what its pods need that go on running, and nothing else.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { diskFiles } from "../../kubelet/node-files.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { KCTL } from "../cluster-under-test.ts";
import { runOrFail } from "../command.ts";
import { freePort } from "../free-port.ts";
import { makeTestImages } from "../test-images.ts";
import { eventually } from "../waiting.ts";

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: { containers: [{ name: "main", image: "node:local", command: ["node", "-e", "setInterval(() => {}, 1000)"] }] },
};

describeWith(["linux", "root", "kubectl"], "a cluster that is stopped", () => {
  let directory: string;

  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "gantry-stopping-"))));
  afterEach(async () => {
    await runOrFail([...KCTL, "down", "--wipe", "--data-dir", directory]);
    expect(await diskFiles.mountsBelow(directory), "after --wipe").to.deep.equal([]);
    await rm(directory, { recursive: true, force: true });
  });

  const up = async (runtime: "fake" | "process") => {
    const flags = ["--secure-port", String(await freePort()), "--runtime", runtime, "--proxy", "none"];
    await runOrFail([...KCTL, "up", "--detach", "--data-dir", directory, ...flags]);
  };
  const down = () => runOrFail([...KCTL, "down", "--data-dir", directory]);
  const mounts = () => diskFiles.mountsBelow(join(directory, "nodes"));
  const kubectl = (words: string, input = "") =>
    runOrFail(["kubectl", "--kubeconfig", join(directory, "kubeconfig"), ...words.split(" ")], { input });
  const untilRunning = () =>
    eventually("the pod runs", async () => (await kubectl("get pod web -o jsonpath={.status.phase}")) === "Running");
  const createPod = async () => {
    await eventually("there is an account for pods", () => kubectl("get serviceaccount default"));
    await kubectl("create -f -", JSON.stringify(pod));
    await untilRunning();
    // Of its token.
    expect(await mounts()).to.have.lengthOf(1);
  };

  it("leaves nothing of pods that end with it", async () => {
    await up("fake");
    await createPod();
    await down();
    expect(await mounts()).to.deep.equal([]);
    await up("fake");
    await untilRunning();
  });

  it("leaves what its pods use that go on, and finds it again", async () => {
    await makeTestImages("process", directory);
    await up("process");
    await createPod();
    const identity = () => kubectl("get pod web -o jsonpath={.status.containerStatuses[0].containerID}");
    const before = await identity();
    await down();
    expect(await mounts()).to.have.lengthOf(1);
    await up("process");
    await untilRunning();
    expect(await identity()).to.equal(before);
    expect(await mounts()).to.have.lengthOf(1);
  });
});
