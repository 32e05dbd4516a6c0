// The life of an application, as a user and as its clients see it: the same suite for every kind of cluster.

import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { expect } from "chai";
import { CommandLine, type ClusterUnderTest } from "./cluster-under-test.ts";
import { runOrFail } from "./command.ts";
import { fetchText, SteadyClient } from "./steady-client.ts";
import { eventually } from "./waiting.ts";

const HELLO = "manifests/hello.yaml";

interface PodFacts {
  readonly name: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly containerId: string;
  readonly image: string;
}

export function describeApplication(prepare: () => Promise<ClusterUnderTest>): void {
  let cluster: ClusterUnderTest;
  let kctl: CommandLine;
  let kubectl: CommandLine;

  before(async function () {
    cluster = await prepare();
    await cluster.start();
    kctl = new CommandLine("kctl", cluster);
    kubectl = new CommandLine("kubectl", cluster);
  });
  after(async function () {
    await cluster?.wipe();
  });
  const clients: SteadyClient[] = [];
  const keep = (client: SteadyClient) => (clients.push(client), client);
  afterEach(async function () {
    await Promise.all(clients.splice(0).map((client) => client.stop()));
    await kubectl.run("delete pod client --ignore-not-found --now");
    if (this.currentTest?.state === "failed") console.error(await cluster.describe());
  });

  const virtualAddress = async () =>
    `http://${await kubectl.run("get service hello -o jsonpath={.spec.clusterIP}")}:8080/`;

  async function podFacts(): Promise<readonly PodFacts[]> {
    const list = JSON.parse(await kubectl.run("get pods -l app=hello -o json")) as { items: PodJson[] };
    return list.items
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata, spec, status }) => ({
        name: metadata.name,
        ready: status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false,
        restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
        containerId: status.containerStatuses?.[0]?.containerID ?? "",
        image: spec.containers[0]?.image ?? "",
      }));
  }

  async function readyPods(count: number): Promise<readonly PodFacts[]> {
    return eventually(`${count} pods are ready`, async () => {
      const facts = await podFacts();
      return facts.length === count && facts.every(({ ready }) => ready) && facts;
    });
  }

  async function answersFrom(version: string): Promise<string> {
    const url = await virtualAddress();
    return eventually(`the service answers as version ${version}`, async () => {
      const text = await fetchText(url);
      return text.includes(`version ${version}`) && text;
    });
  }

  for (const name of ["kctl", "kubectl"] as const) {
    describe(`with ${name}`, () => {
      const command = () => (name === "kctl" ? kctl : kubectl);

      it("applies an application and reaches it at its virtual IP", async () => {
        expect(await command().run(`apply -f ${HELLO}`)).to.equal(
          "deployment.apps/hello created\nservice/hello created\n",
        );
        await command().run("rollout status deployment/hello --timeout=180s");
        await readyPods(3);
        await answersFrom("1.0");
      });

      it("applies it again without changing anything", async () => {
        expect(await command().run(`apply -f ${HELLO}`)).to.equal(
          "deployment.apps/hello unchanged\nservice/hello unchanged\n",
        );
      });

      it("scales out and in", async () => {
        expect(await command().run("scale deployment/hello --replicas=5")).to.equal("deployment.apps/hello scaled\n");
        await readyPods(5);
        await command().run("scale deployment/hello --replicas=2");
        await readyPods(2);
        await command().run("scale deployment/hello --replicas=3");
        await readyPods(3);
      });

      it("updates and rolls back while no client sees a failure", async function () {
        const url = await virtualAddress();
        const fromHost = keep(new SteadyClient(url));
        await startClientPod(url);
        await command().run("set image deployment/hello hello=gantry/hello:2.0");
        await command().run("rollout status deployment/hello --timeout=180s");
        await answersFrom("2.0");
        expect((await readyPods(3)).map(({ image }) => image)).to.deep.equal(Array(3).fill("gantry/hello:2.0"));
        await command().run("rollout undo deployment/hello");
        await command().run("rollout status deployment/hello --timeout=180s");
        await answersFrom("1.0");
        await eventually("the client on the host has asked often", () => fromHost.answered > 100);
        expect((await fromHost.stop()).failures).to.deep.equal([]);
        await eventually("the client in the cluster has asked often", async () => (await clientCount()).answered > 100);
        expect(await stopClientPod()).to.deep.equal([]);
      });

      it("shows logs, and runs a command in a container", async () => {
        const [pod] = await readyPods(3);
        expect(await command().run(`logs ${pod?.name} --tail=1`)).to.not.equal("");
        expect(await command().run(`exec ${pod?.name} -- node -p 6*7`)).to.equal("42\n");
        const failed = await command().attempt(`exec ${pod?.name} -- node -e 'process.exit(7)'`);
        expect(failed.code).to.equal(7);
      });

      it("deletes the application and everything it made", async () => {
        await command().run(`delete -f ${HELLO}`);
        await eventually("nothing of it is left", async () => {
          const left = await kubectl.run(
            "get deployments,replicasets,pods,services,endpoints,endpointslices -l app=hello -o name",
          );
          return left === "" || undefined;
        });
      });
    });
  }

  describe("when things break", () => {
    before(async () => {
      await kctl.run(`apply -f ${HELLO}`);
      await readyPods(3);
    });

    it("replaces a container that was killed, and restarts no other", async () => {
      const before = await readyPods(3);
      const [victim] = before;
      if (!victim) throw new Error("there is no pod to kill");
      await killContainer(cluster, victim);
      await eventually("the container is back", async () => {
        const after = (await podFacts()).find(({ name }) => name === victim.name);
        return after?.ready && after.restarts === victim.restarts + 1;
      });
      const others = (facts: readonly PodFacts[]) => facts.filter(({ name }) => name !== victim.name);
      expect(others(await podFacts())).to.deep.equal(others(before));
    });

    it("survives kill -9 of each process, with the service answering and no container restarted", async function () {
      this.timeout(600_000);
      const before = await readyPods(3);
      const url = await virtualAddress();
      for (const name of cluster.processes) {
        await cluster.crash(name);
        // The userspace proxy is a process among the others; the kernel's rules outlive theirs.
        if (cluster.runtime !== "process") await fetchText(url);
        await cluster.start();
        await answersFrom("1.0");
        expect(await readyPods(3), `after a crash of ${name}`).to.deep.equal(before);
      }
    });

    it("finds everything again after an orderly stop and start", async function () {
      const before = await readyPods(3);
      await cluster.stop();
      await cluster.start();
      expect(await readyPods(3)).to.deep.equal(before);
      await answersFrom("1.0");
    });

    it("keeps the old version serving when the new image does not exist, and says why", async () => {
      await kctl.run("set image deployment/hello hello=gantry/no-such-image:9");
      await eventually("the new pod says what is wrong", async () => {
        const text = await kctl.run("get pods -l app=hello");
        return /ErrImagePull|ImagePullBackOff/.test(text);
      });
      expect((await podFacts()).filter(({ ready }) => ready)).to.have.lengthOf(3);
      await answersFrom("1.0");
      await kctl.run("rollout undo deployment/hello");
      await readyPods(3);
    });

    it("takes a pod that is being deleted out of the service, and replaces it", async () => {
      const [victim] = await readyPods(3);
      await kubectl.run(`delete pod ${victim?.name} --wait=false`);
      const addresses = async () =>
        kubectl.run("get endpoints hello -o jsonpath={.subsets[*].addresses[*].targetRef.name}");
      await eventually(
        "the pod has left the endpoints",
        async () => !(await addresses()).includes(victim?.name ?? ""),
        5_000,
      );
      await readyPods(3);
    });
  });

  /** A pod that asks the URL steadily and keeps count in its log. */
  async function startClientPod(url: string): Promise<void> {
    const script = `
      const { get } = require("node:http");
      let answered = 0;
      const failures = [];
      const ask = () => {
        const request = get("${url}", { agent: false, timeout: 5000 }, (response) => {
          response.resume();
          response.on("end", () => { response.statusCode === 200 ? answered++ : failures.push(response.statusCode); setTimeout(ask, 5); });
        });
        request.on("timeout", () => request.destroy(new Error("timeout")));
        request.on("error", (error) => { failures.push(error.message); setTimeout(ask, 5); });
      };
      ask();
      process.on("SIGTERM", () => { console.log(JSON.stringify({ answered, failures })); process.exit(0); });
      setInterval(() => console.log(JSON.stringify({ answered, failures })), 200);
    `;
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "client", labels: { app: "client" } },
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "client", image: "node:local", command: ["node", "-e", script] }],
      },
    };
    await kubectl.run("apply -f -", { input: JSON.stringify(pod) });
    await eventually("the client pod is asking", async () => (await clientCount()).answered > 0);
  }

  async function clientCount(): Promise<{ answered: number; failures: unknown[] }> {
    const last = (await kubectl.run("logs client --tail=1")).trim();
    return JSON.parse(last) as { answered: number; failures: unknown[] };
  }

  /** Its failures. */
  async function stopClientPod(): Promise<unknown[]> {
    const { failures } = await clientCount();
    await kubectl.run("delete pod client --now");
    return failures;
  }
}

interface PodJson {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number; readonly containerID: string }[];
  };
}

/** Behind the kubelet's back. */
async function killContainer(cluster: ClusterUnderTest, { name, containerId }: PodFacts): Promise<void> {
  const [, id = ""] = containerId.split("://");
  if (cluster.runtime === "docker") await runOrFail(["docker", "kill", id]);
  else if (cluster.runtime === "containerd") process.kill(findProgramIn(id), "SIGKILL");
  else process.kill(findProgramOf(name), "SIGKILL");
}

/** The only process in a container's control group. */
function findProgramIn(containerId: string): number {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const found = pids.find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(containerId);
    } catch {
      // Processes come and go while we look.
      return false;
    }
  });
  if (!found) throw new Error(`no process runs in container ${containerId}`);
  return Number(found);
}

/** The process that runs the sample's server for a pod, found by what its environment says. */
function findProgramOf(podName: string): number {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const found = pids.find((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      return (
        environment.includes(`POD_NAME=${podName}`) &&
        readlinkSync(`/proc/${pid}/exe`) === realpathSync(process.execPath)
      );
    } catch {
      // Processes come and go while we look.
      return false;
    }
  });
  if (!found) throw new Error(`no process runs the pod ${podName}`);
  return Number(found);
}
