// Two-level scheduling over HTTPS, with a process of its own for each side: the sample framework runs a batch and survives a crash,
// and the rules about offers hold on real time.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { projectRoot } from "../testing/source-tree.ts";
import { CommandLine } from "./cluster-under-test.ts";
import { RunningProcess } from "./running-process.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";
import { eventually } from "./waiting.ts";

interface Listed<T> {
  readonly items: readonly T[];
}
interface SeenOffer {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly framework: string; readonly role: string; readonly node: string };
  readonly status: { readonly phase: string; readonly answeredTime?: string };
}
interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly creationTimestamp: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

describeWith(["linux", "kubectl"], "frameworks over HTTPS", function () {
  let cluster: StandaloneCluster;
  let admin: CommandLine;
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gantry-frameworks-"));
    cluster = await StandaloneCluster.prepare({ runtime: "process", proxy: "userspace" });
    admin = new CommandLine("kubectl", cluster);
    await cluster.start();
    await admin.run(`apply -f ${join(projectRoot, "manifests/frameworks/batch.yaml")}`);
  });
  after(async () => {
    await cluster.stop();
    await cluster.wipe();
    await rm(directory, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed()) console.error(await cluster.describe());
  });

  const list = async <T>(line: string) => (JSON.parse(await admin.run(`get ${line} -o json`)) as Listed<T>).items;
  const offersOf = (framework: string) => list<SeenOffer>(`offers --field-selector spec.framework=${framework}`);
  const outstanding = async (framework: string) =>
    (await offersOf(framework)).find(({ status }) => status.phase === "Outstanding");

  async function startBatch(tasks: number, command: string): Promise<RunningProcess> {
    const config = JSON.parse(await admin.run("config view --raw --minify -o json")) as {
      readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
    };
    const { server = "", "certificate-authority-data": ca = "" } = config.clusters[0]?.cluster ?? {};
    const [caFile, tokenFile] = [join(directory, "ca.crt"), join(directory, "token")];
    await writeFile(caFile, Buffer.from(ca, "base64"));
    await writeFile(tokenFile, await admin.run("create token batch -n batch"), { mode: 0o600 });
    const script = join(projectRoot, "manifests/frameworks/batch.mjs");
    return new RunningProcess("the framework", [process.execPath, script], {
      SERVER: server,
      CA_FILE: caFile,
      TOKEN_FILE: tokenFile,
      TASKS: String(tasks),
      COMMAND: command,
    });
  }

  it("run a batch on what they are offered, and start nothing twice after a crash", async () => {
    const first = await startBatch(4, "sleep 2");
    await eventually("tasks are started", () => first.output.includes("started batch-3"));
    const before = await list<SeenPod>("pods -n batch");
    await first.crash();
    const second = await startBatch(4, "sleep 2");
    await eventually("the batch is done", () => {
      if (second.ended && !second.output.includes("done")) throw new Error(second.output);
      return second.output.includes("the batch is done");
    });
    expect(second.output).to.contain("back as batch; 4 of 4 tasks were started before");
    const pods = await list<SeenPod>("pods -n batch");
    const identities = (all: readonly SeenPod[]) =>
      all.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort();
    expect(identities(pods)).to.deep.equal(identities(before));
    expect(new Set(pods.map(({ spec }) => spec.nodeName))).to.deep.equal(new Set(["node-1"]));
    const table = await admin.run("get frameworks");
    expect(
      table
        .split("\n")[0]
        ?.split(/\s{2,}/)
        .slice(0, 4),
    ).to.deep.equal(["NAME", "ROLE", "STATE", "SHARE"]);
  });

  it("take their tasks with them when they are deleted", async () => {
    await admin.run("delete framework batch");
    await eventually("the tasks are gone", async () => (await list<SeenPod>("pods -n batch")).length === 0);
  });

  const probe = (name: string, spec: object) =>
    admin.run("create -f -", {
      input: JSON.stringify({
        apiVersion: "scheduling.kctl.dev/v1",
        kind: "Framework",
        metadata: { name },
        spec: { role: name, namespaces: ["default"], ...spec },
      }),
    });

  it("get offers in their role only, and none of a node for as long as they have declined it", async () => {
    await probe("decliner", { offerTimeoutSeconds: 60 });
    const offer = await eventually("there is an offer", () => outstanding("decliner"));
    expect(offer.spec).to.include({ framework: "decliner", role: "decliner", node: "node-1" });
    const path = `/apis/scheduling.kctl.dev/v1/offers/${offer.metadata.name}/decline`;
    const body = join(directory, "decline.json");
    await writeFile(body, JSON.stringify({ filterSeconds: 5 }));
    await admin.run(`create --raw ${path} -f ${body}`);
    const declined = (await offersOf("decliner")).find(({ metadata }) => metadata.name === offer.metadata.name);
    const declinedMs = Date.parse(declined?.status.answeredTime ?? "");
    const next = await eventually("there is another offer", () => outstanding("decliner"));
    const { metadata } = JSON.parse(await admin.run(`get offer ${next.metadata.name} -o json`)) as {
      readonly metadata: { readonly creationTimestamp: string };
    };
    // Creation times are whole seconds, cut off.
    expect(Date.parse(metadata.creationTimestamp) - declinedMs).to.be.at.least(4000);
    await admin.run("delete framework decliner");
    await eventually("its offers are gone", async () => (await offersOf("decliner")).length === 0);
  });

  it("lose offers that they do not answer in time", async () => {
    await probe("sleeper", { offerTimeoutSeconds: 1 });
    const status = await eventually("an offer has expired", async () => {
      const framework = JSON.parse(await admin.run("get framework sleeper -o json")) as {
        readonly status: { readonly offers?: { readonly expired?: number }; readonly offersResumeTime?: string };
      };
      return framework.status.offers?.expired ? framework.status : undefined;
    });
    expect(status).to.have.property("offersResumeTime");
    await admin.run("delete framework sleeper");
  });

  it("cannot reach into what is reserved for another role, and nobody else can", async () => {
    const node = JSON.parse(await admin.run("get node node-1 -o json")) as {
      readonly status: { readonly allocatable: { readonly cpu: string } };
    };
    await admin.run("create -f -", {
      input: JSON.stringify({
        apiVersion: "scheduling.kctl.dev/v1",
        kind: "Reservation",
        metadata: { name: "kept" },
        spec: { role: "kept", resources: { cpu: node.status.allocatable.cpu } },
      }),
    });
    await admin.run("wait --for=condition=Held reservation/kept --timeout=30s");
    const pod = (name: string) =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: {
          nodeName: "node-1",
          containers: [{ name: "c", image: "gantry/hello:1.0", resources: { requests: { cpu: "100m" } } }],
        },
      });
    await admin.run("create -f -", { input: pod("intruder") });
    const intruder = JSON.parse(await admin.run("get pod intruder -o json")) as SeenPod & {
      readonly status: { readonly reason?: string };
    };
    expect([intruder.status.phase, intruder.status.reason]).to.deep.equal(["Failed", "OutOfcpu"]);
    await admin.run("delete reservation kept");
    await admin.run("create -f -", { input: pod("guest") });
    await eventually("the pod runs", async () => {
      const guest = JSON.parse(await admin.run("get pod guest -o json")) as SeenPod;
      return guest.status.phase === "Running";
    });
    await admin.run("delete pod guest intruder --grace-period=1");
  });

  it("say in their metrics how often they were too late", async () => {
    const metrics = await admin.run("get --raw /metrics");
    expect(metrics).to.match(/kctl_placement_conflict_fraction\{scheduler="framework\/batch"\} 0\n/);
  });
});
