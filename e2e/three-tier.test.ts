// The sample of manifests/three-tier on real containers and real packet rules, from its first start to its end: what people do
// with an application, and what its users notice of that.

import { readFile, rm } from "node:fs/promises";
import { expect } from "chai";
import { deployments } from "../api/apps/deployment.ts";
import { pods } from "../api/core/pod.ts";
import { endpointSlices } from "../api/discovery/endpoint-slice.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { describeWith } from "../testing/machine-parts.ts";
import { CommandLine } from "./cluster-under-test.ts";
import { runOrFail } from "./command.ts";
import { ReadyWatch } from "./ready-watch.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";
import { fetchText, SteadyClient } from "./steady-client.ts";
import { eventually } from "./waiting.ts";

const SAMPLE = "manifests/three-tier";
const AUTOSCALER = `${SAMPLE}/4-autoscaler.yaml`;
/** Where the sample's volume is. */
const VOLUMES = "/tmp/gantry-shop";
const WEB = "app=shop,tier=web";
const NODES = 3;
/** Of the rolling update that web asks for. */
const MAX_UNAVAILABLE = 1;
const MAX_SURGE = 1;

describeWith(["docker", "nftables", "kubectl"], "an application of three tiers on Docker and nftables", function () {
  let cluster: StandaloneCluster;
  let kubectl: CommandLine;
  let kctl: CommandLine;
  let client: Client;
  let id: string;

  before(async () => {
    cluster = await StandaloneCluster.prepare({ runtime: "docker", proxy: "nftables", nodes: NODES });
    await cluster.start();
    kubectl = new CommandLine("kubectl", cluster);
    kctl = new CommandLine("kctl", cluster);
    client = createClient(await connectByKubeconfig(cluster.kubeconfig, (name) => readFile(name, "utf8")));
    id = await cluster.id();
  });
  after(async () => {
    await cluster?.wipe();
    await rm(VOLUMES, { recursive: true, force: true });
  });
  const asking: SteadyClient[] = [];
  const keep = (client: SteadyClient) => (asking.push(client), client);
  afterEach(async function () {
    await Promise.all(asking.splice(0).map((each) => each.stop()));
    if (this.currentTest?.state !== "failed") return;
    const { stdout } = await kubectl.attempt("get pods,deployments,statefulsets,jobs,hpa,pdb,pvc -o wide");
    console.error(stdout, await cluster.describe());
  });

  const serviceUrl = async () => `http://${await kubectl.run("get service web -o jsonpath={.spec.clusterIP}")}/`;
  const containers = async () =>
    lines(await runOrFail(["docker", "ps", "--all", "--quiet", "--filter", `label=gantry.cluster=${id}`]));

  async function webReplicas(count: number): Promise<void> {
    await eventually(`web has ${count} replicas, all ready`, async () => {
      const { spec, status } = await client.get(deployments, { namespace: "default", name: "web" });
      return [spec.replicas, status.replicas, status.readyReplicas].every((each) => each === count);
    });
  }

  const webPods = async () => (await client.list(pods, { namespace: "default", labelSelector: WEB })).items;

  /** The endpoints that may be asked are the pods that there are, no more and no fewer. */
  async function endpointsMatch(count: number): Promise<void> {
    await eventually(`the service leads to ${count} pods`, async () => {
      const labelSelector = "kubernetes.io/service-name=web";
      const { items } = await client.list(endpointSlices, { namespace: "default", labelSelector });
      const ready = items.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready);
      const addresses = ready.flatMap((endpoint) => endpoint.addresses).sort();
      const expected = (await webPods()).map(({ status }) => status.podIP).sort();
      return expected.length === count && addresses.join() === expected.join();
    });
  }

  it("is deployed by one command, filled by its job, and answers through all tiers", async () => {
    await kubectl.run(`apply -f ${SAMPLE}`);
    await kubectl.run("wait --for=condition=Complete job/seed --timeout=180s");
    await kubectl.run("rollout status statefulset/store --timeout=180s");
    await webReplicas(3);
    await kubectl.run("rollout status deployment/web --timeout=180s");
    const url = await serviceUrl();
    await eventually("web has seen all that was seeded", async () => {
      return /^30 items, says web-\S+, version 1\.0\n$/.test(await fetchText(url));
    });
    expect(await kubectl.run("get pvc data-store-0 -o jsonpath={.status.phase}/{.spec.volumeName}")).to.equal(
      "Bound/shop-data-0",
    );
  });

  it("is upgraded and rolled back under load with no failed request, and enough pods ready at every revision", async () => {
    // More load would have it scaled meanwhile, and the bounds are of a fixed number of pods.
    await kubectl.run(`delete -f ${AUTOSCALER}`);
    await kubectl.run("scale deployment/web --replicas=4");
    await webReplicas(4);
    const url = await serviceUrl();
    const clients = [1, 2, 3].map(() => keep(new SteadyClient(url)));
    const watch = new ReadyWatch(client, WEB);
    await kubectl.run("set env deployment/web VERSION=2.0");
    await kubectl.run("rollout status deployment/web --timeout=180s");
    await eventually("all answers are of version 2.0", async () => (await versionsSeen(url)) === "2.0");
    await kubectl.run("rollout undo deployment/web");
    await kubectl.run("rollout status deployment/web --timeout=180s");
    await eventually("all answers are of version 1.0", async () => (await versionsSeen(url)) === "1.0");
    const bounds = await watch.stop();
    await eventually("the clients have asked often", () => clients.every(({ answered }) => answered > 50));
    const results = await Promise.all(clients.map((client) => client.stop()));
    expect(results.flatMap(({ failures }) => failures)).to.deep.equal([]);
    expect(bounds.revisions).to.be.above(20);
    expect(bounds.fewestReady).to.be.at.least(4 - MAX_UNAVAILABLE);
    expect(bounds.mostPods).to.be.at.most(4 + MAX_SURGE);
  });

  it("keeps the store's data when its pod is replaced", async () => {
    await kubectl.run("rollout restart statefulset/store");
    await kubectl.run("rollout status statefulset/store --timeout=180s");
    expect(await kubectl.run("logs store-0")).to.contain("the store has 30 items");
  });

  it("replaces five of ten containers that are killed", async () => {
    await kubectl.run("scale deployment/web --replicas=10");
    await webReplicas(10);
    const ids = (await webPods()).map(({ status }) => status.containerStatuses?.[0]?.containerID ?? "");
    const victims = ids.slice(0, 5).map((each) => each.replace("docker://", ""));
    const tookMs = stopwatch();
    await runOrFail(["docker", "kill", ...victims]);
    await eventually("the killed containers, and no others, have been started again", async () => {
      const restarts = (await webPods()).map(({ status }) => status.containerStatuses?.[0]?.restartCount ?? 0);
      return restarts.sort().join() === "0,0,0,0,0,1,1,1,1,1";
    });
    await webReplicas(10);
    console.log(`      (ten were ready again after ${tookMs()} ms)`);
    await endpointsMatch(10);
  });

  it("is scaled from one to twenty and back, with the service leading to exactly the ready pods", async () => {
    for (const count of [1, 20, 1]) {
      await kubectl.run(`scale deployment/web --replicas=${count}`);
      await webReplicas(count);
      await endpointsMatch(count);
    }
  });

  it("is scaled out by the load that Docker shows, and in again when it is gone", async () => {
    await kubectl.run(`apply -f ${AUTOSCALER}`);
    await webReplicas(3);
    const load = keep(new SteadyClient(`${await serviceUrl()}busy`));
    const outMs = stopwatch();
    await webReplicas(9);
    console.log(`      (three became nine after ${outMs()} ms of load)`);
    await topShowsTheLoad();
    const { failures } = await load.stop();
    expect(failures).to.deep.equal([]);
    const inMs = stopwatch();
    await webReplicas(3);
    console.log(`      (and three again after ${inMs()} ms of calm)`);
    const conditions = await kubectl.run(
      "get hpa web -o 'jsonpath={range .status.conditions[*]}{.type}={.status} {end}'",
    );
    expect(conditions).to.contain("AbleToScale=True").and.to.contain("ScalingActive=True");
  });

  it("keeps two web pods ready while all nodes are drained, one after the other", async () => {
    const watch = new ReadyWatch(client, WEB);
    for (const node of lines(await kubectl.run("get nodes -o name"))) {
      await kubectl.run(`drain ${node} --ignore-daemonsets --delete-emptydir-data --timeout=180s`);
      const left = await kubectl.run(
        `get pods -l ${WEB} --field-selector spec.nodeName=${node.replace("node/", "")} -o name`,
      );
      expect(left).to.equal("");
      await kubectl.run(`uncordon ${node}`);
    }
    expect((await watch.stop()).fewestReady).to.be.at.least(2);
    await webReplicas(3);
    await kubectl.run("rollout status statefulset/store --timeout=180s");
  });

  it("leaves nothing behind when it is deleted, and the cluster after it", async () => {
    await kctl.run(`delete -f ${SAMPLE}`);
    await eventually("nothing of it is left in the API", async () => {
      const kinds = "all,endpointslices,controllerrevisions,configmaps,hpa,pdb,pvc,pv";
      return (await kubectl.run(`get ${kinds} -l app=shop -o name`)) === "";
    });
    expect(await kubectl.run("get pods,pvc -o name")).to.equal("");
    await eventually("no container is left", async () => (await containers()).length === 0);
    await cluster.stop();
    await cluster.wipe();
    expect(await runOrFail(["docker", "network", "ls", "--format", "{{.Name}}"])).to.not.contain(id);
    expect(await runOrFail(["nft", "list", "tables"])).to.not.contain(id);
  });

  /** The versions that ten requests were answered by. */
  async function versionsSeen(url: string): Promise<string> {
    const texts = await Promise.all(Array.from({ length: 10 }, () => fetchText(url)));
    return [...new Set(texts.map((text) => /version (\S+)/.exec(text)?.[1]))].join();
  }

  async function topShowsTheLoad(): Promise<void> {
    for (const command of [kubectl, kctl]) {
      await eventually(`${command.name} top shows what nine pods use`, async () => {
        const rows = lines(await command.run(`top pods -l ${WEB} --no-headers`)).map((row) => row.split(/\s+/));
        const usedMillis = rows.reduce((sum, [, cpu = ""]) => sum + parseInt(cpu, 10), 0);
        return rows.length === 9 && usedMillis > 90 && rows.every(([, , memory = ""]) => parseInt(memory, 10) > 5);
      });
      expect(lines(await command.run("top nodes --no-headers"))).to.have.lengthOf(NODES);
    }
  }
});

const lines = (text: string): string[] => text.split("\n").filter(Boolean);

/** How long ago this was called. */
function stopwatch(): () => number {
  const startedMs = performance.now();
  return () => Math.round(performance.now() - startedMs);
}
