import { expect } from "chai";
import { secrets } from "../../api/core/secret.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

describe("kctl create", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  before(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
  });
  after(() => cluster.stop());

  it("shows the deployment that it would create as kubectl does", async () => {
    const words = [
      "create",
      "deployment",
      "web",
      "--image=nginx:1",
      "--port=80",
      "--dry-run=client",
      "-oyaml",
    ] as const;
    expect(await kctl.out(...words)).to.equal(`apiVersion: apps/v1
kind: Deployment
metadata:
  creationTimestamp: null
  labels:
    app: web
  name: web
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web
  strategy: {}
  template:
    metadata:
      creationTimestamp: null
      labels:
        app: web
    spec:
      containers:
      - image: nginx:1
        name: nginx
        ports:
        - containerPort: 80
        resources: {}
status: {}
`);
  });

  const created: readonly (readonly [args: string, stdout: string])[] = [
    ["create deployment web --image=nginx -r 2", "deployment.apps/web created\n"],
    ["create deploy other --image=nginx --dry-run=server", "deployment.apps/other created (server dry run)\n"],
    ["create namespace one", "namespace/one created\n"],
    ["create ns two -o name", "namespace/two\n"],
    ["create configmap m --from-literal=a=1 --from-file=/work/f.txt", "configmap/m created\n"],
    ["create secret generic s --from-literal=a=1", "secret/s created\n"],
    ["create secret docker-registry r --docker-username=u --docker-password=p", "secret/r created\n"],
    ["create service clusterip c --tcp=80:8080", "service/c created\n"],
    ["create service clusterip headless --clusterip=None", "service/headless created\n"],
    ["create service nodeport n --tcp=80 --node-port=30080", "service/n created\n"],
    ["create svc loadbalancer l --tcp=80", "service/l created\n"],
    ["create service externalname e --external-name=example.org", "service/e created\n"],
    ["create sa a", "serviceaccount/a created\n"],
    ["create quota q --hard=pods=10,requests.cpu=2 --scopes=NotTerminating", "resourcequota/q created\n"],
    ["create pdb b --selector=app=web --min-available=50%", "poddisruptionbudget.policy/b created\n"],
    ["create priorityclass pc --value=7 --description=x", "priorityclass.scheduling.k8s.io/pc created\n"],
  ];
  for (const [args, stdout] of created) {
    it(`runs ${args}`, async () => {
      await kctl.files.write("/work/f.txt", "text\n");
      expect(await kctl.run(...(args.split(" ") as [string]))).to.deep.equal({ code: 0, stdout, stderr: "" });
    });
  }

  it("encodes what goes into a Secret", async () => {
    expect((await cluster.get(secrets, "default/s")).data).to.deep.equal({ a: "MQ==" });
    const { data, type } = await cluster.get(secrets, "default/r");
    expect(type).to.equal("kubernetes.io/dockerconfigjson");
    expect(JSON.parse(Buffer.from(data?.[".dockerconfigjson"] ?? "", "base64").toString())).to.deep.equal({
      auths: { "https://index.docker.io/v1/": { username: "u", password: "p", auth: "dTpw" } },
    });
  });

  it("creates what a manifest names, once", async () => {
    const stdin = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: file}\n";
    expect((await kctl.run("create", "-f", "-", { stdin })).stdout).to.equal("configmap/file created\n");
    expect((await kctl.run("create", "-f", "-", { stdin })).stderr).to.equal(
      'Error from server (AlreadyExists): error when creating "STDIN": configmaps "file" already exists\n',
    );
  });

  const refused: readonly (readonly [args: string, stderr: RegExp])[] = [
    ["create deployment web", /^error: required flag\(s\) "image" not set\n$/],
    ["create namespace", /^error: exactly one NAME is required, got 0\n/],
    ["create configmap x --from-literal=a", /^error: invalid literal source a, expected key=value\n$/],
    ["create configmap x --from-file=none", /^error: error reading none: no such file or directory\n$/],
    ["create secret tls x --cert=/work/f.txt --key=/work/f.txt", /^error: \/work\/f\.txt holds no PEM/],
    ["create namespace one", /^Error from server \(AlreadyExists\): namespaces "one" already exists\n$/],
    ["create gadget x", /^error: unknown kind "gadget": kctl create makes /],
  ];
  for (const [args, stderr] of refused) {
    it(`refuses ${args}`, async () => {
      const result = await kctl.run(...(args.split(" ") as [string]));
      expect(result.code).to.equal(1);
      expect(result.stderr).to.match(stderr);
    });
  }
});
