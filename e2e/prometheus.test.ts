// A stock Prometheus as it watches a cluster, as a service account that may read no more than it has to: everybody answers it.
// Debian's is built without discovery in Kubernetes, so the test finds the node, endpoints and pods as that does, by the same
// account and from the same fields.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Endpoints } from "../api/core/endpoints.ts";
import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { describeWith } from "../testing/machine-parts.ts";
import { runOrFail } from "./command.ts";
import { CommandLine } from "./cluster-under-test.ts";
import { freePort } from "./free-port.ts";
import { ProcessesCluster } from "./processes-cluster.ts";
import { RunningProcess } from "./running-process.ts";
import { fetchText } from "./steady-client.ts";
import { eventually } from "./waiting.ts";

const RBAC = "rbac.authorization.k8s.io";

const access = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "prometheus" } },
  {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: "prometheus" },
    rules: [
      { apiGroups: [""], resources: ["nodes", "services", "endpoints", "pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { nonResourceURLs: ["/metrics"], verbs: ["get"] },
    ],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "prometheus" },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "prometheus" },
    subjects: [{ kind: "ServiceAccount", name: "prometheus", namespace: "default" }],
  },
];

const script = `
  let asked = 0;
  require("http").createServer((request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end("# TYPE page_asked_total counter\\npage_asked_total " + ++asked + "\\n");
  }).listen(8080);
`;
const page = [
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "page", labels: { app: "page" } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "main",
          image: "node:local",
          command: ["node", "-e", script],
          ports: [{ name: "metrics", containerPort: 8080 }],
          resources: { limits: { cpu: "500m" } },
          livenessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "page" },
    spec: { selector: { app: "page" }, ports: [{ name: "metrics", port: 80, targetPort: 8080 }] },
  },
];

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

describeWith(["etcd", "docker", "nftables", "kubectl", "prometheus"], "a stock Prometheus", () => {
  let cluster: ProcessesCluster;
  let prometheus: RunningProcess | undefined;
  let directory: string;
  let url: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gantry-prometheus-"));
    cluster = await ProcessesCluster.prepare();
    await cluster.start();
    const kubectl = new CommandLine("kubectl", cluster);
    const items = [...access, ...page];
    await eventually("what is watched is created", () =>
      kubectl.run("apply -f -", { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) }),
    );
    await kubectl.run("wait --for=condition=Ready pod/page --timeout=100s");
    const token = (await kubectl.run("create token prometheus")).trim();
    await writeFile(join(directory, "token"), token);
    const found = await find(cluster, token);
    await writeFile(join(directory, "prometheus.yml"), JSON.stringify(configuration(cluster, directory, found)));
    const address = `127.0.0.1:${await freePort()}`;
    url = `http://${address}`;
    prometheus = new RunningProcess("prometheus", [
      "prometheus",
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${address}`,
    ]);
  });
  after(async () => {
    await prometheus?.stop();
    await cluster?.wipe();
    if (directory) await rm(directory, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (!this.currentTest?.isFailed()) return;
    const targets = await fetchText(`${url}/api/v1/targets`).catch(String);
    console.error(targets, prometheus?.output.slice(-4000), await cluster.describe());
  });

  async function query(expression: string): Promise<readonly Sample[]> {
    const answer = await fetchText(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    return (JSON.parse(answer) as { readonly data: { readonly result: readonly Sample[] } }).data.result;
  }

  /** The jobs of which every target is up, and there is one. */
  async function jobsUp(): Promise<string[]> {
    const samples = await query("min by (job) (up)");
    return samples.filter(({ value: [, isUp] }) => isUp === "1").map(({ metric }) => metric["job"] ?? "");
  }

  it("is answered by everybody", async () => {
    const jobs = [
      "apiserver",
      "cadvisor",
      "controllers",
      "endpoints",
      "kubelet",
      "pods",
      "probes",
      "resource",
      "scheduler",
    ];
    await eventually("all targets are up", async () => (await jobsUp()).length === jobs.length, 90_000);
    expect((await jobsUp()).sort()).to.deep.equal(jobs);
  });

  const pod = 'namespace="default",pod="page"';
  for (const expression of [
    'sum(rate(apiserver_request_total{verb="WATCH"}[20s])) + sum(rate(apiserver_request_total[20s])) > 0',
    `rate(container_cpu_usage_seconds_total{job="cadvisor",${pod},container="main"}[20s]) > 0`,
    `container_memory_working_set_bytes{job="cadvisor",${pod},container="main"} > 1e6`,
    `rate(container_network_receive_bytes_total{job="cadvisor",${pod},interface="eth0"}[20s]) > 0`,
    `container_spec_cpu_quota{${pod}} == 50000`,
    `rate(pod_cpu_usage_seconds_total{job="resource",${pod}}[20s]) > 0`,
    `rate(node_cpu_usage_seconds_total{job="resource"}[20s]) > 0`,
    `rate(prober_probe_total{${pod},probe_type="Liveness",result="successful"}[20s]) > 0`,
    'rate(page_asked_total{job="pods"}[20s]) > 0',
    'rate(page_asked_total{job="endpoints"}[20s]) > 0',
    'rate(scheduler_schedule_attempts_total{job="scheduler"}[1m]) >= 0',
    'rate(workqueue_adds_total{job="controllers"}[20s]) > 0',
    'rate(workqueue_adds_total{job="kubelet"}[20s]) >= 0',
  ]) {
    it(`answers ${expression}`, async () => {
      const samples = await eventually(
        "there is an answer",
        async () => {
          const found = await query(expression);
          return found.length > 0 && found;
        },
        60_000,
      );
      expect(samples.length).to.be.greaterThan(0);
    });
  }
});

/** With nothing but the account's token. */
async function find(cluster: ProcessesCluster, token: string): Promise<Found> {
  const server = ["--server", cluster.serverUrl, "--certificate-authority", cluster.authorityFile, "--token", token];
  const list = async <T>(resource: string): Promise<readonly T[]> => {
    const environment = { KUBECONFIG: "/dev/null" };
    const answer = await runOrFail(["kubectl", ...server, "get", resource, "-A", "-o", "json"], { environment });
    return (JSON.parse(answer) as { readonly items: readonly T[] }).items;
  };
  return {
    nodes: await list<Node>("nodes"),
    pods: await list<Pod>("pods"),
    endpoints: await eventually("the service has endpoints", async () => {
      const all = await list<Endpoints>("endpoints");
      return all.some((each) => targetsOfEndpoints(each).length > 0) && all;
    }),
  };
}

interface Found {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly endpoints: readonly Endpoints[];
}

function configuration(cluster: ProcessesCluster, directory: string, found: Found): object {
  const authorization = { credentials_file: join(directory, "token") };
  const trusted = { ca_file: cluster.authorityFile };
  // The controllers' certificate is of their own making, and the scheduler's for another name.
  const unchecked = { insecure_skip_verify: true };
  const secure = (job: string, targets: readonly string[], tls: object) => ({
    ...plain(job, targets),
    scheme: "https",
    authorization,
    tls_config: tls,
  });
  const ofKubelets = (job: string) => ({ ...secure(job, kubelets, trusted), metrics_path: `/metrics/${job}` });
  const kubelets = found.nodes.map(({ status }) => {
    const { address } = status.addresses?.find(({ type }) => type === "InternalIP") ?? {};
    return `${address}:${status.daemonEndpoints?.kubeletEndpoint?.Port}`;
  });
  return {
    global: { scrape_interval: "1s" },
    scrape_configs: [
      secure("kubelet", kubelets, trusted),
      ofKubelets("cadvisor"),
      ofKubelets("resource"),
      ofKubelets("probes"),
      secure("apiserver", [new URL(cluster.serverUrl).host], trusted),
      secure("scheduler", [new URL(cluster.schedulerUrl).host], unchecked),
      secure("controllers", [new URL(cluster.controllersUrl).host], unchecked),
      plain("pods", found.pods.flatMap(targetsOfPod)),
      plain("endpoints", found.endpoints.flatMap(targetsOfEndpoints)),
    ],
  };
}

const plain = (job: string, targets: readonly string[]) => ({ job_name: job, static_configs: [{ targets }] });

const targetsOfPod = ({ spec, status }: Pod): readonly string[] =>
  spec.containers
    .flatMap(({ ports = [] }) => ports)
    .filter(({ name }) => name === "metrics")
    .map(({ containerPort }) => `${status.podIP}:${containerPort}`);

const targetsOfEndpoints = ({ subsets = [] }: Endpoints): readonly string[] =>
  subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.filter(({ name }) => name === "metrics").flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
