import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { newDeployment, newNode, newPod, newService } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

const POD = `apiVersion: v1
kind: Pod
metadata:
  creationTimestamp: null
  labels:
    x: "y"
  name: p
spec:
  containers:
  - args:
    - sleep
    - "100"
    env:
    - name: A
      value: b
    - name: C
      value: d=e
    image: busybox
    name: p
    ports:
    - containerPort: 80
    resources: {}
  dnsPolicy: ClusterFirst
  restartPolicy: Never
status: {}
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  creationTimestamp: null
  name: front
spec:
  ports:
  - port: 80
    protocol: TCP
    targetPort: 8080
  selector:
    app: shop
  type: NodePort
status:
  loadBalancer: {}
`;

describe("kctl run and expose", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(newDeployment("shop"), newService("taken"));
  });
  afterEach(() => cluster.stop());

  it("run makes a pod", async () => {
    expect(await kctl.out("run", "web", "--image=nginx", "--port=80")).to.equal("pod/web created\n");
    const { metadata, spec } = await cluster.get(pods, "web");
    expect(metadata.labels).to.deep.equal({ run: "web" });
    expect(spec.containers[0]).to.deep.include({ name: "web", image: "nginx" });
  });

  it("run shows the pod that it would make", async () => {
    const flags = ["--image=busybox", "--restart=Never", "--env=A=b", "--env=C=d=e", "--port=80", "--labels=x=y"];
    const line = ["run", "p", ...flags, "--dry-run=client", "-o", "yaml", "--", "sleep", "100"] as const;
    expect(await kctl.out(...line)).to.equal(POD);
    expect(await cluster.list(pods)).to.deep.equal([]);
  });

  it("run makes the command of what follows, where asked to, and puts overrides over the pod", async () => {
    const overrides = '{"spec":{"hostNetwork":true,"restartPolicy":null}}';
    await kctl.out("run", "p", "--image=i", "--command", `--overrides=${overrides}`, "--", "sh", "-c", "exit 3");
    const { spec } = await cluster.get(pods, "p");
    expect(spec.containers[0]?.command).to.deep.equal(["sh", "-c", "exit 3"]);
    expect(spec).to.deep.include({ hostNetwork: true, restartPolicy: "Always" });
  });

  it("run makes a service for the port", async () => {
    expect(await kctl.out("run", "web", "--image=i", "--port=80", "--expose")).to.equal(
      "service/web created\npod/web created\n",
    );
    expect((await cluster.get(services, "web")).spec.selector).to.deep.equal({ run: "web" });
  });

  for (const [line, message] of [
    ["run p", 'required flag(s) "image" not set'],
    ["run --image=i", "NAME is required for run"],
    ["run p --image=i --restart=foo", "invalid restart policy: foo"],
    ["run p --image=i --rm", "--rm should only be used for attached containers"],
    ["run p --image=i --expose", "--port must be set when exposing a service"],
    ["run p --image=i --env=foo", "invalid env: foo"],
    ["run p --image=i --labels=foo", "unexpected label spec: foo"],
    ["run p --image=i -t", "-i/--stdin is required for containers with -t/--tty=true"],
    ["run p --image=i -it --dry-run=client", "--dry-run=[server|client] can't be used with attached"],
    ["run p --image=i --overrides={bad", "Invalid JSON in --overrides"],
    ["expose deployment shop", "couldn't find port via --port flag or introspection"],
    ["expose node n1 --port=80", "cannot expose a Node"],
    ["expose deployment shop --port=x", 'invalid port "x"'],
  ] as const) {
    it(`${line} is refused`, async () => {
      const { code, stderr } = await kctl.run(...(line.split(" ") as [string]));
      expect(stderr).to.match(/^error: /);
      expect(stderr).to.contain(message);
      expect(code).to.equal(1);
    });
  }

  it("expose makes a service of the object's own selector", async () => {
    const line = ["expose", "deployment", "shop", "--port=80", "--target-port=8080", "--name=front"] as const;
    expect(await kctl.out(...line, "--type=NodePort", "--dry-run=client", "-o", "yaml")).to.equal(SERVICE);
    expect(await kctl.out(...line)).to.equal("service/front exposed\n");
    const { spec } = await cluster.get(services, "front");
    expect(spec.selector).to.deep.equal({ app: "shop" });
    expect(spec.ports).to.deep.equal([{ port: 80, protocol: "TCP", targetPort: 8080 }]);
  });

  it("expose takes ports and labels from the object", async () => {
    const ports = [
      { containerPort: 80, protocol: "TCP" as const },
      { containerPort: 53, protocol: "UDP" as const },
    ];
    const spec = { containers: [{ name: "main", image: "i", ports, resources: {} }] };
    await cluster.apply(newPod("many", { labels: { app: "many" }, spec }));
    await kctl.out("expose", "pod", "many");
    expect((await cluster.get(services, "many")).spec.ports).to.deep.equal([
      { name: "port-1", port: 80, protocol: "TCP", targetPort: 80 },
      { name: "port-2", port: 53, protocol: "UDP", targetPort: 53 },
    ]);
  });

  it("expose does not replace a service", async () => {
    const { stderr } = await kctl.run("expose", "deployment", "shop", "--port=80", "--name=taken");
    expect(stderr).to.equal('Error from server (AlreadyExists): services "taken" already exists\n');
  });
});
