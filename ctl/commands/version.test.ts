import { expect } from "chai";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

describe("kctl version", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  before(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
  });
  after(() => cluster.stop());

  it("shows both versions", async () => {
    expect(await kctl.out("version")).to.match(/^Client Version: v1\.33\.\S+\nServer Version: v1\.33\.\S+\n$/);
  });

  it("asks no server for its own version", async () => {
    const alone = new Kctl({ clock: cluster.clock, transport: () => Promise.reject(new Error("asked")) });
    expect(await alone.out("version", "--client")).to.match(/^Client Version: v1\.33\.\S+\n$/);
  });

  it("refuses other forms of output", async () => {
    expect(await kctl.run("version", "-o", "xml")).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: 'error: --output must be "yaml" or "json"\n',
    });
  });
});
