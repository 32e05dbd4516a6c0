import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { newDeployment, newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

describe("kctl's commands that change objects", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(newPod("web", { labels: { app: "web" } }), newDeployment("shop", { image: "shop:1" }));
  });
  afterEach(() => cluster.stop());

  /** Each step is a command line and what it prints; a line of standard error begins with `!`. */
  const steps: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    "label sets, replaces and removes labels": [
      ["label pod web tier=front", "pod/web labeled\n"],
      ["label pod web tier=front", "pod/web not labeled\n"],
      ["label pod web tier=back", "!error: 'tier' already has a value (front), and --overwrite is false\n"],
      ["label pod web tier=back --overwrite", "pod/web labeled\n"],
      ["label pod web tier-", "pod/web unlabeled\n"],
      ["label pod web tier-", 'label "tier" not found.\npod/web not labeled\n'],
      ["label pods -l app=web a=b --dry-run=server", "pod/web labeled (server dry run)\n"],
      ["label pod web --list", "app=web\n"],
      ["label pod web", "!error: at least one label update is required\n"],
      ["label pods a=b", "!error: resource(s) were provided, but no name was specified\n"],
      ["label", "!error: one or more resources must be specified as <resource> <name> or <resource>/<name>\n"],
      ["label pod nope a=b", '!Error from server (NotFound): pods "nope" not found\n'],
      ["label pod web a=b a-", "!error: can not both modify and remove a label in the same command\n"],
    ],
    "annotate sets, replaces and removes annotations": [
      ["annotate pod web note=one", "pod/web annotated\n"],
      [
        "annotate pod web note=two",
        "!error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (one)\n",
      ],
      ["annotate pod web note=two --overwrite", "pod/web annotated\n"],
      ["annotate pod web --list", "note=two\n"],
      ["annotate pod web note-", "pod/web annotated\n"],
      ["annotate pod web --list", ""],
    ],
    "taint sets, replaces and removes taints": [
      ["taint node n1 a=1:NoSchedule", "node/n1 tainted\n"],
      [
        "taint node n1 a=2:NoSchedule",
        "!error: node n1 already has a taint(s) with same effect(s) and --overwrite is false\n",
      ],
      ["taint node n1 a=2:NoSchedule --overwrite", "node/n1 modified\n"],
      ["taint nodes --all a-", "node/n1 untainted\n"],
      ["taint node n1 a-", '!error: taint "a" not found\n'],
      ["taint pod web a:NoSchedule", "!error: invalid resource type pod, only node types are supported\n"],
    ],
    "cordon and uncordon say what was so already": [
      ["cordon n1", "node/n1 cordoned\n"],
      ["cordon node/n1", "node/n1 already cordoned\n"],
      ["uncordon n1 --dry-run=client", "node/n1 uncordoned (dry run)\n"],
      ["uncordon n1", "node/n1 uncordoned\n"],
      ["cordon n9", '!Error from server (NotFound): nodes "n9" not found\n'],
    ],
    "set image changes images, and says nothing where they are so": [
      ["set image deployment/shop main=shop:2", "deployment.apps/shop image updated\n"],
      ["set image deployment/shop main=shop:2", ""],
      ["set image deployment/shop *=shop:3 -o name", "deployment.apps/shop\n"],
      ["set image deployment/shop other=shop:2", '!error: unable to find container named "other"\n'],
      ["set image deployment/shop", "!error: at least one image update is required\n"],
    ],
    "set env changes and lists variables": [
      ["set env deployment/shop A=1 B=two", "deployment.apps/shop env updated\n"],
      ["set env deployment/shop --list", "# Deployment shop, container main\nA=1\nB=two\n"],
      ["set env deployment/shop A-", "deployment.apps/shop env updated\n"],
      ["set env deployment/shop A-", ""],
      ["set env deployment/shop", "!error: at least one environment variable must be provided\n"],
    ],
    "set resources changes requests and limits": [
      [
        "set resources deployment/shop --limits=cpu=200m,memory=512Mi --requests=cpu=100m",
        "deployment.apps/shop resource requirements updated\n",
      ],
      ["set resources deployment/shop --limits=cpu=200m", ""],
      [
        "set resources deployment/shop",
        "!error: you must specify an update to requests or limits (in the form of --requests/--limits)\n",
      ],
      ["set resources deployment/shop -c nope --limits=cpu=1", "!error: unable to find container named nope\n"],
    ],
    "scale changes the number of pods, under conditions": [
      ["scale deployment/shop --replicas=4", "deployment.apps/shop scaled\n"],
      ["scale deployment shop --replicas=2 --current-replicas=9", "!error: Expected replicas to be 9, was 4\n"],
      ["scale deployment shop --replicas=2 --current-replicas=4", "deployment.apps/shop scaled\n"],
      ["scale deployment/nope --replicas=2", '!error: no objects passed to scale deployments.apps "nope" not found\n'],
      ["scale deployment shop", '!error: required flag(s) "replicas" not set\n'],
      [
        "scale deployment shop --replicas=-1",
        "!error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0\n",
      ],
    ],
    "commands that kctl does not have say so": [
      [
        "cp a web:b",
        "!error: kctl does not copy files. Use exec and tar: tar cf - FILE | kctl exec -i POD -- tar xf - -C DIR\n",
      ],
    ],
  };
  for (const [title, lines] of Object.entries(steps)) {
    it(title, async () => {
      for (const [line, printed] of lines) {
        const { code, stdout, stderr } = await kctl.run(...(line.split(" ") as [string]));
        const text = stdout + stderr.replace(/^(?=.)/s, "!");
        expect(`${line}: ${text}`).to.equal(`${line}: ${printed}`);
        expect(code, line).to.equal(printed.startsWith("!") ? 1 : 0);
      }
    });
  }

  it("change what they say they change", async () => {
    await kctl.out("label", "pod", "web", "tier=front");
    await kctl.out("taint", "node", "n1", "a=1:NoSchedule");
    await kctl.out("cordon", "n1");
    await kctl.out("set", "env", "deployment/shop", "A=1");
    await kctl.out("set", "resources", "deployment/shop", "--requests=cpu=100m");
    await kctl.out("scale", "deployment/shop", "--replicas=4");
    expect((await cluster.get(pods, "web")).metadata.labels).to.deep.equal({ app: "web", tier: "front" });
    const { spec } = await cluster.get(nodes, "n1");
    expect(spec).to.deep.include({ unschedulable: true });
    expect(spec.taints?.map(({ key }) => key)).to.include("a");
    const shop = await cluster.get(deployments, "shop");
    const [container] = shop.spec.template.spec?.containers ?? [];
    expect(container).to.deep.include({
      image: "shop:1",
      env: [{ name: "A", value: "1" }],
      resources: { requests: { cpu: "100m" } },
    });
    expect(shop.spec.replicas).to.equal(4);
  });

  it("leave everything as it is in a dry run", async () => {
    const before = await cluster.get(deployments, "shop");
    for (const mode of ["client", "server"]) {
      await kctl.out("set", "image", "deployment/shop", "main=x", `--dry-run=${mode}`);
      await kctl.out("scale", "deployment/shop", "--replicas=9", `--dry-run=${mode}`);
      await kctl.out("rollout", "restart", "deployment/shop", `--dry-run=${mode}`);
    }
    expect(await cluster.get(deployments, "shop")).to.deep.equal(before);
  });

  it("plan anew when somebody else was quicker", async () => {
    let isFirst = true;
    const racing = new Kctl({
      clock: cluster.clock,
      async transport(request) {
        if (request.method === "PATCH" && isFirst) {
          isFirst = false;
          const labels = { b: "1" };
          await cluster.client.patch(
            pods,
            { namespace: "default", name: "web" },
            { type: "merge", patch: { metadata: { labels } } },
          );
        }
        return cluster.transport(request);
      },
    });
    expect(await racing.out("label", "pod", "web", "a=1")).to.equal("pod/web labeled\n");
    expect((await cluster.get(pods, "web")).metadata.labels).to.deep.include({ a: "1", b: "1" });
  });
});
