import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import { builtinResources } from "../../api/index.ts";
import { resourceQuotas, type ResourceQuota } from "../../api/core/resource-quota.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { deploymentController } from "../../controllers/deployment/controller.ts";
import { replicaSetController } from "../../controllers/replicaset/controller.ts";
import { resourceQuotaController } from "../../controllers/resource-quota.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newDeployment, newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

const quota = (hard: Record<string, string>): NewObject<ResourceQuota> => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "q", namespace: "default" },
  spec: { hard },
  status: {},
});

describe("kctl why", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start({
      components: [(parts, signal) => runScheduler(parts, signal)],
      controllers: [deploymentController, replicaSetController, resourceQuotaController(builtinResources)],
    });
    kctl = new Kctl({ transport: cluster.transport, clock: cluster.clock });
  });
  afterEach(() => cluster.stop());

  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await cluster.apply(...objects);
    await cluster.settle();
  };

  it("tells what keeps a pod, what shows it, and what would help", async () => {
    await cluster.addNodes(newNode("n1", { cpu: "2" }), newNode("n2", { spec: { unschedulable: true } }));
    await apply(newPod("first", { cpu: "1500m" }), newPod("web", { cpu: "2" }));
    expect(await kctl.out("why", "web")).to.equal(
      `About:   Pod default/web
Cause:   InsufficientCpu
Why:     None of the 2 nodes takes the pod; node n1 comes closest: 500m of its 2 cpu are left, and the pod asks for 2.
Seen:    Node n1: 500m of its 2 cpu are left, and the pod asks for 2.
         Node n2: it is cordoned.
         In Kubernetes' words: 0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.
Change:  Let node n2 have pods again.
           kctl uncordon n2
Or:      Let the pod ask for 500m of cpu at most, which node n1 has left.
Or:      Remove default/first from node n1.
           kctl delete pod first -n default
Note:    A pod's spec is fixed: delete the pod and create it anew, changed, or let its controller do so.
`,
    );
    await kctl.out("uncordon", "n2");
    await cluster.step(60_000);
    expect((await cluster.get(pods, "web")).spec.nodeName).to.equal("n2");
    expect(await kctl.out("why", "pod/web")).to.equal(
      `About:  Pod default/web
Cause:  None
Why:    The pod has the node n2, and nothing keeps it there from running.
`,
    );
  });

  it("gives the same to programs, with the objects as they would be", async () => {
    await cluster.addNodes(newNode("n1", { spec: { unschedulable: true } }));
    await apply(newPod("web"));
    const answer = JSON.parse(await kctl.out("why", "pod/web", "-o", "json")) as Record<string, unknown>;
    expect(answer).to.deep.include({ about: "Pod default/web", cause: "Cordoned", advice: [] });
    const [change] = answer.changes as { edits: { verb: string; object: { kind: string; spec: object } }[] }[];
    expect(change?.edits.map(({ verb, object }) => [verb, object.kind, object.spec])).to.deep.equal([
      ["update", "Node", {}],
    ]);
    expect(await kctl.out("why", "pod", "web", "-o", "jsonpath={.changes[0].steps[0].command}")).to.equal(
      "kctl uncordon n1",
    );
  });

  it("tells why a workload lacks pods that a quota refuses, and what quota would do", async () => {
    await cluster.addNodes(newNode("n1"));
    await apply(quota({ pods: "1" }));
    await apply(newDeployment("web", { replicas: 3 }));
    await cluster.step(60_000);
    const [set = ""] = (await kctl.out("get", "replicasets", "-o", "name")).split("\n");
    const text = await kctl.out("why", set);
    expect(text).to.match(/^Cause:   QuotaExceeded$/m);
    expect(text).to.match(
      /^Why:     The pods of ReplicaSet web-\w+ are not created: the quota q of the namespace default is used up \(pods\)\.$/m,
    );
    expect(text).to.contain(
      "Change:  Raise the quota q to pods 3, for the 2 pods that are lacking, or delete what uses it up.\n",
    );
    expect(await kctl.out("why", "deployment/web")).to.match(/^Cause:   QuotaExceeded$/m);
    const json = JSON.parse(await kctl.out("why", set, "-o", "json")) as {
      changes: { edits: { object: ResourceQuota }[] }[];
    };
    const { hard } = json.changes[0]?.edits[0]?.object.spec ?? {};
    await cluster.client.patch(
      resourceQuotas,
      { namespace: "default", name: "q" },
      { type: "merge", patch: { spec: { hard } } },
    );
    await cluster.step(600_000);
    const placed = (await cluster.list(pods)).map(({ spec }) => spec.nodeName);
    expect(placed).to.deep.equal(["n1", "n1", "n1"]);
    expect(await kctl.out("why", "deployment/web")).to.match(/^Cause:  None$/m);
  });

  it("tells once what all pods of a workload wait for", async () => {
    await cluster.addNodes(newNode("n1"));
    await apply(newDeployment("web", { replicas: 3, spec: { template: template({ disk: "ssd" }) } }));
    const text = await kctl.out("why", "deployment/web");
    expect(text.match(/^Cause: /gm)).to.have.length(1);
    expect(text).to.contain("Change:  Give node n1 the label disk=ssd.\n");
  });

  it("needs the name of one object that there is", async () => {
    expect((await kctl.run("why")).stderr).to.contain("USAGE: why (POD | TYPE/NAME)");
    expect((await kctl.run("why", "pods")).stderr).to.equal('Error from server (NotFound): pods "pods" not found\n');
    expect((await kctl.run("why", "pod/a", "pod/b")).stderr).to.equal("error: why takes the name of one object\n");
    expect((await kctl.run("why", "pod/nope")).stderr).to.equal(
      'Error from server (NotFound): pods "nope" not found\n',
    );
  });
});

const template = (nodeSelector: Record<string, string>) => ({
  metadata: { labels: { app: "web" } },
  spec: newPod("web", { spec: { nodeSelector } }).spec,
});
