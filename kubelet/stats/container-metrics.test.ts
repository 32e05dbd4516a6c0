import { expect } from "chai";
import type { RuntimeContainer } from "../runtimes/runtime.ts";
import { renderContainerMetrics, type ContainerMetricsInput } from "./container-metrics.ts";

const AT = 1000;
const container: RuntimeContainer = {
  id: "c1",
  sandboxId: "s1",
  name: "main",
  attempt: 0,
  state: "running",
  createdAtMs: 5000,
  given: { cpuShares: 512, cpuMillisLimit: 500, memoryBytesLimit: 0 },
  image: 'registry.test/"app":1',
  imageId: "i",
  labels: {},
};
const pod = { namespace: "default", name: "web", uid: "u1" };
const usage = { cpuNanoseconds: 2.5e9, memoryBytes: 4096, processes: 3, measuredAtMs: AT };
const counts = (bytes: number) => ({ bytes, packets: 2, errors: 0, dropped: 1 });
const input: ContainerMetricsInput = {
  measurement: {
    node: { cpuNanoseconds: 9e9, memoryBytes: 8192, measuredAtMs: AT },
    pods: [{ pod, startedAtMs: 5000, containers: [{ name: "main", startedAtMs: 5000, usage }] }],
  },
  pods: [
    {
      pod,
      sandboxes: [{ id: "s1", attempt: 0, running: true, createdAtMs: 4000, labels: {}, ip: "10.0.0.1" }],
      containers: [container],
    },
  ],
  networks: new Map([["s1", [{ name: "eth0", receive: counts(10), transmit: counts(20) }]]]),
  machine: { cpuMillis: 2000, memoryBytes: 65536 },
  nowMs: 7500,
};

describe("what a kubelet tells as cAdvisor does", () => {
  const lines = renderContainerMetrics(input).split("\n");
  const of = (labels: string) => `${labels},namespace="default",pod="web"`;
  const main = of('container="main",id="/c1",image="registry.test/\\"app\\":1",name="c1"');
  const network = of('container="",id="/s1",image="",interface="eth0",name="s1"');
  for (const expected of [
    `container_cpu_usage_seconds_total{${main},cpu="total"} 2.5 1000`,
    'container_cpu_usage_seconds_total{id="/",cpu="total"} 9 1000',
    `container_memory_working_set_bytes{${main}} 4096 1000`,
    'container_memory_working_set_bytes{id="/"} 8192 1000',
    `container_processes{${main}} 3 1000`,
    `container_start_time_seconds{${main}} 5 1000`,
    `container_last_seen{${main}} 7 1000`,
    `container_spec_cpu_shares{${main}} 512`,
    `container_spec_cpu_quota{${main}} 50000`,
    `container_spec_cpu_period{${main}} 100000`,
    `container_spec_memory_limit_bytes{${main}} 0`,
    `container_network_receive_bytes_total{${network}} 10 7500`,
    `container_network_transmit_bytes_total{${network}} 20 7500`,
    `container_network_transmit_packets_dropped_total{${network}} 1 7500`,
    "machine_cpu_cores 2",
    "machine_memory_bytes 65536",
  ]) {
    it(expected, () => expect(lines).to.include(expected));
  }

  it("leaves out containers that have ended since, and quotas that there are not", () => {
    const ended = { ...container, state: "exited" as const };
    const text = (each: RuntimeContainer) =>
      renderContainerMetrics({ ...input, pods: input.pods.map((rest) => ({ ...rest, containers: [each] })) });
    expect(text(ended)).to.not.contain('container="main"');
    const unlimited = { ...container, given: { cpuShares: 2, cpuMillisLimit: 0, memoryBytesLimit: 0 } };
    expect(text(unlimited)).to.not.contain("container_spec_cpu_quota{");
  });
});
