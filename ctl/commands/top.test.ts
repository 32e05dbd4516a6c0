import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import type { Handler } from "../../lib/http.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

const MIB = 2 ** 20;
/** Cores and MiB. */
const loads: Readonly<Record<string, readonly [container: string, cores: number, mebibytes: number][]>> = {
  "default/web": [
    ["main", 0.25, 100],
    ["side", 0.05, 300],
  ],
  "default/db": [["main", 1, 50]],
  "other/job": [["main", 0.001, 1]],
};

describe("kctl top", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  before(async () => {
    const kubelet: Handler = () => {
      const [now, seconds] = [cluster.clock.now(), cluster.clock.monotonic() / 1000];
      const lines = [
        `node_cpu_usage_seconds_total ${2 * seconds} ${now}`,
        `node_memory_working_set_bytes ${1024 * MIB} ${now}`,
      ];
      for (const [pod, containers] of Object.entries(loads)) {
        const [namespace, name] = pod.split("/");
        for (const [container, cores, mebibytes] of containers) {
          const labels = `{container="${container}",namespace="${namespace}",pod="${name}"}`;
          lines.push(`container_cpu_usage_seconds_total${labels} ${cores * seconds} ${now}`);
          lines.push(`container_memory_working_set_bytes${labels} ${mebibytes * MIB} ${now}`);
        }
      }
      return Promise.resolve({
        status: 200,
        headers: {},
        body: { kind: "bytes", bytes: Buffer.from(lines.join("\n")) },
      });
    };
    const silent: Handler = () => Promise.reject(new Error("no route"));
    cluster = await TestCluster.start({
      nodeHandler: ({ metadata }) => (metadata.name === "n1" ? kubelet : silent),
    });
    kctl = new Kctl(cluster);
    for (const name of ["default", "other", "empty"]) {
      await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    await cluster.addNodes(newNode("n1"), newNode("n2"));
    const place = (key: string) => {
      const [namespace, name = ""] = key.split("/");
      const pod = newPod(name, { namespace, labels: { app: name } });
      return { ...pod, spec: { ...pod.spec, nodeName: "n1" } };
    };
    for (const key of Object.keys(loads)) await cluster.client.create(pods, place(key));
    // Who asks first waits for the second reading.
    const asked = cluster.client.raw({ method: "GET", path: "/apis/metrics.k8s.io/v1beta1/nodes" });
    await cluster.clock.advance(3_000);
    await asked;
  });
  after(() => cluster.stop());

  const lines = (...texts: readonly string[]) => `${texts.join("\n")}\n`;
  const run = async (line: string) => {
    const { stdout, stderr } = await kctl.run(...(line.split(" ") as [string]));
    return stdout + stderr;
  };

  const cases: readonly (readonly [line: string, printed: string])[] = [
    [
      "top nodes",
      lines(
        "NAME   CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)   ",
        "n1     2000m        50%         1024Mi          12%         ",
        "n2     <unknown>    <unknown>   <unknown>       <unknown>   ",
      ),
    ],
    ["top node n1 --no-headers", "n1    2000m   50%   1024Mi   12%   \n"],
    ["top nodes nope", 'Error from server (NotFound): nodes.metrics.k8s.io "nope" not found\n'],
    [
      "top pods",
      lines(
        "NAME   CPU(cores)   MEMORY(bytes)   ",
        "db     1000m        50Mi            ",
        "web    300m         400Mi           ",
      ),
    ],
    ["top po web --no-headers", "web   300m   400Mi   \n"],
    [
      "top pods --containers --sort-by=memory",
      lines(
        "POD   NAME   CPU(cores)   MEMORY(bytes)   ",
        "web   side   50m          300Mi           ",
        "web   main   250m         100Mi           ",
        "db    main   1000m        50Mi            ",
      ),
    ],
    [
      "top pods -A --no-headers --sort-by=cpu",
      lines("default   db    1000m   50Mi    ", "default   web   300m    400Mi   ", "other     job   1m      1Mi     "),
    ],
    [
      "top pods -l app=web --sum",
      lines(
        "NAME   CPU(cores)   MEMORY(bytes)   ",
        "web    300m         400Mi           ",
        "       ________     ________        ",
        "       300m         400Mi           ",
      ),
    ],
    ["top pods -n empty", "No resources found in empty namespace.\n"],
    ["top pods --sort-by=disk", "error: --sort-by accepts only cpu or memory\n"],
    ["top pods web -l app=web", "error: only one of NAME or --selector can be provided\n"],
  ];
  for (const [line, printed] of cases) {
    it(`kctl ${line}`, async () => {
      expect(await run(line)).to.equal(printed);
    });
  }

  it("says that nothing is known of a pod yet", async () => {
    const pod = newPod("new", { namespace: "empty" });
    await cluster.client.create(pods, { ...pod, spec: { ...pod.spec, nodeName: "n1" } });
    expect(await run("top pods -n empty")).to.equal("error: metrics not available yet\n");
  });
});
