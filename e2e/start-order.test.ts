// The sample of start and stop order with stock kubectl, on real time: what starts when, what is restarted, and what stops last.

import { join } from "node:path";
import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { projectRoot } from "../testing/source-tree.ts";
import { runOrFail } from "./command.ts";
import { InProcessCluster } from "./in-process-cluster.ts";
import { eventually } from "./waiting.ts";

const SAMPLE = join(projectRoot, "manifests/start-order.yaml");

interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly startTime?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

describeWith(["linux", "kubectl"], "start and stop order with kubectl", function () {
  let cluster: InProcessCluster;
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver", "controllers", "scheduler", "kubelet"]);
  });
  after(() => cluster.remove());
  afterEach(async function () {
    if (this.currentTest?.isFailed()) console.error(await kubectl("get pods,events"));
  });

  const kubectl = (line: string) =>
    runOrFail(["kubectl", `--kubeconfig=${cluster.kubeconfigPath}`, ...line.split(" ")]);
  const allPods = async () =>
    (JSON.parse(await kubectl("get pods -o json")) as { readonly items: readonly SeenPod[] }).items;
  const isOf = (app: string, { metadata }: SeenPod) => metadata.name.startsWith(`${app}-`);
  const podsOf = async (app: string) => (await allPods()).filter((pod) => isOf(app, pod));
  const isReady = ({ status }: SeenPod) =>
    status.conditions?.some((each) => each.type === "Ready" && each.status === "True");
  const readyUids = async (app: string) => (await podsOf(app)).filter(isReady).map(({ metadata }) => metadata.uid);

  it("start one after the other", async () => {
    await kubectl(`apply -f ${SAMPLE}`);
    const table = await eventually("the web tier waits", async () => {
      const text = await kubectl("get pods");
      return text.match(/web-\S+ +0\/1 +SchedulingGated/g)?.length === 2 && text;
    });
    expect(table).to.match(/migrate-\S+ +0\/1 +SchedulingGated/);
    await eventually("it is told what it waits for", async () =>
      (await kubectl("get events --field-selector reason=WaitingForDependencies")).includes(
        "Waiting to start: statefulset/db is not ready, job/migrate has not completed",
      ),
    );
    await kubectl("rollout status deployment/web --timeout=180s");
    const started = async (app: string) => (await podsOf(app))[0]?.status.startTime ?? "";
    const [db, migrate, web] = await Promise.all(["db", "migrate", "web"].map(started));
    expect([db, migrate, web]).to.deep.equal([db, migrate, web].sort());
    expect(new Set([db, migrate, web]).size).to.equal(3);
  });

  it("restart along where they ask for it", async () => {
    const before = await readyUids("web");
    await kubectl("delete pod db-0");
    await eventually("the web tier is new", async () => {
      const now = await readyUids("web");
      return now.length === 2 && !now.some((uid) => before.includes(uid));
    });
  });

  it("stop in the opposite order", async () => {
    await kubectl(`delete --wait=false -f ${SAMPLE}`);
    let seen = 0;
    const webRuns = (all: readonly SeenPod[]) => all.some((pod) => isOf("web", pod) && pod.status.phase === "Running");
    for (let all = await allPods(); webRuns(all); all = await allPods()) {
      expect(
        all.filter((pod) => isOf("db", pod) && isReady(pod)),
        "databases while the web tier stops",
      ).to.have.length(1);
      seen++;
    }
    expect(seen).to.be.greaterThan(2);
    await eventually("the database is gone as well", async () => (await podsOf("db")).length === 0);
  });
});
