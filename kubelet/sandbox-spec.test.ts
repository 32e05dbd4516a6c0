import { expect } from "chai";
import type { PodSpec } from "../api/core/pod.ts";
import { container, podOf } from "../testing/pod-states.ts";
import { buildSandboxSpec } from "./sandbox-spec.ts";

const specOf = (spec: Partial<PodSpec>, runtimeHandler = "") =>
  buildSandboxSpec(podOf(spec), { attempt: 0, dns: undefined, clusterDomain: "cluster.local", runtimeHandler });

describe("buildSandboxSpec", () => {
  it("maps the ports of the node, except on the node's own network", () => {
    const ports = [{ containerPort: 80, hostPort: 8080, hostIP: "127.0.0.1" }, { containerPort: 81 }];
    const containers = [container("main", { ports })];
    expect(specOf({ containers }).portMappings).to.deep.equal([
      { protocol: "TCP", containerPort: 80, hostPort: 8080, hostIp: "127.0.0.1" },
    ]);
    expect(specOf({ containers, hostNetwork: true }).portMappings).to.deep.equal([]);
  });

  it("is refused users of its own, which no runtime here can give it", () => {
    const message = "can't set `spec.hostUsers: false`, runtime does not support user namespaces";
    expect(() => specOf({ hostUsers: false })).to.throw(message);
    expect(() => specOf({ hostUsers: false }, "kata")).to.throw('RuntimeClass handler "kata" does not support');
  });

  it("takes both spellings of the kernel's parameters, and the runtime of its class", () => {
    const sysctls = [
      { name: "net/ipv4/tcp_syncookies", value: "0" },
      { name: "kernel.shm_rmid_forced", value: "1" },
    ];
    const spec = specOf({ securityContext: { sysctls } }, "runc");
    expect(spec.sysctls).to.deep.equal({ "net.ipv4.tcp_syncookies": "0", "kernel.shm_rmid_forced": "1" });
    expect(spec.runtimeHandler).to.equal("runc");
  });

  it("is named as the pod, or as its spec says", () => {
    expect(specOf({}).hostname).to.equal("web");
    expect(specOf({ hostname: "db" }).hostname).to.equal("db");
  });
});
