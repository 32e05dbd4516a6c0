import { expect } from "chai";
import { events } from "../api/core/event.ts";
import { pods } from "../api/core/pod.ts";
import { services } from "../api/core/service.ts";
import { newPod, newService } from "../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../testing/controller-cluster.ts";
import { FakeBackend } from "./backends/fake.ts";
import type { SyncProblem } from "./backends/backend.ts";
import { serveHealthCheck } from "./health-check-server.ts";
import { runProxy } from "./run-proxy.ts";
import type { ServiceTable } from "./service-table.ts";

/** A backend that fails, or cannot program everything, when the test says so. */
class TroubledBackend extends FakeBackend {
  failures = 0;
  problems: readonly SyncProblem[] = [];
  syncs = 0;
  closed = false;
  cleaned = false;

  override close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  override cleanup(): Promise<void> {
    this.cleaned = true;
    return super.cleanup();
  }

  override async sync(table: ServiceTable): Promise<readonly SyncProblem[]> {
    this.syncs++;
    if (this.failures-- > 0) throw new Error("the kernel is busy");
    await super.sync(table);
    return this.problems;
  }
}

describe("the proxy", () => {
  let parts: ControllerCluster;
  let backend: TroubledBackend;
  let stop: () => void;

  beforeEach(async () => {
    backend = new TroubledBackend();
    parts = await startControllerCluster();
    stop = parts.cluster.run((given, signal) =>
      runProxy({ ...given, backend, serveHealthCheck, nodeName: "n1", podRanges: [] }, signal),
    );
    await parts.cluster.apply(newService("web"), newPod("a", { labels: { app: "web" } }));
    await parts.cluster.apply(newPod("b", { labels: { app: "web" } }));
    await parts.cluster.settle();
  });
  afterEach(() => parts.cluster.stop());

  const endpoints = () => backend.table?.entries.flatMap((entry) => entry.endpoints).length;

  it("programs the services and the pods behind them", () => {
    expect(backend.table?.entries.map(({ id }) => id)).to.deep.equal(["default/web:"]);
    expect(endpoints()).to.equal(2);
  });

  it("takes a pod out of the table within a second of its turning unready", async () => {
    await parts.cluster.setStatus(pods, "a", { conditions: [{ type: "Ready", status: "False" }] });
    await parts.cluster.clock.advance(900);
    expect(endpoints()).to.equal(1);
  });

  it("drops a service that is deleted", async () => {
    await parts.cluster.delete(services, "web");
    await parts.cluster.settle();
    expect(backend.table?.entries).to.deep.equal([]);
  });

  it("tries again after a failure, without any change coming", async () => {
    backend.failures = 3;
    await parts.cluster.delete(pods, "a");
    await parts.cluster.step(5_000);
    expect(endpoints()).to.equal(1);
    expect(parts.errors.filter((text) => text.includes("could not be programmed"))).to.have.length(3);
  });

  it("writes everything again when somebody else has flushed it", async () => {
    backend.flush();
    await parts.cluster.settle();
    expect(endpoints()).to.equal(2);
  });

  it("tells what could not be programmed as one event of the service, and again only after it was solved", async () => {
    const count = async () =>
      (await parts.cluster.list(events)).filter(({ reason }) => reason === "ProxyProblem").map((each) => each.count);
    const problem = { service: { namespace: "default", name: "web" }, message: "The port is taken." };
    backend.problems = [problem];
    for (const ready of ["False", "True", "False"]) {
      await parts.cluster.setStatus(pods, "a", { conditions: [{ type: "Ready", status: ready }] });
      await parts.cluster.settle();
    }
    const told = (await parts.cluster.list(events)).filter(({ reason }) => reason === "ProxyProblem");
    expect(told.map(({ message, type, involvedObject }) => [message, type, involvedObject?.name])).to.deep.equal([
      ["The port is taken.", "Warning", "web"],
    ]);
    expect(await count()).to.deep.equal([1]);
    backend.problems = [];
    await parts.cluster.delete(pods, "b");
    await parts.cluster.settle();
    backend.problems = [problem];
    await parts.cluster.delete(pods, "a");
    await parts.cluster.settle();
    expect(await count()).to.deep.equal([2]);
  });

  it("programs nothing while nothing changes", async () => {
    const before = backend.syncs;
    await parts.cluster.step(600_000);
    expect(backend.syncs).to.equal(before);
  });

  it("closes the backend when it stops, and does not clean up: what the kernel holds stays", async () => {
    stop();
    await parts.cluster.settle();
    expect([backend.closed, backend.cleaned]).to.deep.equal([true, false]);
  });
});
