import { expect } from "chai";
import { pods, type Pod } from "../api/core/pod.ts";
import { StatusError } from "../api/meta/status.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { asStored, newPod } from "../testing/builders.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { ConditionWriter } from "./condition-writer.ts";

describe("ConditionWriter", () => {
  let clock: FakeClock;
  let server: FakeApiServer;
  let client: Client;
  let writer: ConditionWriter;
  let stop: AbortController;
  let running: Promise<void>;

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeApiServer();
    client = createClient(server.handle);
    stop = new AbortController();
    writer = new ConditionWriter({ client, clock, log: silentLog, metrics: createMetrics() });
    running = writer.run(stop.signal);
  });
  afterEach(async () => {
    stop.abort();
    await running;
  });

  const condition = async () => (await client.get(pods, { namespace: "default", name: "a" })).status.conditions?.[0];
  const patches = () => server.requests.filter(({ method }) => method === "PATCH");

  it("writes why a pod has no node", async () => {
    const pod = await client.create(pods, newPod("a", { status: {} }));
    writer.write(pod, { message: "0/1 nodes are available: 1 Insufficient cpu." });
    await clock.advance(0);
    expect(patches()[0]?.path).to.equal("/api/v1/namespaces/default/pods/a/status");
    expect(await condition()).to.deep.equal({
      type: "PodScheduled",
      status: "False",
      reason: "Unschedulable",
      message: "0/1 nodes are available: 1 Insufficient cpu.",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    });
  });

  it("writes nothing that the pod says already, and keeps the time of the transition", async () => {
    const conditions = [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "old", lastTransitionTime: "earlier" },
    ];
    const pod = asStored<Pod>(await client.create(pods, newPod("a", { status: { conditions } as Pod["status"] })));
    writer.write(pod, { message: "old" });
    await clock.advance(0);
    expect(patches()).to.have.length(0);
    writer.write(pod, { message: "new" });
    await clock.advance(0);
    expect(await condition()).to.include({ message: "new", lastTransitionTime: "earlier" });
  });

  it("writes the newest message only, once the server is back", async () => {
    const pod = await client.create(pods, newPod("a", { status: {} }));
    server.failure = new StatusError("ServiceUnavailable", "away");
    for (const message of ["one", "two", "three"]) {
      writer.write(pod, { message });
      await clock.advance(10);
    }
    server.failure = undefined;
    await clock.advance(10_000);
    expect((await condition())?.message).to.equal("three");
  });

  it("writes which node the pod has been promised, and takes it back", async () => {
    const pod = await client.create(pods, newPod("a", { status: {} }));
    const promised = async () => (await client.get(pods, { namespace: "default", name: "a" })).status.nominatedNodeName;
    writer.write(pod, { message: "same", nominatedNode: "n1" });
    await clock.advance(0);
    expect(await promised()).to.equal("n1");
    writer.write(await client.get(pods, { namespace: "default", name: "a" }), { message: "same" });
    await clock.advance(0);
    expect(await promised()).to.equal(null);
  });

  it("gives up on a pod that is gone", async () => {
    writer.write(asStored<Pod>(newPod("a")), { message: "message" });
    await clock.advance(60_000);
    expect(patches()).to.have.length(1);
  });
});
