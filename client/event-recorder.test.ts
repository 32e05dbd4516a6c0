import { expect } from "chai";
import { events } from "../api/core/event.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { StatusError } from "../api/meta/status.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createClient } from "./api-client.ts";
import { createEventRecorder, type EventRecorder } from "./event-recorder.ts";

describe("createEventRecorder", () => {
  const metadata = { uid: "u", resourceVersion: "5", creationTimestamp: "" };
  const pod: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, namespace: "shop", name: "web" } };
  const node: KubeObject = { apiVersion: "v1", kind: "Node", metadata: { ...metadata, name: "n1" } };
  let clock: FakeClock;
  let server: FakeApiServer;
  let stop: AbortController;
  let recorder: EventRecorder;

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeApiServer();
    stop = new AbortController();
    const common = { clock, random: seededRandom(1), log: silentLog, metrics: createMetrics() };
    const client = createClient(server.handle);
    recorder = createEventRecorder({ client, component: "kubelet", host: "n1", ...common }, stop.signal);
  });
  afterEach(() => stop.abort());

  const stored = async () => (await createClient(server.handle).list(events)).items;

  it("writes an Event in the object's namespace, as client-go does", async () => {
    recorder.record({ object: pod, fieldPath: "spec.containers{web}" }, "Normal", "Started", "Started container web");
    await clock.advance(0);
    const [event] = await stored();
    const { name, namespace } = event?.metadata ?? {};
    expect(name).to.match(/^web\.[0-9a-f]{16}$/);
    expect(namespace).to.equal("shop");
    expect(event).to.deep.include({
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        namespace: "shop",
        name: "web",
        uid: "u",
        resourceVersion: "5",
        fieldPath: "spec.containers{web}",
      },
      reason: "Started",
      message: "Started container web",
      type: "Normal",
      count: 1,
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:00Z",
      source: { component: "kubelet", host: "n1" },
      reportingComponent: "kubelet",
      reportingInstance: "n1",
    });
  });

  it("puts events about cluster-scoped objects into the namespace default", async () => {
    recorder.record({ object: node }, "Warning", "NodeNotReady", "Node is not ready");
    await clock.advance(0);
    expect((await stored()).map((event) => event.metadata.namespace)).to.deep.equal(["default"]);
  });

  for (const name of ["system:node", "n".repeat(250)]) {
    it(`gives an Event about ${name.slice(0, 20)} a name that is one`, async () => {
      recorder.record({ object: { ...node, metadata: { ...node.metadata, name } } }, "Normal", "Seen", "Seen");
      await clock.advance(0);
      expect((await stored())[0]?.metadata.name).to.match(/^[0-9a-f-]{36}$/);
    });
  }

  it("counts a repeat in the Event that is there", async () => {
    for (let second = 0; second < 3; second++) {
      recorder.record({ object: pod }, "Warning", "BackOff", "Back-off restarting");
      await clock.advance(1000);
    }
    const found = await stored();
    expect(found).to.have.length(1);
    expect(found[0]).to.include({
      count: 3,
      lastTimestamp: "2026-01-01T00:00:02Z",
      firstTimestamp: "2026-01-01T00:00:00Z",
    });
  });

  it("gives two events of the same moment different names", async () => {
    recorder.record({ object: pod }, "Normal", "Pulled", "one");
    recorder.record({ object: pod }, "Normal", "Pulled", "two");
    await clock.advance(0);
    expect(await stored()).to.have.length(2);
    expect(server.requests.filter(({ method }) => method === "POST")).to.have.length(1);
  });

  it("writes an Event anew when the one that it would count in has expired", async () => {
    recorder.record({ object: pod }, "Normal", "Pulled", "one");
    await clock.advance(0);
    const [event] = await stored();
    await createClient(server.handle).delete(events, event?.metadata ?? { name: "" });
    recorder.record({ object: pod }, "Normal", "Pulled", "one");
    await clock.advance(0);
    expect((await stored()).map(({ count }) => count)).to.deep.equal([2]);
  });

  it("tries again while the server is away, with repeats counted meanwhile", async () => {
    server.failure = new StatusError("ServiceUnavailable", "away");
    for (let round = 0; round < 3; round++) {
      recorder.record({ object: pod }, "Normal", "Pulled", "one");
      await clock.advance(500);
    }
    server.failure = undefined;
    await clock.advance(10_000);
    expect((await stored()).map(({ count }) => count)).to.deep.equal([3]);
  });

  it("drops what the server refuses, and goes on with the next", async () => {
    server.failure = new StatusError("Forbidden", "the namespace is being terminated");
    recorder.record({ object: pod }, "Normal", "Pulled", "one");
    await clock.advance(0);
    server.failure = undefined;
    recorder.record({ object: pod }, "Normal", "Pulled", "two");
    await clock.advance(60_000);
    expect((await stored()).map(({ message }) => message)).to.deep.equal(["two"]);
  });

  it("keeps at most a thousand waiting events, and drops the others", async () => {
    server.failure = new StatusError("ServiceUnavailable", "away");
    for (let index = 0; index < 1500; index++) {
      const name = `web-${index}`;
      recorder.record(
        { object: { ...pod, metadata: { ...pod.metadata, name, uid: name } } },
        "Normal",
        "Pulled",
        "one",
      );
    }
    server.failure = undefined;
    await clock.advance(1000);
    expect((await stored()).length).to.be.within(1000, 1100);
  });
});
