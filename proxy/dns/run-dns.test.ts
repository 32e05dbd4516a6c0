import { expect } from "chai";
import { services } from "../../api/core/service.ts";
import { newPod, newService } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { readReply, writeQuery, type QueryType } from "./message.ts";
import { runDns } from "./run-dns.ts";
import { systemExchange } from "./upstream-exchange.ts";

describe("the cluster's DNS server", () => {
  let parts: ControllerCluster;
  let port: number;

  beforeEach(async () => {
    parts = await startControllerCluster();
    const listening = new Promise<number>((resolve) => {
      parts.cluster.run((given, signal) =>
        runDns(
          {
            ...given,
            domain: "Cluster.local",
            servers: [],
            exchange: systemExchange(),
            listen: { address: "127.0.0.1", port: 0 },
            onListening: resolve,
          },
          signal,
        ),
      );
    });
    await parts.cluster.apply(newService("web"), newPod("a", { labels: { app: "web" } }));
    await parts.cluster.settle();
    port = await listening;
  });
  afterEach(() => parts.cluster.stop());

  const exchange = systemExchange();
  async function ask(name: string, type: QueryType = "A"): Promise<string> {
    const options = { accepts: () => true, signal: AbortSignal.timeout(5000) };
    const bytes = await exchange.datagram({ address: "127.0.0.1", port }, writeQuery(1, { name, type }), options);
    const { code, answers } = readReply(bytes) ?? { code: "nothing", answers: [] };
    return [
      code,
      ...answers.map((record) => ("data" in record && typeof record.data === "string" ? record.data : record.type)),
    ].join(" ");
  }

  it("knows services by name and by address, and what becomes of them", async () => {
    const { client } = parts.cluster;
    const name = "web.default.svc.cluster.local";
    const { spec } = await client.get(services, { namespace: "default", name: "web" });
    const address = spec.clusterIP ?? "";
    expect(await ask(name)).to.equal(`NOERROR ${address}`);
    const reverse = `${address.split(".").reverse().join(".")}.in-addr.arpa`;
    expect(await ask(reverse, "PTR")).to.equal(`NOERROR ${name}`);
    await client.delete(services, { namespace: "default", name: "web" });
    await parts.cluster.settle();
    expect(await ask(name)).to.equal("NXDOMAIN");
  });

  it("fails for other names where there is nobody to ask", async () => {
    expect(await ask("example.com")).to.equal("SERVFAIL");
  });
});
