import { expect } from "chai";
import { rangesOfSlot } from "./address-ranges.ts";
import { ClusterError } from "./cluster-error.ts";
import {
  parseComponents,
  planSettings,
  type ClusterFlags,
  type ClusterSettings,
  type MachineFacts,
} from "./cluster-settings.ts";

const bare: MachineFacts = { dockerAnswers: false, canUseNftables: false };
const full: MachineFacts = { dockerAnswers: true, canUseNftables: true };

const plan = (flags: ClusterFlags, machine = full, stored?: ClusterSettings): ClusterSettings =>
  planSettings({ flags, machine, stored, newId: () => "id", freeRanges: (kinds) => rangesOfSlot(1, kinds) });

describe("what a cluster is made of", () => {
  it("is Docker and nftables where the machine has them", () => {
    expect(plan({})).to.deep.equal({
      id: "id",
      authorizationMode: ["Node", "RBAC"],
      securePort: 6443,
      bindAddress: "127.0.0.1",
      nodes: 1,
      runtime: "docker",
      proxy: "nftables",
      store: "embedded",
      etcdServers: [],
      serviceCidr: "10.97.0.0/16",
      clusterCidr: "10.245.0.0/16",
    });
  });

  it("is processes and the userspace proxy elsewhere, on loopback addresses", () => {
    expect(plan({}, bare)).to.deep.include({
      runtime: "process",
      proxy: "userspace",
      serviceCidr: "127.97.0.0/16",
      clusterCidr: "127.64.0.0/10",
    });
  });

  it("has no proxy where no pod really runs, unless asked", () => {
    expect(plan({ runtime: "fake" }).proxy).to.equal("none");
    expect(plan({ runtime: "fake", proxy: "nftables" }).proxy).to.equal("nftables");
  });

  it("is on etcd once its servers are named", () => {
    const etcdServers = ["http://127.0.0.1:2379"];
    expect(plan({ etcdServers })).to.deep.include({ store: "etcd", etcdServers });
  });

  it("stays what it was, whatever the machine has become", () => {
    const stored = plan({ nodes: 3, securePort: 7443, tokenAuthFile: "/t.csv" });
    expect(plan({}, bare, stored)).to.deep.equal(stored);
  });

  it("changes where a flag says so, and finds new addresses when their kind changes", () => {
    const stored = plan({ nodes: 3 });
    expect(plan({ nodes: 1 }, full, stored)).to.deep.equal({ ...stored, nodes: 1 });
    expect(plan({ runtime: "auto" }, bare, stored)).to.deep.include({
      id: "id",
      runtime: "process",
      proxy: "userspace",
      serviceCidr: "127.97.0.0/16",
    });
    expect(plan({ serviceCidr: "10.50.0.0/16" }, full, stored).serviceCidr).to.equal("10.50.0.0/16");
  });

  const etcd = plan({ etcdServers: ["http://a"] });
  for (const [flags, stored, message] of [
    [
      { runtime: "containerd", runtimeEndpoint: "/run/containerd.sock" },
      undefined,
      "--container-runtime-endpoint must be such as unix:///run/containerd/containerd.sock, not /run/containerd.sock.",
    ],
    [{ runtime: "podman" }, undefined, "--runtime must be one of docker, containerd, process, fake, not podman."],
    [{ proxy: "ipvs" }, undefined, "--proxy must be one of nftables, userspace, none, not ipvs."],
    [
      { authorizationMode: ["ABAC"] },
      undefined,
      "--authorization-mode must be one of AlwaysAllow, AlwaysDeny, RBAC, Node, not ABAC.",
    ],
    [{ securePort: 0 }, undefined, "--secure-port must be a number from 1 to 65535."],
    [{ nodes: 1.5 }, undefined, "--nodes must be a number from 1 to 1000."],
    [
      { clusterCidr: "10.0.0.0" },
      undefined,
      "--cluster-cidr must be an IPv4 range such as 10.96.0.0/16, not 10.0.0.0.",
    ],
    [{ store: "etcd" }, undefined, "--store etcd needs --etcd-servers URL,URL."],
    [{ store: "embedded", etcdServers: ["x"] }, undefined, "--etcd-servers cannot be used with --store embedded."],
    [
      { store: "embedded" },
      etcd,
      "This cluster keeps its state in the etcd store. Use another --data-dir for a cluster on the embedded store.",
    ],
  ] as const) {
    it(`is refused: ${message}`, () => {
      expect(() => plan(flags, full, stored)).to.throw(ClusterError, message);
    });
  }

  it("is all components unless some are chosen", () => {
    expect(parseComponents(undefined)).to.have.lengthOf(6);
    expect(parseComponents("apiserver, kubelet")).to.deep.equal(["apiserver", "kubelet"]);
    expect(() => parseComponents("etcd")).to.throw(ClusterError, "--components must be a list of apiserver");
  });
});
