import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { PodFiles, renderHosts } from "./pod-files.ts";

const notes = { hostname: "web", logDirectory: "/logs", hostNetwork: false, hostAliases: [] };

describe("the hosts file of a pod", () => {
  it("names the pod, and what its spec names", () => {
    const hostAliases = [{ ip: "10.9.8.7", hostnames: ["a", "b"] }];
    const text = renderHosts({ notes: { ...notes, hostAliases }, ip: "10.0.0.2" });
    expect(text.startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n")).to.equal(true);
    expect(text).to.include("\n10.0.0.2\tweb\n");
    expect(text.endsWith("\n\n# Entries added by HostAliases.\n10.9.8.7\ta\tb\n")).to.equal(true);
  });

  it("is the node's own in the node's network", () => {
    const text = renderHosts({ notes, ofNode: "127.0.0.1 localhost\n10.1.1.1 node\n\n" });
    expect(text).to.equal("# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n10.1.1.1 node\n");
  });

  it("is written once, and goes with the sandbox", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gantry-pod-files-"));
    try {
      const files = new PodFiles(folder);
      const path = await files.hosts("s1", { notes, ip: "10.0.0.2" });
      expect(await files.hosts("s1", { notes, ip: "10.0.0.3" })).to.equal(path);
      expect(await readFile(path, "utf8")).to.include("10.0.0.2\tweb");
      await files.removeSandbox("s1");
      expect(await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ENOENT");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
