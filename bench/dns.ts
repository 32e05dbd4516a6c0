// How many questions a second the cluster's DNS server answers, with 10,000 services of 3 endpoints each, and how long one
// waits. The asker is a thread of its own, with some questions under way at a time; caches and sockets are the real ones.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Service } from "../api/core/service.ts";
import type { EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import type { ClusterView } from "../proxy/dns/cluster-zone.ts";
import { serveDns } from "../proxy/dns/dns-server.ts";
import { DnsService } from "../proxy/dns/dns-service.ts";
import { writeQuery } from "../proxy/dns/message.ts";
import { Resolver } from "../proxy/dns/resolver.ts";
import { atLeast, atMost, type Benchmark } from "./benchmark.ts";

const SERVICES = 10_000;
const QUESTIONS = 60_000;
/** As many as a few busy pods have under way. */
const UNDER_WAY = 16;

const stored = (name: string) => ({
  name,
  namespace: "default",
  uid: name,
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
});

function makeView(): ClusterView {
  const services = new Map<string, Service>();
  const slices = new Map<string, EndpointSlice>();
  for (let index = 0; index < SERVICES; index += 1) {
    const name = `service-${index}`;
    // Every other one is headless, so that endpoints are looked up, too.
    const clusterIP = index % 2 === 0 ? `10.96.${index >> 8}.${index & 255}` : "None";
    const ports = [{ name: "http", port: 80, protocol: "TCP" as const }];
    const spec = { type: "ClusterIP" as const, clusterIP, clusterIPs: [clusterIP], ports };
    services.set(name, {
      apiVersion: "v1",
      kind: "Service",
      metadata: stored(name),
      spec,
      status: { loadBalancer: {} },
    });
    slices.set(name, {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...stored(name), labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      ports,
      endpoints: [1, 2, 3].map((last) => ({
        addresses: [`10.${index >> 8}.${index & 255}.${last}`],
        conditions: { ready: true },
      })),
    });
  }
  const sliceOf = (name: string) => [slices.get(name) ?? []].flat();
  return {
    hasNamespace: (name) => name === "default",
    service: (namespace, name) => (namespace === "default" ? services.get(name) : undefined),
    slices: (namespace, name) => (namespace === "default" ? sliceOf(name) : []),
    servicesAt: () => [],
    slicesAt: () => [],
  };
}

/** Runs in the asker's thread: sends the questions, a new one for each answer, and tells how long each took. */
const ASKER = `
  const { createSocket } = require("node:dgram");
  const { parentPort, workerData: { port, queries, count, underWay } } = require("node:worker_threads");
  const socket = createSocket("udp4");
  const sent = new Float64Array(65536);
  const tookMs = new Float64Array(count);
  let asked = 0, answered = 0;
  const ask = () => {
    if (asked >= count) return;
    const query = Buffer.from(queries[asked % queries.length]);
    const id = asked++ & 65535;
    query.writeUInt16BE(id, 0);
    sent[id] = performance.now();
    socket.send(query);
  };
  let startedMs = 0;
  socket.on("message", (bytes) => {
    tookMs[answered++] = performance.now() - sent[bytes.readUInt16BE(0)];
    if (answered < count) return ask();
    const seconds = (performance.now() - startedMs) / 1000;
    tookMs.sort();
    parentPort.postMessage({ rate: count / seconds, p99Ms: tookMs[Math.floor(count * 0.99)] });
    socket.close();
  });
  socket.connect(port, "127.0.0.1", () => {
    startedMs = performance.now();
    for (let index = 0; index < underWay; index++) ask();
  });
`;

interface Outcome {
  readonly rate: number;
  readonly p99Ms: number;
}

async function measure(port: number, count: number): Promise<Outcome> {
  const queries = Array.from({ length: 1000 }, (_, index) =>
    writeQuery(0, { name: `service-${(index * 7919) % SERVICES}.default.svc.cluster.local`, type: "A" }),
  );
  const asker = new Worker(ASKER, { eval: true, workerData: { port, queries, count, underWay: UNDER_WAY } });
  const [outcome] = (await once(asker, "message")) as [Outcome];
  return outcome;
}

export const dns: Benchmark = {
  name: "dns",
  async run({ runs, progress }) {
    const forwarder = { recall: () => undefined, ask: () => Promise.reject(new Error("nobody is asked here")) };
    const resolver = new Resolver({ domain: "cluster.local", view: makeView(), forwarder });
    const service = new DnsService({ resolver, clock: systemClock(), log: silentLog, metrics: createMetrics() });
    const server = await serveDns({ address: "127.0.0.1", port: 0, answer: service.answer });
    try {
      progress("DNS, warming up");
      await measure(server.port, QUESTIONS / 10);
      const outcomes: Outcome[] = [];
      const busyUs: number[] = [];
      for (let run = 1; run <= runs; run += 1) {
        progress(`DNS, run ${run}`);
        const before = performance.eventLoopUtilization();
        const startedMs = performance.now();
        outcomes.push(await measure(server.port, QUESTIONS));
        const { utilization } = performance.eventLoopUtilization(before);
        busyUs.push(((performance.now() - startedMs) * 1000 * utilization) / QUESTIONS);
      }
      const target = { rate: atLeast(20_000), p99: atMost(2) };
      return [
        { name: "DNS answers", unit: "1/s", values: outcomes.map(({ rate }) => rate), target: target.rate },
        { name: "  99 of 100 within", unit: "ms", values: outcomes.map(({ p99Ms }) => p99Ms), target: target.p99 },
        { name: "  server's time for one", unit: "µs", values: busyUs },
      ];
    } finally {
      await server.close();
    }
  },
};
