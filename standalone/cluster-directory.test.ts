import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { claimRanges, findFreeRanges, prepareDirectory, readSettings, writeSettings } from "./cluster-directory.ts";
import { ClusterError } from "./cluster-error.ts";
import type { ClusterSettings } from "./cluster-settings.ts";

const network = { pods: "network", services: "network" } as const;

describe("a cluster's data directory", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "gantry-directory-"));
  });
  afterEach(() => rm(root, { recursive: true }));

  const settingsOf = (ranges: { serviceCidr: string; clusterCidr: string }): ClusterSettings => ({
    ...{ id: "id", securePort: 6443, bindAddress: "127.0.0.1", nodes: 1, runtime: "docker", proxy: "nftables" },
    ...{ store: "embedded", etcdServers: [], ...ranges },
  });

  async function startCluster(name: string, routes: readonly string[] = []): Promise<string> {
    const directory = join(root, name);
    const claims = { folder: join(root, "claims"), routes };
    await prepareDirectory(directory);
    const ranges = (await findFreeRanges(directory, claims))(network);
    await writeSettings(directory, settingsOf(ranges));
    await claimRanges(directory, settingsOf(ranges), claims);
    return ranges.serviceCidr;
  }

  it("remembers what the cluster is made of", async () => {
    const settings = settingsOf({ serviceCidr: "10.96.0.0/16", clusterCidr: "10.244.0.0/16" });
    expect(await readSettings(root)).to.equal(undefined);
    await writeSettings(root, settings);
    expect(await readSettings(root)).to.deep.equal(settings);
  });

  it("says so when what it remembers is damaged", async () => {
    await writeFile(join(root, "cluster.json"), "{");
    let problem: unknown;
    await readSettings(root).catch((error: unknown) => (problem = error));
    expect(problem).to.be.instanceOf(ClusterError);
    expect((problem as Error).message).to.contain("is damaged");
  });

  it("keeps the ranges of clusters on one machine apart, for as long as they exist", async () => {
    expect(await startCluster("one")).to.equal("10.96.0.0/16");
    expect(await startCluster("two")).to.equal("10.97.0.0/16");
    expect(await startCluster("one")).to.equal("10.96.0.0/16");
    await rm(join(root, "one"), { recursive: true });
    expect(await startCluster("three")).to.equal("10.96.0.0/16");
  });

  it("keeps clear of the machine's networks", async () => {
    expect(await startCluster("one", ["10.96.5.0/24", "10.245.0.0/16"])).to.equal("10.98.0.0/16");
    let problem: unknown;
    await startCluster("two", ["10.0.0.0/8"]).catch((error: unknown) => (problem = error));
    expect((problem as Error).message).to.contain("--service-cidr");
  });

  it("must be writable", async () => {
    const file = join(root, "file");
    await writeFile(file, "");
    await chmod(file, 0o400);
    let problem: unknown;
    await prepareDirectory(join(file, "below")).catch((error: unknown) => (problem = error));
    expect((problem as Error).message).to.equal(
      `The data directory ${join(file, "below")} cannot be written to (ENOTDIR). Choose another with --data-dir, or change its owner.`,
    );
  });
});
