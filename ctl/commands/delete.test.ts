import { expect } from "chai";
import { configMaps } from "../../api/core/config-map.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

describe("kctl delete", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
    for (const name of ["one", "two", "three"]) {
      const metadata = { name, namespace: "default", labels: { size: String(name.length) } };
      await cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata });
    }
  });
  afterEach(() => cluster.stop());

  const left = async () => {
    const found = await cluster.list(configMaps, { namespace: "default" });
    return found.map(({ metadata }) => metadata.name).filter((name) => ["one", "two", "three"].includes(name));
  };

  const cases: readonly (readonly [args: string, stdout: string, left: readonly string[]])[] = [
    ["delete cm one", 'configmap "one" deleted\n', ["three", "two"]],
    ["delete cm/one cm/two", 'configmap "one" deleted\nconfigmap "two" deleted\n', ["three"]],
    ["delete cm -l size=3", 'configmap "one" deleted\nconfigmap "two" deleted\n', ["three"]],
    ["delete cm one -o name", "configmap/one\n", ["three", "two"]],
    ["delete cm one --dry-run=server", 'configmap "one" deleted (server dry run)\n', ["one", "three", "two"]],
    ["delete cm one --dry-run=client", 'configmap "one" deleted (dry run)\n', ["one", "three", "two"]],
    ["delete cm none --ignore-not-found", "", ["one", "three", "two"]],
    ["delete cm one --now --wait=false", 'configmap "one" deleted\n', ["three", "two"]],
  ];
  for (const [args, stdout, names] of cases) {
    it(`runs ${args}`, async () => {
      expect(await kctl.run(...(args.split(" ") as [string]))).to.deep.equal({ code: 0, stdout, stderr: "" });
      expect(await left()).to.deep.equal(names);
    });
  }

  it("waits until finalizers have let go", async () => {
    const one = await cluster.get(configMaps, "default/one");
    const held = { ...one, metadata: { ...one.metadata, finalizers: ["test/hold"] } };
    await cluster.client.update(configMaps, held);
    let isDone = false;
    const run = kctl.run("delete", "cm", "one").finally(() => (isDone = true));
    await cluster.settle();
    expect(isDone).to.equal(false);
    const marked = await cluster.get(configMaps, "default/one");
    await cluster.client.update(configMaps, { ...marked, metadata: { ...marked.metadata, finalizers: [] } });
    await cluster.step(1000);
    expect((await run).stdout).to.equal('configmap "one" deleted\n');
  });

  it("gives up waiting in time", async () => {
    const one = await cluster.get(configMaps, "default/one");
    await cluster.client.update(configMaps, { ...one, metadata: { ...one.metadata, finalizers: ["test/hold"] } });
    let isDone = false;
    const run = kctl.run("delete", "cm", "one", "--timeout=5s").finally(() => (isDone = true));
    const beganMs = cluster.clock.monotonic();
    // The command loads its code in real time, so that the clock may be ahead of it.
    while (!isDone) await cluster.step(1000);
    expect(cluster.clock.monotonic() - beganMs).to.be.at.least(5000);
    expect(await run).to.deep.equal({
      code: 1,
      stdout: 'configmap "one" deleted\n',
      stderr: "error: timed out waiting for the condition on configmap/one\n",
    });
  });

  const refused: readonly (readonly [args: string, stderr: string])[] = [
    ["delete cm none", 'Error from server (NotFound): configmaps "none" not found\n'],
    ["delete cm", "error: resource(s) were provided, but no name was specified\n"],
    [
      "delete cm one --cascade=up",
      'error: invalid cascade value (up). Must be "background", "foreground", or "orphan"\n',
    ],
    ["delete cm one --now --grace-period=3", "error: --now and --grace-period cannot be specified together\n"],
  ];
  for (const [args, stderr] of refused) {
    it(`refuses ${args}`, async () => {
      expect(await kctl.run(...(args.split(" ") as [string]))).to.deep.equal({ code: 1, stdout: "", stderr });
      expect(await left()).to.have.length(3);
    });
  }
});
