import { expect } from "chai";
import { pods, type Pod } from "../api/core/pod.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import { isNotFound, StatusError } from "../api/meta/status.ts";
import { createClient } from "../client/api-client.ts";
import type { Handler } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { StatusWriter } from "./status-writer.ts";

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

const key = { namespace: "default", name: "web" };

describe("StatusWriter", () => {
  let cluster: TestCluster;
  let writer: StatusWriter;
  let writes: string[];
  let isAway: boolean;
  /** Which of the writes get no answer, and whether they reach the server. */
  let loses: (write: number) => "request" | "answer" | undefined;
  let pod: Pod;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    writes = [];
    isAway = false;
    loses = () => undefined;
    const transport: Handler = async (request) => {
      const lost = loses(writes.push(request.method));
      if (lost === "answer") await cluster.transport(request);
      if (lost) return untilAborted(request.signal);
      if (isAway) throw new StatusError("ServiceUnavailable", "away");
      return cluster.transport(request);
    };
    const { clock } = cluster;
    writer = new StatusWriter({ client: createClient(transport), clock, log: silentLog, metrics: createMetrics() });
    cluster.run((_parts, signal) => writer.run(signal));
    pod = await cluster.client.create(pods, newPod("web"));
  });
  afterEach(() => cluster.stop());

  const stored = () => cluster.client.get(pods, key);
  const ready = (status: "True" | "False", more: object = {}) => ({
    type: "Ready",
    status,
    lastTransitionTime: "2026-01-01T00:00:00Z",
    ...more,
  });
  const running: PodStatus = {
    phase: "Running",
    podIP: "10.244.0.2",
    podIPs: [{ ip: "10.244.0.2" }],
    conditions: [ready("True")],
  };

  it("writes a status once, and nothing while it stays the same", async () => {
    writer.report(pod, running);
    await cluster.settle();
    writer.report(await stored(), { ...running });
    writer.report(pod, { ...running });
    await cluster.settle();
    expect((await stored()).status).to.deep.include({ phase: "Running", podIP: "10.244.0.2" });
    expect(writes).to.deep.equal(["PATCH"]);
  });

  it("takes away what is not in the status any more, and replaces addresses", async () => {
    writer.report(pod, { ...running, reason: "Odd", conditions: [ready("False", { reason: "ContainersNotReady" })] });
    await cluster.settle();
    writer.report(pod, { ...running, podIP: "10.244.0.3", podIPs: [{ ip: "10.244.0.3" }] });
    await cluster.settle();
    const { status } = await stored();
    expect(status.reason).to.equal(undefined);
    expect(status.podIPs).to.deep.equal([{ ip: "10.244.0.3" }]);
    expect(status.conditions?.find(({ type }) => type === "Ready")).to.deep.equal(ready("True"));
  });

  it("leaves the conditions of others alone", async () => {
    const gate = { type: "example.com/gate", status: "True" as const };
    await cluster.setStatus(pods, "web", { conditions: [gate] });
    writer.report(pod, running);
    await cluster.settle();
    const types = (await stored()).status.conditions?.map(({ type }) => type);
    expect(types).to.include.members(["example.com/gate", "Ready"]);
  });

  it("goes on trying while the server is away, with the newest status only", async () => {
    isAway = true;
    writer.report(pod, { phase: "Pending" });
    await cluster.step(1000);
    writer.report(pod, running);
    isAway = false;
    await cluster.step(10_000);
    expect((await stored()).status.phase).to.equal("Running");
  });

  it("repeats what is lost on the way, the answer or the request itself, and needs less than ten seconds once none is", async () => {
    const others = await Promise.all(["a", "b", "c"].map((name) => cluster.client.create(pods, newPod(name))));
    // Three of ten, in turn as requests and as answers.
    loses = (write) => ([0, 3, 6].includes(write % 10) ? (write % 2 ? "request" : "answer") : undefined);
    for (let round = 0; round < 10; round++) {
      for (const each of others) writer.report(each, { ...running, message: `round ${round}` });
      await cluster.step(500);
    }
    loses = (write) => (write % 2 ? "request" : "answer");
    for (const each of others) writer.report(each, { ...running, message: "final" });
    await cluster.step(60_000);
    loses = () => undefined;
    await cluster.step(9000);
    const messages = (await cluster.client.list(pods)).items.map(({ status }) => status.message);
    expect(messages.filter((message) => message === "final")).to.have.lengthOf(3);
  });

  it("plans from its own last write before the watch has told of it", async () => {
    writer.report(pod, running);
    await cluster.settle();
    expect(writer.newest(pod).status.phase).to.equal("Running");
    expect(writer.newest({ ...pod, metadata: { ...pod.metadata, uid: "other" } }).status.phase).to.not.equal("Running");
  });

  it("writes the last status before it deletes the pod", async () => {
    writer.report(pod, { phase: "Succeeded" });
    await Promise.all([writer.delete(pod, new AbortController().signal), cluster.settle()]);
    expect(writes).to.deep.equal(["PATCH", "DELETE"]);
    expect(await stored().catch(isNotFound)).to.equal(true);
  });

  it("leaves a pod alone that has taken the name of another", async () => {
    await cluster.client.delete(pods, key, { gracePeriodSeconds: 0 });
    const next = await cluster.client.create(pods, newPod("web"));
    writer.report(pod, running);
    await Promise.all([writer.delete(pod, new AbortController().signal), cluster.settle()]);
    expect((await stored()).metadata.uid).to.equal(next.metadata.uid);
    expect((await stored()).status.phase).to.equal("Pending");
  });
});
