import { expect } from "chai";
import { freePorts } from "../testing/etcd-server.ts";
import { serveHealthCheck } from "./health-check-server.ts";
import { HealthChecks, type ServeHealthCheck } from "./health-checks.ts";

const onLoopback: ServeHealthCheck = (port, answer) => serveHealthCheck(port, answer, "127.0.0.1");

describe("health checks for load balancers", () => {
  let checks: HealthChecks;
  let port: number;
  beforeEach(async () => {
    checks = new HealthChecks(onLoopback);
    [port = 0] = await freePorts(1);
  });
  afterEach(() => checks.close());

  const check = (localEndpoints: number, name = "web") => ({
    service: { namespace: "default", name },
    port,
    localEndpoints,
  });
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5000) });
    return {
      status: response.status,
      weight: response.headers.get("x-load-balancing-endpoint-weight"),
      body: await response.json(),
    };
  };
  const body = (localEndpoints: number) => ({
    service: { namespace: "default", name: "web" },
    localEndpoints,
    serviceProxyHealthy: true,
  });

  it("say whether the node has endpoints, as that changes", async () => {
    expect(await checks.sync([check(2)])).to.deep.equal([]);
    expect(await ask()).to.deep.equal({ status: 200, weight: "2", body: body(2) });
    await checks.sync([check(0)]);
    expect(await ask()).to.deep.equal({ status: 503, weight: "0", body: body(0) });
  });

  it("end with their service", async () => {
    await checks.sync([check(1)]);
    await checks.sync([]);
    const error = await ask().then(
      () => undefined,
      (cause: Error) => cause.message,
    );
    expect(error).to.equal("fetch failed");
  });

  it("name the service whose port is taken, and try again", async () => {
    const other = new HealthChecks(onLoopback);
    await other.sync([check(1, "other")]);
    const [problem] = await checks.sync([check(1)]);
    expect(problem?.service).to.deep.equal({ namespace: "default", name: "web" });
    expect(problem?.message).to.match(/^Port \d+ for health checks cannot be listened on: .*EADDRINUSE/);
    await other.close();
    expect(await checks.sync([check(1)])).to.deep.equal([]);
  });
});
