import { expect } from "chai";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseInterfaces, readNetworkUsage } from "./network-usage.ts";

const TEXT = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       1       2    0    0    0     0          0         0        1       2    0    0    0     0       0          0
  eth0: 1234567    890    3    4    0     0          0         0   765432     109    5    6    0     0       0          0
`;

describe("what a sandbox has sent and received", () => {
  it("is counted for each interface", () => {
    expect(parseInterfaces(TEXT)[1]).to.deep.equal({
      name: "eth0",
      receive: { bytes: 1234567, packets: 890, errors: 3, dropped: 4 },
      transmit: { bytes: 765432, packets: 109, errors: 5, dropped: 6 },
    });
    expect(parseInterfaces("")).to.deep.equal([]);
  });

  it("is found through a process of its control group, and not where there is none", async () => {
    const root = await mkdtemp(join(tmpdir(), "gantry-cgroup-"));
    const list = async (id: string, text: string) => {
      await mkdir(join(root, "docker", id), { recursive: true });
      await writeFile(join(root, "docker", id, "cgroup.procs"), text);
    };
    await list("running", `${process.pid}\n`);
    await list("empty", "");
    const found = await readNetworkUsage(root, "running");
    expect(found?.map(({ name }) => name))
      .to.be.an("array")
      .that.does.not.include("lo");
    expect(await readNetworkUsage(root, "empty")).to.equal(undefined);
    expect(await readNetworkUsage(root, "missing")).to.equal(undefined);
    await rm(root, { recursive: true });
  });
});
