import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { bridgeName, ensureNetworkConfig, gatewayOf } from "./network-config.ts";

describe("the network of pods in containerd", () => {
  let folder: string;
  const options = { cluster: "c1", podCidr: "10.7.0.0/16", addressesDirectory: "/addresses" };

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "gantry-cni-")), "net.d");
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  it("is configured once, with the range of the pods", async () => {
    expect(await ensureNetworkConfig(folder, options)).to.equal(true);
    expect(await ensureNetworkConfig(folder, options)).to.equal(true);
    const names = await readdir(folder);
    expect(names).to.deep.equal(["10-gantry.conflist"]);
    const text = await readFile(join(folder, names[0] ?? ""), "utf8");
    const { plugins } = JSON.parse(text) as { plugins: { type: string; ipam?: { ranges: unknown } }[] };
    expect(plugins.map(({ type }) => type)).to.deep.equal(["bridge", "portmap"]);
    expect(plugins[0]?.ipam?.ranges).to.deep.equal([[{ subnet: "10.7.0.0/16" }]]);
  });

  it("is left as somebody else has configured it", async () => {
    await mkdir(folder);
    await writeFile(join(folder, "05-theirs.conf"), "{}");
    expect(await ensureNetworkConfig(folder, options)).to.equal(false);
    expect(await readdir(folder)).to.deep.equal(["05-theirs.conf"]);
  });

  it("has a bridge whose name the kernel takes", () => {
    expect(bridgeName("0a1b2c3d")).to.equal("cni-0a1b2c3d");
    expect(bridgeName("a-very-long-name-of-a-cluster")).to.have.length(15);
  });

  for (const [range, gateway] of [
    ["10.244.0.0/16", "10.244.0.1/16"],
    ["192.168.255.128/25", "192.168.255.129/25"],
    ["10.1.2.3/8", "10.0.0.1/8"],
  ] as const) {
    it(`begins ${range} with ${gateway}`, () => {
      expect(gatewayOf(range)).to.equal(gateway);
    });
  }
});
