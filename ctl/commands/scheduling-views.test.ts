// What kctl shows of queues, gangs, frameworks, offers, reservations and conflicts, in a cluster in which there are some.

import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { newMembers, newPodGroup, newQueue, newQueuedPods } from "../../testing/gang-builders.ts";
import { Kctl } from "../../testing/kctl.ts";

const ours = (kind: string, name: string, spec: object): NewObject<KubeObject> =>
  ({ apiVersion: "scheduling.kctl.dev/v1", kind, metadata: { name }, spec, status: {} }) as NewObject<KubeObject>;

describe("kctl's views of scheduling", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start({ components: [(parts, signal) => runScheduler(parts, signal)] });
    kctl = new Kctl({ transport: cluster.transport, clock: cluster.clock });
    await cluster.addNodes(newNode("n1", { cpu: "4" }));
    await cluster.settle();
  });
  afterEach(() => cluster.stop());

  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await cluster.apply(...objects);
    await cluster.step(5_000);
  };

  it("shows what queues use, are guaranteed, borrow and have waiting", async () => {
    await apply(
      newQueue("batch", { guarantee: { cpu: "1" }, max: { cpu: "3" } }),
      newQueue("web", { guarantee: { cpu: "2" } }),
    );
    await apply(...newQueuedPods("batch", 4));
    expect(await kctl.out("get", "queues")).to.equal(
      `NAME    PARENT   STATE   USED       SHARE   PENDING   ADMITTED   AGE
batch   <none>   Open    cpu: 3/1   300%    1         3          10s
web     <none>   Open    cpu: 0/2   0%      0         0          10s
`,
    );
    const wide = (await kctl.out("get", "queues", "-o", "wide")).split("\n");
    expect(wide[0]).to.match(/AGE +BORROWED +MAX +WEIGHT +MESSAGE$/);
    expect(wide[1]).to.match(/ cpu: 2 +cpu: 3 +1 *$/);
  });

  it("shows how far gangs are, and why one waits", async () => {
    await apply(newPodGroup("done", { minMember: 2 }), ...newMembers("done", 2));
    await apply(newPodGroup("late", { minMember: 3 }), ...newMembers("late", 2));
    expect(await kctl.out("get", "podgroups")).to.equal(
      `NAME   PHASE       SCHEDULED   RUNNING   QUEUE    REASON           AGE
done   Scheduled   2/2         0         <none>                    10s
late   Pending     0/3         0         <none>   MembersMissing   5s
`,
    );
  });

  it("shows what frameworks hold and are offered, and what is reserved", async () => {
    await apply(
      ours("Framework", "spark", { role: "analytics", namespaces: ["default"] }),
      ours("Reservation", "kept", { role: "analytics", resources: { cpu: "1" } }),
    );
    // What is offered is as good as held, as long as it is.
    expect(await kctl.out("get", "frameworks")).to.equal(
      `NAME    ROLE        STATE    SHARE    ALLOCATED   OFFERS   TASKS   CONFLICTS   AGE
spark   analytics   Active   100.0%   <none>      1        0       0           5s
`,
    );
    expect((await kctl.out("get", "offers")).replace(/^spark-\w{5}/m, "spark-xxxxx")).to.equal(
      `NAME          FRAMEWORK   NODE   RESOURCES                                                  PHASE         AGE
spark-xxxxx   spark       n1     cpu: 4, ephemeral-storage: 100Gi, memory: 8Gi, pods: 110   Outstanding   5s
`,
    );
    expect(await kctl.out("get", "reservations")).to.equal(
      `NAME   ROLE        RESOURCES   HELD   NODES   AGE
kept   analytics   cpu: 1      1/1    n1      5s
`,
    );
  });

  it("shows how often schedulers are in conflict with each other", async () => {
    expect((await kctl.run("top", "schedulers")).stderr).to.equal(
      "No scheduler has bound a pod since the API server has started.\n",
    );
    await apply(newPod("a", { cpu: "3" }), newPod("b", { cpu: "3", spec: { schedulerName: "blind" } }));
    const target = { kind: "Node", name: "n1" };
    const binding = { metadata: { name: "b", namespace: "default" }, target };
    const key = { namespace: "default", name: "b", subresource: "binding" };
    const refused = await cluster.client.createSubresource(pods, key, binding).then(
      () => "bound",
      (error: Error) => error.message,
    );
    expect(refused).to.not.equal("bound");
    expect(await kctl.out("top", "schedulers")).to.equal(
      `SCHEDULER           TRIED   BOUND   CONFLICTS   CONFLICT%   ABANDONED   FAILED
blind               1       0       1           100.0%      0           0
default-scheduler   1       1       0           0.0%        0           0
`,
    );
  });
});
