import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { jobs } from "../../api/batch/job.ts";
import { events } from "../../api/core/event.ts";
import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { podDisruptionBudgets } from "../../api/policy/pod-disruption-budget.ts";
import { newPod, newService } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { newJob } from "../../testing/job-builders.ts";
import { ordered, orderedSet } from "../../testing/start-order.ts";

describe("a pod that starts after others", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const of = async (app: string) => {
    const found = await parts.cluster.list(pods, { labelSelector: `app=${app}` });
    return found.filter(({ metadata }) => !metadata.deletionTimestamp);
  };
  const only = async (app: string) => (await of(app))[0] as Pod;
  const bound = async (app: string) => (await of(app)).filter(({ spec }) => spec.nodeName).length;
  const waiting = async (app: string) => podCondition(await only(app), "PodScheduled")?.message;
  const told = async (reason: string) =>
    (await parts.cluster.list(events)).filter((event) => event.reason === reason).map(({ message }) => message);

  it("waits until all of them are ready, and says for which", async () => {
    const { cluster, kubelet } = parts;
    kubelet.readyAfterMs = 5_000;
    await cluster.apply(ordered("web", { after: "sts/db, deployment/api" }), orderedSet("db", { replicas: 2 }));
    await cluster.settle();
    expect(await waiting("web")).to.equal(
      "Waiting to start: statefulset/db is not ready, deployment/api does not exist",
    );
    await cluster.step(20_000);
    expect((await of("db")).filter(isPodReady)).to.have.length(2);
    expect(await bound("web")).to.equal(0);
    expect(await waiting("web")).to.equal("Waiting to start: deployment/api does not exist");
    await cluster.apply(ordered("api"));
    await cluster.settle();
    expect(await waiting("web")).to.equal("Waiting to start: deployment/api is not ready");
    await cluster.step(10_000);
    expect(await bound("web")).to.equal(1);
    expect((await only("web")).spec.schedulingGates ?? []).to.deep.equal([]);
    expect(await told("WaitingForDependencies")).to.have.length(3);
    expect(await told("DependenciesReady")).to.deep.equal(["Ready: statefulset/db, deployment/api"]);
  });

  it("waits for a job's completion, for a service's endpoints and for another pod", async () => {
    const { cluster, kubelet } = parts;
    kubelet.isHealthy = ({ metadata }) => metadata.name !== "cache";
    await cluster.apply(
      newJob({}, "migrate"),
      newService("db"),
      newPod("cache"),
      ordered("web", { after: "job/migrate, svc/db, pod/cache" }),
    );
    await cluster.settle();
    expect(await waiting("web")).to.equal(
      "Waiting to start: job/migrate has not completed, service/db has no ready endpoint, pod/cache is not ready",
    );
    const [migration] = (await cluster.list(pods)).filter(({ metadata }) => metadata.name.startsWith("migrate"));
    await cluster.setStatus(pods, migration?.metadata.name ?? "", { phase: "Succeeded" });
    await cluster.apply(newPod("db-0", { labels: { app: "db" } }));
    await cluster.step(5_000);
    expect(await waiting("web")).to.equal("Waiting to start: pod/cache is not ready");
    await cluster.setStatus(pods, "cache", { conditions: [{ type: "Ready", status: "True" }] });
    await cluster.settle();
    expect(await bound("web")).to.equal(1);
    expect((await cluster.get(jobs, "migrate")).status.succeeded).to.equal(1);
  });

  it("keeps its other gates, and waits no more once its annotation is gone", async () => {
    const { cluster } = parts;
    const metadata = { annotations: { "kctl.dev/starts-after": "deployment/never" }, labels: { app: "web" } };
    await cluster.apply(newPod("web", { metadata: { name: "web", namespace: "default", ...metadata }, spec: GATED }));
    await cluster.settle();
    const gates = async () => (await only("web")).spec.schedulingGates?.map(({ name }) => name);
    expect(await gates()).to.deep.equal(["example.com/mine", "kctl.dev/starts-after"]);
    const patch = { metadata: { annotations: { "kctl.dev/starts-after": null } } };
    await cluster.client.patch(pods, { namespace: "default", name: "web" }, { type: "merge", patch });
    await cluster.settle();
    expect(await gates()).to.deep.equal(["example.com/mine"]);
  });

  it("that waits for itself is told the way around", async () => {
    const { cluster } = parts;
    await cluster.apply(newService("db"));
    await cluster.apply(ordered("web", { after: "service/db" }), orderedSet("db", { after: "deployment/web" }));
    await cluster.step(1_000);
    expect(await waiting("web")).to.equal(
      "Waiting to start: it waits for itself: deployment/web after service/db after statefulset/db after deployment/web",
    );
    expect(await bound("web")).to.equal(0);
    await cluster.apply(orderedSet("db"));
    await cluster.client.delete(pods, { namespace: "default", name: "db-0" });
    await cluster.step(1_000);
    expect(await bound("web")).to.equal(1);
  });

  it("costs no write while nothing changes", async () => {
    const { cluster } = parts;
    await cluster.apply(ordered("web", { after: "sts/db", replicas: 3 }), ordered("late", { after: "deployment/web" }));
    await cluster.apply(orderedSet("db"), ordered("lost", { after: "job/never" }));
    await cluster.step(60_000);
    const resources = [pods, deployments, statefulSets, services];
    const versions = async () => {
      const all = await Promise.all(resources.map((each) => cluster.list<KubeObjectLike>(each as never)));
      return all.flat().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
    };
    const before = await versions();
    await cluster.step(300_000);
    expect(await versions()).to.deep.equal(before);
  });

  describe("when what it started after is restarted", () => {
    const uids = async (app: string) => (await of(app)).map(({ metadata }) => metadata.uid).sort();
    const start = async (onRestart?: string) => {
      await parts.cluster.apply(
        orderedSet("db", { replicas: 2 }),
        ordered("web", { after: "sts/db", onRestart, replicas: 2 }),
      );
      await parts.cluster.step(1_000);
      expect((await of("web")).filter(isPodReady)).to.have.length(2);
    };
    const replaceDb = async (...names: string[]) => {
      for (const name of names) await parts.cluster.client.delete(pods, { namespace: "default", name });
      await parts.cluster.step(5_000);
      expect((await of("db")).filter(isPodReady)).to.have.length(2);
    };

    it("stays as it is unless it asks for more", async () => {
      await start();
      const before = await uids("web");
      await replaceDb("db-0", "db-1");
      expect(await uids("web")).to.deep.equal(before);
    });

    it("is replaced where it asks for it, once no pod is left that was ready then", async () => {
      await start("restart");
      const before = await uids("web");
      await replaceDb("db-0");
      expect(await uids("web")).to.deep.equal(before);
      await replaceDb("db-1");
      const after = await of("web");
      expect(after.filter(isPodReady)).to.have.length(2);
      expect(after.map(({ metadata }) => metadata.uid).filter((uid) => before.includes(uid))).to.deep.equal([]);
      expect((await told("RestartedAlong"))[0]).to.equal("Evicted because statefulset/db has been restarted");
      await parts.cluster.step(60_000);
      expect(await uids("web")).to.deep.equal(after.map(({ metadata }) => metadata.uid).sort());
    });

    it("is followed by those that start after it and ask for that, too", async () => {
      await start("restart");
      await parts.cluster.apply(ordered("show", { after: "deployment/web", onRestart: "restart" }));
      await parts.cluster.step(1_000);
      const before = await uids("show");
      await replaceDb("db-0", "db-1");
      expect((await of("show")).filter(isPodReady)).to.have.length(1);
      expect(await uids("show")).not.to.deep.equal(before);
    });

    it("is replaced as its disruption budget allows", async () => {
      await start("restart");
      const selector = { matchLabels: { app: "web" } };
      const budget = { metadata: { name: "web", namespace: "default" }, spec: { maxUnavailable: 0, selector } };
      await parts.cluster.client.create(podDisruptionBudgets, budget);
      await parts.cluster.settle();
      const before = await uids("web");
      await replaceDb("db-0", "db-1");
      expect(await uids("web")).to.deep.equal(before);
      expect((await told("RestartBlocked"))[0]).to.equal(
        "statefulset/db has been restarted, but a disruption budget does not let this pod restart now",
      );
      await parts.cluster.delete(podDisruptionBudgets, "web");
      await parts.cluster.step(15_000);
      expect((await uids("web")).filter((uid) => before.includes(uid))).to.deep.equal([]);
    });

    it("is left alone where nothing would make it anew, and told once", async () => {
      const annotations = { "kctl.dev/starts-after": "sts/db", "kctl.dev/on-dependency-restart": "restart" };
      const metadata = { name: "web", namespace: "default", labels: { app: "web" }, annotations };
      await parts.cluster.apply(orderedSet("db", { replicas: 2 }), newPod("web", { metadata }));
      await parts.cluster.step(1_000);
      const before = await uids("web");
      await replaceDb("db-0", "db-1");
      await parts.cluster.step(60_000);
      expect(await uids("web")).to.deep.equal(before);
      expect(await told("NotRestarted")).to.deep.equal([
        "statefulset/db has been restarted, but nothing controls this pod that would make it anew",
      ]);
    });
  });
});

const GATED = { schedulingGates: [{ name: "example.com/mine" }] };

interface KubeObjectLike {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pod["metadata"];
}
