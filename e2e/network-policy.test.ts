// NetworkPolicies on real packets: pods on two nodes, asked from other pods by address and through a service.

import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { CommandLine } from "./cluster-under-test.ts";
import { runOrFail } from "./command.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";
import { eventually } from "./waiting.ts";

const server = `
  const http = require("http");
  for (const port of [8080, 9090]) http.createServer((request, response) => response.end("here")).listen(port);
`;

const pod = (name: string, namespace: string, labels: Readonly<Record<string, string>>) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "main",
        image: "node:local",
        command: ["node", "-e", server],
        ports: [{ name: "http", containerPort: 8080 }],
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
      },
    ],
  },
});

const objects = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { team: "a" } } },
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "other", labels: { team: "b" } } },
  pod("db", "shop", { app: "db" }),
  pod("web", "shop", { app: "web" }),
  pod("stranger", "other", { app: "web" }),
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "db", namespace: "shop" },
    spec: { selector: { app: "db" }, ports: [{ port: 80, targetPort: "http" }] },
  },
];

describeWith(["docker", "nftables", "kubectl"], "network policies on Docker and nftables", () => {
  let cluster: StandaloneCluster;
  let kubectl: CommandLine;
  let addresses: Readonly<Record<string, string>>;
  let service: string;

  before(async () => {
    cluster = await StandaloneCluster.prepare({ runtime: "docker", proxy: "nftables", nodes: 2 });
    await cluster.start();
    kubectl = new CommandLine("kubectl", cluster);
    await kubectl.run("apply -f -", { input: JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }) });
    await kubectl.run("wait --for=condition=Ready pod --all -n shop --timeout=180s");
    await kubectl.run("wait --for=condition=Ready pod --all -n other --timeout=180s");
    const addressOf = (name: string, namespace: string) =>
      kubectl.run(`get pod ${name} -n ${namespace} -o jsonpath={.status.podIP}`);
    addresses = {
      db: await addressOf("db", "shop"),
      web: await addressOf("web", "shop"),
      stranger: await addressOf("stranger", "other"),
    };
    service = await kubectl.run("get service db -n shop -o jsonpath={.spec.clusterIP}");
  });
  after(() => cluster?.wipe());
  afterEach(async function () {
    await kubectl.run("delete networkpolicy --all -n shop");
    if (this.currentTest?.state === "failed") console.error(await cluster.describe());
  });

  /** Which of the places answer; asked all at once, each for a second. A connection that is given up would keep the process. */
  async function reached(from: "web" | "stranger" | "db", places: readonly string[]): Promise<string> {
    const script = `Promise.all(${JSON.stringify(places)}.map((place) => fetch("http://" + place, { signal: AbortSignal.timeout(1000) }).then(() => place, () => ""))).then((found) => process.stdout.write(found.filter(Boolean).join(" "), () => process.exit()))`;
    const namespace = from === "stranger" ? "other" : "shop";
    return (await kubectl.run(`exec ${from} -n ${namespace} -- node -e '${script}'`)).trim();
  }
  const expectReached = (from: "web" | "stranger" | "db", places: readonly string[], expected: readonly string[]) =>
    eventually(`${from} reaches ${expected.join(", ") || "nothing"}`, async () => {
      const found = await reached(from, places);
      if (found !== expected.join(" ")) throw new Error(`it reaches ${found || "nothing"}`);
      return true;
    });

  async function apply(spec: object): Promise<void> {
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "policy", namespace: "shop" },
      spec: { podSelector: { matchLabels: { app: "db" } }, ...spec },
    };
    await kubectl.run("apply -f -", { input: JSON.stringify(policy) });
  }
  const db = () => [`${addresses["db"]}:8080`, `${addresses["db"]}:9090`, `${service}:80`];

  it("let everything through where there is none", async () => {
    await expectReached("stranger", db(), db());
  });

  it("cut a pod off from all others, but not from its node, and free it again", async () => {
    await apply({});
    await expectReached("web", db(), []);
    await expectReached("stranger", db(), []);
    // The node's probes go on.
    expect(await kubectl.run("get pod db -n shop -o jsonpath={.status.containerStatuses[0].ready}")).to.equal("true");
    await kubectl.run("delete networkpolicy policy -n shop");
    await expectReached("stranger", db(), db());
  });

  it("let in pods by their labels, directly and through a service, on a named port", async () => {
    await apply({ ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "http" }] }] });
    await expectReached("web", db(), [`${addresses["db"]}:8080`, `${service}:80`]);
    await expectReached("stranger", db(), []);
  });

  it("let in namespaces by their labels", async () => {
    await apply({ ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "b" } } }] }] });
    await expectReached("stranger", db(), db());
    await expectReached("web", db(), []);
  });

  it("let in a range of addresses without an exception", async () => {
    const except = [`${addresses["stranger"]}/32`];
    await apply({ ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8", except } }] }] });
    await expectReached("web", db(), db());
    await expectReached("stranger", db(), []);
  });

  it("hold a pod back from others, while they reach it, and names are still found", async () => {
    await apply({ policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }], ports: [{ port: 9090 }] }] });
    const web = [`${addresses["web"]}:8080`, `${addresses["web"]}:9090`];
    await expectReached("db", web, [`${addresses["web"]}:9090`]);
    await expectReached("db", [`${addresses["stranger"]}:9090`], []);
    await expectReached("stranger", db(), db());
    const found = await kubectl.run(
      `exec db -n shop -- node -e 'require("dns").promises.lookup("db.shop").then(({ address }) => console.log(address))'`,
    );
    expect(found.trim()).to.equal(service);
  });

  it("hold for a pod that comes later, from its start", async () => {
    await apply({ podSelector: { matchLabels: { app: "late" } } });
    await kubectl.run("apply -f -", { input: JSON.stringify(pod("late", "shop", { app: "late" })) });
    await kubectl.run("wait --for=condition=Ready pod/late -n shop --timeout=180s");
    const address = await kubectl.run("get pod late -n shop -o jsonpath={.status.podIP}");
    await expectReached("web", [`${address}:8080`], []);
  });

  it("are written again when somebody flushes them", async () => {
    await apply({});
    await expectReached("web", db(), []);
    await runOrFail(["nft", "flush", "table", "ip", `gantry-${await cluster.id()}-policy`]);
    await expectReached("web", db(), []);
  });
});
