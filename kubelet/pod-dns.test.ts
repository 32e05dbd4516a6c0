import { expect } from "chai";
import type { PodSpec } from "../api/core/pod.ts";
import { podOf } from "../testing/pod-states.ts";
import { buildDns, parseResolvConf, renderResolvConf } from "./pod-dns.ts";

const cluster = { servers: ["10.96.0.10"], domain: "cluster.local" };
const node = { servers: ["127.0.0.53", "9.9.9.9"], searches: ["lan"], options: ["edns0"] };
const dnsOf = (spec: Partial<PodSpec>, servers = cluster.servers) =>
  buildDns(podOf(spec), { cluster: { ...cluster, servers }, node });

describe("how a pod resolves names", () => {
  const first = {
    servers: ["10.96.0.10"],
    searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "lan"],
    options: ["ndots:5"],
  };
  const own = {
    dnsConfig: {
      nameservers: ["1.1.1.1"],
      searches: ["x"],
      options: [{ name: "ndots", value: "2" }, { name: "rotate" }],
    },
  };
  const ownDns = { servers: ["1.1.1.1"], searches: ["x"], options: ["ndots:2", "rotate"] };
  for (const [title, spec, expected] of [
    ["asks the cluster's DNS first", {}, first],
    ["resolves as the node does under Default", { dnsPolicy: "Default" }, undefined],
    ["resolves as the node does on its network", { hostNetwork: true }, undefined],
    [
      "asks the cluster from the node's network where it says so",
      { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" },
      first,
    ],
    ["has nothing but its own under None", { dnsPolicy: "None", ...own }, ownDns],
    [
      "adds its own to the cluster's",
      own,
      { servers: [...first.servers, "1.1.1.1"], searches: [...first.searches, "x"], options: ["ndots:2", "rotate"] },
    ],
  ] as const) {
    it(title, () => {
      expect(dnsOf(spec)).to.deep.equal(expected);
    });
  }

  it("adds its own to the node's under Default, without a resolver that answers the node alone", () => {
    expect(dnsOf({ dnsPolicy: "Default", ...own })).to.deep.equal({
      servers: ["9.9.9.9", "1.1.1.1"],
      searches: ["lan", "x"],
      options: ["edns0", "ndots:2", "rotate"],
    });
  });

  it("asks three servers at most, each once", () => {
    const nameservers = ["10.96.0.10", "1.1.1.1", "1.1.1.2", "1.1.1.3"];
    expect(dnsOf({ dnsConfig: { nameservers } })?.servers).to.deep.equal(["10.96.0.10", "1.1.1.1", "1.1.1.2"]);
  });

  it("reads the resolver's file as the resolver does, and writes it so", () => {
    const text = "# a comment\nnameserver 9.9.9.9\nsearch a b\nsearch c .\nnameserver 8.8.8.8\noptions edns0 rotate\n";
    const read = { servers: ["9.9.9.9", "8.8.8.8"], searches: ["c"], options: ["edns0", "rotate"] };
    expect(parseResolvConf(text)).to.deep.equal(read);
    expect(renderResolvConf(read)).to.equal("search c\nnameserver 9.9.9.9\nnameserver 8.8.8.8\noptions edns0 rotate\n");
    expect(parseResolvConf(renderResolvConf(read))).to.deep.equal(read);
  });

  it("leaves names to the node where the cluster has no DNS", () => {
    expect(dnsOf({}, [])).to.equal(undefined);
  });
});
