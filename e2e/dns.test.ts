// Names as pods find them: through the resolv.conf that the kubelet gives them, the service's virtual address and the packet
// rules, to the cluster's DNS server.

import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { CommandLine } from "./cluster-under-test.ts";
import { StandaloneCluster } from "./standalone-cluster.ts";
import { eventually } from "./waiting.ts";

const sleeping = ["node", "-e", "setInterval(() => {}, 1e9)"];
const container = (rest: object = {}) => ({ name: "main", image: "node:local", command: sleeping, ...rest });

const objects = [
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "asker" },
    spec: { terminationGracePeriodSeconds: 0, containers: [container()] },
  },
  {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "db" },
    spec: {
      serviceName: "db",
      replicas: 2,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: "db" } },
      template: {
        metadata: { labels: { app: "db" } },
        spec: { terminationGracePeriodSeconds: 0, containers: [container()] },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "db" },
    spec: { clusterIP: "None", selector: { app: "db" }, ports: [{ name: "sql", port: 5432 }] },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "alias" },
    spec: { type: "ExternalName", externalName: "db-0.db.default.svc.cluster.local" },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "many" },
    spec: { clusterIP: "None", ports: [{ port: 1 }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "many-1", labels: { "kubernetes.io/service-name": "many" } },
    addressType: "IPv4",
    ports: [{ port: 1 }],
    endpoints: Array.from({ length: 200 }, (_, index) => ({ addresses: [`192.0.2.${index + 1}`] })),
  },
];

describeWith(["docker", "nftables", "kubectl"], "the names of a cluster on Docker", () => {
  let cluster: StandaloneCluster;
  let kubectl: CommandLine;

  before(async () => {
    cluster = await StandaloneCluster.prepare({ runtime: "docker", proxy: "nftables", nodes: 2 });
    await cluster.start();
    kubectl = new CommandLine("kubectl", cluster);
    const list = { apiVersion: "v1", kind: "List", items: objects };
    await kubectl.run("apply -f -", { input: JSON.stringify(list) });
    await kubectl.run("wait --for=condition=Ready pod/asker --timeout=180s");
    await kubectl.run("rollout status statefulset/db --timeout=180s");
  });
  after(() => cluster?.wipe());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(await cluster.describe());
  });

  /** What an expression of Node's `dns.promises` gives within the pod, or the code it fails with. */
  async function ask(expression: string): Promise<unknown> {
    const script = `const dns = require("dns").promises; Promise.resolve(dns.${expression}).then((found) => console.log(JSON.stringify(found)), (error) => console.log(JSON.stringify(error.code)))`;
    return JSON.parse(await kubectl.run(`exec asker -- node -e '${script}'`)) as unknown;
  }
  const field = (target: string, path: string) => kubectl.run(`get ${target} -o jsonpath={${path}}`);
  const lookup = async (name: string) =>
    ((await ask(`lookup(${JSON.stringify(name)})`)) as { address?: string }).address;

  it("are those of services, as short as the search path allows", async () => {
    const address = await field("service kubernetes", ".spec.clusterIP");
    for (const name of [
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      "kubernetes.default.svc.cluster.local",
    ]) {
      expect(await lookup(name), name).to.equal(address);
    }
    expect(await ask(`reverse(${JSON.stringify(address)})`)).to.deep.equal(["kubernetes.default.svc.cluster.local"]);
  });

  it("are those of the pods of a headless service, each by its host name, on either node", async () => {
    const addresses = await Promise.all([0, 1].map((index) => field(`pod db-${index}`, ".status.podIP")));
    await eventually("both pods are found", async () => {
      const found = await ask(`resolve4("db.default.svc.cluster.local")`);
      return Array.isArray(found) && found.sort().join() === [...addresses].sort().join();
    });
    expect(await lookup("db-1.db")).to.equal(addresses[1]);
    const places = (await ask(`resolveSrv("_sql._tcp.db.default.svc.cluster.local")`)) as {
      name: string;
      port: number;
    }[];
    expect(places.map(({ name, port }) => `${name}:${port}`).sort()).to.deep.equal(
      [0, 1].map((index) => `db-${index}.db.default.svc.cluster.local:5432`),
    );
  });

  it("lead further where a service is an alias", async () => {
    expect(await lookup("alias")).to.equal(await field("pod db-0", ".status.podIP"));
  });

  it("come by TCP where they are too many for a datagram", async () => {
    expect(await ask(`resolve4("many.default.svc.cluster.local")`)).to.have.length(200);
  });

  it("do not exist where there is nothing of that name", async () => {
    expect(await ask(`resolve4("nobody.default.svc.cluster.local")`)).to.equal("ENOTFOUND");
    expect(await ask(`resolve4("db-7.db.default.svc.cluster.local")`)).to.equal("ENOTFOUND");
  });

  it("follow a pod that is replaced", async () => {
    await kubectl.run("delete pod db-1 --now");
    await kubectl.run("rollout status statefulset/db --timeout=180s");
    const address = await field("pod db-1", ".status.podIP");
    await eventually("the new address is found", async () => (await lookup("db-1.db")) === address);
  });
});
