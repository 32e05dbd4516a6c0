import { expect } from "chai";
import { configMaps } from "../../api/core/config-map.ts";
import { deployments } from "../../api/apps/deployment.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "web:1"}
        - {name: log, image: "log:1"}
`;
const map = (name: string, label: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, labels: {set: ${label}}}
data: {key: value}
`;

describe("kctl apply", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
  });
  afterEach(() => cluster.stop());

  const apply = (stdin: string, ...more: string[]) => kctl.run("apply", "-f", "-", ...more, { stdin });

  it("creates, leaves alone, and changes", async () => {
    expect(await apply(WEB)).to.deep.equal({ code: 0, stdout: "deployment.apps/web created\n", stderr: "" });
    expect((await apply(WEB)).stdout).to.equal("deployment.apps/web unchanged\n");
    expect((await apply(WEB.replace("web:1", "web:2"))).stdout).to.equal("deployment.apps/web configured\n");
    const { spec } = await cluster.get(deployments, "default/web");
    expect(spec.template.spec?.containers.map(({ image }) => image)).to.deep.equal(["web:2", "log:1"]);
  });

  it("deletes what the manifest no longer has, and keeps what others have added", async () => {
    await apply(WEB);
    const old = await cluster.get(deployments, "default/web");
    const labels = { ...old.metadata.labels, added: "yes" };
    await cluster.client.update(deployments, { ...old, metadata: { ...old.metadata, labels } });
    await apply(WEB.replace('        - {name: log, image: "log:1"}\n', "").replace("  replicas: 2\n", ""));
    const { spec, metadata } = await cluster.get(deployments, "default/web");
    expect(spec.template.spec?.containers.map(({ name }) => name)).to.deep.equal(["web"]);
    expect(spec.replicas).to.equal(1);
    expect(metadata.labels).to.deep.equal({ app: "web", added: "yes" });
  });

  it("remembers what it has applied in kubectl's annotation", async () => {
    await apply(map("one", "a"));
    const { metadata } = await cluster.get(configMaps, "default/one");
    expect(metadata.annotations?.["kubectl.kubernetes.io/last-applied-configuration"]).to.equal(
      '{"apiVersion":"v1","data":{"key":"value"},"kind":"ConfigMap","metadata":{"annotations":{},"labels":{"set":"a"},"name":"one","namespace":"default"}}\n',
    );
  });

  it("takes several documents, files, and directories with what is below them", async () => {
    const files = { "/work/a/one.yaml": map("one", "a"), "/work/a/b/two.yml": map("two", "a"), "/work/a/x.txt": "?" };
    expect((await kctl.run("apply", "-f", "a", { files })).stdout).to.equal("configmap/one created\n");
    expect((await kctl.run("apply", "-R", "-f", "a")).stdout).to.equal(
      "configmap/two created\nconfigmap/one unchanged\n",
    );
    const both = `${map("three", "a")}---\n${map("four", "a")}`;
    expect((await apply(both)).stdout).to.equal("configmap/three created\nconfigmap/four created\n");
  });

  it("only tries where it is told to", async () => {
    expect((await apply(WEB, "--dry-run=client")).stdout).to.equal("deployment.apps/web created (dry run)\n");
    expect((await apply(WEB, "--dry-run=server")).stdout).to.equal("deployment.apps/web created (server dry run)\n");
    expect(await cluster.list(deployments)).to.deep.equal([]);
  });

  it("prunes what it has applied before and no manifest has", async () => {
    await apply(`${map("one", "a")}---\n${map("two", "a")}---\n${map("other", "b")}`);
    await cluster.apply({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "by-hand", namespace: "default", labels: { set: "a" } },
    });
    const { stdout } = await apply(map("one", "a"), "--prune", "-l", "set=a");
    expect(stdout).to.equal("configmap/one unchanged\nconfigmap/two pruned\n");
    const names = (await cluster.list(configMaps, { namespace: "default" })).map(({ metadata }) => metadata.name);
    expect(names).to.include.members(["one", "other", "by-hand"]).and.not.include("two");
  });

  it("warns of objects that it has not created", async () => {
    await cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one", namespace: "default" } });
    const { stdout, stderr } = await apply(map("one", "a"));
    expect(stdout).to.equal("configmap/one configured\n");
    expect(stderr).to.match(/^Warning: resource configmaps\/one is missing the kubectl\.kubernetes\.io\/last-applied/);
  });

  const failures: readonly (readonly [title: string, manifest: string, stderr: string | RegExp])[] = [
    [
      "names the line and column of bad YAML",
      "kind: A\nmetadata:\n  name: b\n c: d\n",
      /^error: error parsing STDIN: line 4, column \d+: /,
    ],
    [
      "names the right field for an unknown one",
      WEB.replace("replicas", "replica"),
      'error: error validating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"; did you mean "replicas"?\n',
    ],
    [
      "names fields inside lists",
      WEB.replace('image: "log:1"', 'imag: "log:1"'),
      /unknown field "spec\.template\.spec\.containers\[1\]\.imag"; did you mean "image"\?\n$/,
    ],
    [
      "names the right kind for an unknown one",
      WEB.replace("kind: Deployment", "kind: Deploymnet"),
      'error: resource mapping not found for name: "web" namespace: "" from "STDIN": no matches for kind "Deploymnet" in version "apps/v1"; did you mean kind "Deployment"?\nensure CRDs are installed first\n',
    ],
    [
      "names the right version for a known kind",
      WEB.replace("apps/v1", "extensions/v1beta1"),
      /no matches for kind "Deployment" in version "extensions\/v1beta1"; did you mean apiVersion "apps\/v1"\?/,
    ],
    ["names a wrong type", WEB.replace("replicas: 2", "replicas: two"), /spec\.replicas.*int32/],
    ["misses a kind", "metadata: {name: x}\n", /apiVersion not set, kind not set/],
    [
      "shows what the server finds",
      WEB.replace("selector: {matchLabels: {app: web}}", "selector: {matchLabels: {app: other}}"),
      /^The Deployment "web" is invalid: spec\.template\.metadata\.labels: Invalid value: /,
    ],
    ["wants objects", "# nothing\n", "error: no objects passed to apply\n"],
  ];
  for (const [title, manifest, stderr] of failures) {
    it(title, async () => {
      const result = await apply(manifest);
      expect(result.code).to.equal(1);
      expect(result.stdout).to.equal("");
      if (typeof stderr === "string") expect(result.stderr).to.equal(stderr);
      else expect(result.stderr).to.match(stderr);
    });
  }

  it("applies what is right beside what is wrong", async () => {
    const { code, stdout, stderr } = await apply(`${map("one", "a")}---\n${WEB.replace("replicas", "replica")}`);
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "configmap/one created\n" });
    expect(stderr).to.contain('did you mean "replicas"?');
  });

  it("says that a file is missing", async () => {
    expect(await kctl.run("apply", "-f", "none.yaml")).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: 'error: the path "none.yaml" does not exist\n',
    });
  });

  describe("with --server-side", () => {
    const LAST = "kubectl.kubernetes.io/last-applied-configuration";
    const data = async () => (await cluster.get(configMaps, "default/one")).data;
    const owners = async () => {
      const { metadata } = await cluster.get(configMaps, "default/one");
      return metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
    };
    const one = (...lines: readonly string[]) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata:\n${lines.map((line) => `  ${line}\n`).join("")}`;

    it("lets the server merge", async () => {
      const { code, stdout } = await apply(one("a: x", "b: x"), "--server-side");
      expect([code, stdout]).to.deep.equal([0, "configmap/one serverside-applied\n"]);
      await apply(one("b: z"), "--server-side");
      expect([await data(), await owners()]).to.deep.equal([{ b: "z" }, ["kubectl Apply"]]);
    });

    it("tells whose fields it would change, and takes them by force", async () => {
      await apply(one("a: x"), "--server-side", "--field-manager=me");
      const { code, stderr } = await apply(one("a: z"), "--server-side");
      expect(code).to.equal(1);
      expect(stderr).to.match(
        /^error: Apply failed with 1 conflict: conflict with "me": \.data\.a\n.*--force-conflicts/,
      );
      expect((await apply(one("a: z"), "--server-side", "--force-conflicts")).code).to.equal(0);
      expect([await data(), await owners()]).to.deep.equal([{ a: "z" }, ["kubectl Apply"]]);
    });

    it("takes over what was applied on the client's side, and removes what the manifest has dropped since", async () => {
      await apply(one("a: x", "b: x"));
      expect(await owners()).to.deep.equal(["kubectl-client-side-apply Update"]);
      expect((await apply(one("b: z"), "--server-side")).stderr).to.equal("");
      expect(await data()).to.deep.equal({ b: "z" });
      expect(await owners()).to.have.members(["kubectl Apply", "kubectl-last-applied Apply"]);
      const { metadata } = await cluster.get(configMaps, "default/one");
      expect(JSON.parse(metadata.annotations?.[LAST] ?? "{}")).to.deep.include({ data: { b: "z" } });
    });

    it("is not for trying without the server", async () => {
      const { stderr } = await apply(one("a: x"), "--server-side", "--dry-run=client");
      expect(stderr).to.contain("did you mean --dry-run=server");
      await apply(one("a: x"), "--server-side", "--dry-run=server");
      expect(await cluster.list(configMaps, { namespace: "default" })).to.not.deep.include({ data: { a: "x" } });
    });
  });
});
