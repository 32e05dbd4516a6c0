import { expect } from "chai";
import { podOf } from "../testing/pod-states.ts";
import { hostnameOf, kernelHostname, renderHosts } from "./pod-hostname.ts";

const named = { hostname: "db", subdomain: "stores" };
const context = { ip: "10.244.0.2", clusterDomain: "cluster.local", nodeHosts: "127.0.0.1 localhost node\n" };

describe("the name of a pod in its network", () => {
  it("is its own, cut to what a host name can have", () => {
    expect(hostnameOf(podOf())).to.equal("web");
    const long = podOf({}, { metadata: { name: `${"a".repeat(62)}-b` } });
    expect(hostnameOf(long)).to.equal("a".repeat(62));
  });

  it("is the whole name where the pod asks for that and has a subdomain", () => {
    expect(kernelHostname(podOf(named), "cluster.local")).to.equal("db");
    const whole = podOf({ ...named, setHostnameAsFQDN: true });
    expect(kernelHostname(whole, "cluster.local")).to.equal("db.stores.default.svc.cluster.local");
    expect(kernelHostname(podOf({ setHostnameAsFQDN: true }), "cluster.local")).to.equal("web");
  });

  it("is refused where the whole name is too long for the kernel", () => {
    const pod = podOf({ ...named, hostname: "d".repeat(40), setHostnameAsFQDN: true });
    expect(() => kernelHostname(pod, "cluster.local")).to.throw("(64 characters is the max, 73 characters requested)");
  });

  it("is in its hosts file, with its aliases after it", () => {
    const hostAliases = [{ ip: "1.2.3.4", hostnames: ["a", "b"] }];
    const lines = renderHosts(podOf({ ...named, hostAliases }), context).split("\n");
    expect(lines[0]).to.equal("# Kubernetes-managed hosts file.");
    expect(lines.slice(-5)).to.deep.equal([
      "10.244.0.2\tdb.stores.default.svc.cluster.local\tdb",
      "",
      "# Entries added by HostAliases.",
      "1.2.3.4\ta\tb",
      "",
    ]);
  });

  it("is not in the node's own file, which pods of its network see", () => {
    expect(renderHosts(podOf({ hostNetwork: true }), context)).to.equal(
      "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost node\n",
    );
  });
});
