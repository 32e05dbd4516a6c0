// The nftables backend on a real kernel, in namespaces of its own.

import { expect } from "chai";
import { systemExec } from "../../lib/exec.ts";
import { silentLog } from "../../lib/log.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { NetworkSandbox } from "../../testing/network-sandbox.ts";
import type { ServiceEntry } from "../service-table.ts";
import { NftablesBackend } from "./nftables.ts";

const VIP = "10.96.0.10";

const tcpServer = (name: string) => `
  require("node:http").createServer((request, response) => response.end("${name}")).listen(8080, () => console.log("up"));
`;
const udpServer = (name: string) => `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (_, from) => socket.send("${name}", from.port, from.address));
  socket.bind(5353, () => console.log("up"));
`;
const tcpClient = (address: string) => `
  require("node:http").get({ host: "${address.split(":")[0]}", port: ${address.split(":")[1]}, timeout: 3000 }, (response) =>
    response.on("data", (data) => console.log(String(data)))).on("error", (error) => console.log(error.code))
    .on("timeout", function () { console.log("TIMEOUT"); this.destroy(); });
`;
const udpClient = (address: string) => `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (data) => { console.log(String(data)); socket.close(); });
  socket.send("hello", ${address.split(":")[1]}, "${address.split(":")[0]}");
`;

const targets = (...lasts: number[]) => lasts.map((last) => ({ ip: `10.0.0.${last}`, port: 8080 }));

function entry(parts: Partial<ServiceEntry> = {}): ServiceEntry {
  const endpoints = parts.endpoints ?? targets(2, 3);
  return {
    id: "default/web:",
    service: { namespace: "default", name: "web" },
    protocol: "TCP",
    port: 80,
    addresses: [VIP],
    externalAddresses: [],
    endpoints,
    externalEndpoints: endpoints,
    keepsClientAddress: false,
    ...parts,
  };
}

describeWith(["nftables"], "the nftables backend", () => {
  const exec = systemExec();
  const sandbox = new NetworkSandbox(exec, `gantry-test-${process.pid}`);
  const backend = new NftablesBackend({ exec: sandbox.hostExec(), log: silentLog, table: "gantry-test" });
  const signal = new AbortController().signal;
  const sync = (...entries: ServiceEntry[]) => backend.sync({ entries }, signal);

  before(async () => {
    await sandbox.start([2, 3, 4]);
    await Promise.all([2, 3].map((last) => sandbox.serve(last, tcpServer(`pod${last}`))));
    await sandbox.serve(2, udpServer("pod2"));
  });
  after(() => sandbox.stop());

  async function ask(from: string, script: string): Promise<string> {
    return (await sandbox.in(from, process.execPath, ["-e", script])).stdout.trim();
  }
  async function askMany(from: string, script: string, count = 12): Promise<ReadonlySet<string>> {
    return new Set(await Promise.all(Array.from({ length: count }, () => ask(from, script))));
  }

  for (const [where, from] of [
    ["the host", sandbox.host],
    ["a pod", sandbox.pod(4)],
  ] as const) {
    it(`spreads connections from ${where} over all endpoints`, async () => {
      await sync(entry());
      expect([...(await askMany(from, tcpClient(`${VIP}:80`), 24))].sort()).to.deep.equal(["pod2", "pod3"]);
    });
  }

  it("leads a pod to itself when it is the only endpoint", async () => {
    await sync(entry({ endpoints: targets(2) }));
    expect(await ask(sandbox.pod(2), tcpClient(`${VIP}:80`))).to.equal("pod2");
  });

  it("serves UDP on the same port as TCP", async () => {
    const udp = entry({ id: "default/web:dns", protocol: "UDP", endpoints: [{ ip: "10.0.0.2", port: 5353 }] });
    await sync(entry({ endpoints: targets(3) }), udp);
    expect(await ask(sandbox.pod(4), udpClient(`${VIP}:80`))).to.equal("pod2");
    expect(await ask(sandbox.pod(4), tcpClient(`${VIP}:80`))).to.equal("pod3");
  });

  it("serves node ports on the host's addresses, but not on loopback", async () => {
    await sync(entry({ nodePort: 30080 }));
    expect(await ask(sandbox.pod(4), tcpClient("10.0.0.1:30080"))).to.match(/^pod/);
    expect(await ask(sandbox.host, tcpClient("10.0.0.1:30080"))).to.match(/^pod/);
    expect(await ask(sandbox.host, tcpClient("127.0.0.1:30080"))).to.equal("ECONNREFUSED");
  });

  it("keeps a client with its endpoint under session affinity", async () => {
    await sync(entry({ affinitySeconds: 600 }));
    expect(await askMany(sandbox.pod(4), tcpClient(`${VIP}:80`))).to.have.property("size", 1);
  });

  it("refuses connections to a service without endpoints at once", async () => {
    await sync(entry({ endpoints: [] }));
    for (const from of [sandbox.host, sandbox.pod(4)]) {
      expect(await ask(from, tcpClient(`${VIP}:80`)), from).to.equal("ECONNREFUSED");
    }
  });

  it("moves on to new endpoints, and forgets a service that is gone", async () => {
    await sync(entry({ endpoints: targets(2) }));
    await sync(entry({ endpoints: targets(3) }));
    expect([...(await askMany(sandbox.pod(4), tcpClient(`${VIP}:80`), 6))]).to.deep.equal(["pod3"]);
    await sync();
    expect((await sandbox.in(sandbox.host, "nft", ["list", "table", "ip", "gantry-test"])).stdout).to.not.contain(VIP);
  });

  it("notices that its table was flushed by somebody else, and writes it again", async () => {
    await sync(entry({ endpoints: targets(2) }));
    const stop = new AbortController();
    const disturbances = backend.disturbances(stop.signal)[Symbol.asyncIterator]();
    const noticed = disturbances.next();
    const flush = async () => sandbox.in(sandbox.host, "nft", ["flush", "table", "ip", "gantry-test"]);
    // The monitor needs a moment to listen: it is flushed until it is noticed.
    let isNoticed = false;
    void noticed.then(() => (isNoticed = true));
    while (!isNoticed) {
      await flush();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    stop.abort();
    await disturbances.return?.();
    await sync(entry({ endpoints: targets(2) }));
    expect(await ask(sandbox.pod(4), tcpClient(`${VIP}:80`))).to.equal("pod2");
  });

  it("takes its own changes for nobody else's", async () => {
    const stop = new AbortController();
    const disturbances = backend.disturbances(stop.signal)[Symbol.asyncIterator]();
    const first = disturbances.next();
    for (const last of [2, 3, 2, 3]) await sync(entry({ endpoints: targets(last) }));
    // Something foreign at the end: had one of ours been taken for foreign, its process would be named first.
    const foreign: number[] = [];
    let isNoticed = false;
    void first.then(() => (isNoticed = true));
    while (!isNoticed) {
      foreign.push((await sandbox.in(sandbox.host, "nft", ["add", "chain", "ip", "gantry-test", "foreign"])).pid);
      foreign.push((await sandbox.in(sandbox.host, "nft", ["delete", "chain", "ip", "gantry-test", "foreign"])).pid);
    }
    stop.abort();
    await disturbances.return?.();
    expect(foreign.map((pid) => `process ${pid}`)).to.include((await first).value);
  });

  it("leaves nothing behind", async () => {
    await sync(entry());
    await backend.cleanup();
    await backend.cleanup();
    expect((await sandbox.in(sandbox.host, "nft", ["list", "tables"])).stdout).to.not.contain("gantry");
  });
});
