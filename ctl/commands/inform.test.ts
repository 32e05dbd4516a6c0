import { expect } from "chai";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";
import { commands } from "./index.ts";

describe("commands that inform", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  before(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
  });
  after(() => cluster.stop());

  it("lists the kinds that the server serves", async () => {
    const text = await kctl.out("api-resources");
    expect(text).to.match(/^NAME +SHORTNAMES +APIVERSION +NAMESPACED +KIND\n/);
    expect(text).to.match(/\ndeployments +deploy +apps\/v1 +true +Deployment\n/);
    expect(await kctl.out("api-resources", "--namespaced=false", "-o", "name")).to.match(
      /^componentstatuses\nnamespaces\nnodes\n/,
    );
    expect(await kctl.out("api-resources", "--api-group=apps", "-o", "name")).to.equal(
      "controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n",
    );
  });

  it("lists the versions of the API", async () => {
    expect((await kctl.out("api-versions")).split("\n")).to.include.members(["apps/v1", "v1"]);
  });

  it("explains fields", async () => {
    const text = await kctl.out("explain", "deploy.spec.replicas");
    expect(text).to.match(
      /^GROUP: {6}apps\nKIND: {7}Deployment\nVERSION: {4}v1\n\nFIELD: replicas <integer>\n\n\nDESCRIPTION:\n {4}\w/,
    );
    expect(await kctl.out("explain", "pod", "--recursive")).to.match(/\n {4}containers\t<\[\]Container> -required-\n/);
    expect(await kctl.run("explain", "deploy.spec.replica")).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: 'error: field "replica" does not exist; did you mean "replicas"?\n',
    });
  });

  it("tells where the cluster is", async () => {
    expect(await kctl.out("cluster-info")).to.match(/^Kubernetes control plane is running at https:\/\/test:6443\n/);
  });

  it("completes commands, flags, types and names", async () => {
    const complete = async (...words: string[]) => (await kctl.out("__complete", "--", ...words)).trim().split("\n");
    expect(await complete("desc")).to.deep.equal(["describe"]);
    expect(await complete("create", "secret", "")).to.deep.equal(["docker-registry", "generic", "tls"]);
    expect(await complete("get", "--sort")).to.deep.equal(["--sort-by"]);
    expect(await complete("get", "deploy")).to.deep.equal(["deployments.apps"]);
    expect(await complete("get", "ns", "kube-s")).to.deep.equal(["kube-system"]);
    expect(await complete("get", "ns/kube-s")).to.deep.equal(["ns/kube-system"]);
    expect(await complete("get", "nonsense", "")).to.deep.equal([""]);
  });

  it("has a completion script for each shell", async () => {
    for (const shell of ["bash", "zsh", "fish"])
      expect(await kctl.out("completion", shell)).to.contain("kctl __complete");
    expect((await kctl.run("completion", "tcsh")).stderr).to.match(/it must be bash, zsh or fish\n$/);
  });

  it("has help for every command", async () => {
    for (const { name, summary } of commands) {
      const text = await kctl.out(...(name.split(" ") as [string]), "--help");
      expect(text, name).to.contain(`${summary}.`).and.contain("Usage:\n  kctl ");
    }
    expect(await kctl.out("--help"))
      .to.contain("  get ")
      .and.not.contain("__complete");
    expect(await kctl.out("rollout"))
      .to.contain("Usage: kctl rollout COMMAND")
      .and.contain("  status ");
    expect(await kctl.out("help", "get")).to.equal(await kctl.out("get", "--help"));
  });
});

describe("kctl config", () => {
  let kctl: Kctl;
  beforeEach(async () => {
    kctl = new Kctl({
      clock: { now: () => 0, monotonic: () => 0, setTimer: () => () => undefined },
      transport: () => Promise.reject(new Error("asked")),
    });
    await kctl.files.write(
      "/k",
      "clusters:\n- {name: c, cluster: {server: 'https://h:1', certificate-authority: ca.crt}}\nusers:\n- {name: u, user: {token: secret, client-key-data: QQ==}}\ncontexts:\n- {name: one, context: {cluster: c, user: u}}\n- {name: two, context: {cluster: c, user: u, namespace: shop}}\ncurrent-context: one\n",
    );
  });
  const run = (...words: [string, ...string[]]) => kctl.run("--kubeconfig", "/k", "config", ...words);

  it("shows no secrets unless asked for", async () => {
    expect((await run("view")).stdout)
      .to.contain("token: REDACTED")
      .and.contain("client-key-data: DATA+OMITTED")
      .and.not.contain("secret");
    expect((await run("view", "--raw")).stdout).to.contain("token: secret");
    expect((await run("view", "-o", "jsonpath={.clusters[0].cluster.server}")).stdout).to.equal("https://h:1");
  });

  it("lists, switches and changes contexts, and keeps paths as they are", async () => {
    expect((await run("get-contexts")).stdout).to.equal(
      "CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         one    c         u          \n          two    c         u          shop\n",
    );
    expect((await run("use-context", "two")).stdout).to.equal('Switched to context "two".\n');
    expect((await run("current-context")).stdout).to.equal("two\n");
    expect((await run("set-context", "--current", "--namespace=m")).stdout).to.equal('Context "two" modified.\n');
    expect((await run("view", "--minify", "-o", "jsonpath={.contexts[*].context.namespace}")).stdout).to.equal("m");
    expect(await kctl.files.read("/k")).to.contain("certificate-authority: ca.crt");
  });

  it("names the context that was probably meant", async () => {
    expect((await run("use-context", "tow")).stderr).to.equal(
      'error: no context exists with the name: "tow"; did you mean "two"?\n',
    );
  });

  it("says what to do where there is no kubeconfig", async () => {
    const { code, stderr } = await kctl.run("--kubeconfig", "/none", "get", "pods");
    expect(code).to.equal(1);
    expect(stderr).to.equal(
      "error: There is no kubeconfig at /none. Start a cluster with: kctl up, or name one with --kubeconfig or KUBECONFIG.\n",
    );
  });
});
