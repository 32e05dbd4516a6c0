import { expect } from "chai";
import type { PodSpec } from "../api/core/pod.ts";
import { container, podOf } from "../testing/pod-states.ts";
import { buildSandboxSpec } from "./sandbox-spec.ts";

const dns = { servers: ["10.96.0.10"], domain: "cluster.local" };
const specOf = (spec: Partial<PodSpec>, cluster = dns) =>
  buildSandboxSpec(podOf(spec), { attempt: 0, dns: cluster, runtimeHandler: "" });

describe("buildSandboxSpec", () => {
  const first = {
    servers: ["10.96.0.10"],
    searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"],
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
      expect(specOf(spec).dns).to.deep.equal(expected);
    });
  }

  it("leaves names to the node where the cluster has no DNS", () => {
    expect(specOf({}, { servers: [], domain: "cluster.local" }).dns).to.equal(undefined);
  });

  it("maps the ports of the node, except on the node's own network", () => {
    const ports = [{ containerPort: 80, hostPort: 8080, hostIP: "127.0.0.1" }, { containerPort: 81 }];
    const containers = [container("main", { ports })];
    expect(specOf({ containers }).portMappings).to.deep.equal([
      { protocol: "TCP", containerPort: 80, hostPort: 8080, hostIp: "127.0.0.1" },
    ]);
    expect(specOf({ containers, hostNetwork: true }).portMappings).to.deep.equal([]);
  });

  it("is named as the pod, or as its spec says", () => {
    expect(specOf({}).hostname).to.equal("web");
    expect(specOf({ hostname: "db" }).hostname).to.equal("db");
  });
});
