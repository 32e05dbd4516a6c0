import { expect } from "chai";
import { TestCluster } from "../../testing/cluster.ts";
import { Kctl } from "../../testing/kctl.ts";

const configMap = (name: string, extra: object = {}, namespace = "default") => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace, ...extra },
  data: { size: String(name.length) },
});

describe("kctl get", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  before(async () => {
    cluster = await TestCluster.start();
    kctl = new Kctl(cluster);
    await cluster.apply(
      configMap("web", { labels: { app: "web", tier: "front" } }),
      configMap("database", { labels: { app: "db" } }),
      configMap("web", {}, "kube-system"),
      { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "default" } },
    );
    await cluster.step(90_000);
  });
  after(() => cluster.stop());

  const lines = (...texts: readonly string[]) => `${texts.join("\n")}\n`;

  const cases: readonly (readonly [args: string, expected: string])[] = [
    ["get cm", lines("NAME       DATA   AGE", "database   1      90s", "web        1      90s")],
    ["get configmaps web", lines("NAME   DATA   AGE", "web    1      90s")],
    ["get cm/web cm/database", lines("NAME   DATA   AGE", "web    1      90s", "database   1      90s")],
    ["get cm -l app=web --no-headers", lines("web   1     90s")],
    ["get cm -l=app=web --no-headers=true", lines("web   1     90s")],
    ["get cm --field-selector metadata.name=web -o name", lines("configmap/web")],
    [
      "get cm --show-labels -L tier",
      lines(
        "NAME       DATA   AGE   TIER    LABELS",
        "database   1      90s           app=db",
        "web        1      90s   front   app=web,tier=front",
      ),
    ],
    [
      "get cm -A --field-selector=metadata.name=web",
      lines("NAMESPACE     NAME   DATA   AGE", "default       web    1      90s", "kube-system   web    1      90s"),
    ],
    [
      "get cm,secret",
      lines(
        "NAME                 DATA   AGE",
        "configmap/database   1      90s",
        "configmap/web        1      90s",
        "",
        "NAME         TYPE     DATA   AGE",
        "secret/key   Opaque   0      90s",
      ),
    ],
    ["get -n kube-system cm", lines("NAME   DATA   AGE", "web    1      90s")],
    ["get cm --sort-by=.data.size --no-headers", lines("web        1     90s", "database   1     90s")],
    ["get cm -o name", lines("configmap/database", "configmap/web")],
    ["get cm web -o jsonpath={.data.size}", "3"],
    ["get cm -o jsonpath={.items[*].metadata.name}", "database web"],
    [
      "get cm -o custom-columns=NAME:.metadata.name,APP:.metadata.labels.app,X:.x",
      lines("NAME       APP   X", "database   db    <none>", "web        web   <none>"),
    ],
    ["get cm -o custom-columns=N:metadata.labels --no-headers web", lines("map[app:web tier:front]")],
    ["get cm nothing --ignore-not-found", ""],
  ];
  for (const [args, expected] of cases) {
    it(`prints ${args}`, async () => {
      expect(await kctl.run(...(args.split(" ") as [string]))).to.deep.equal({ code: 0, stdout: expected, stderr: "" });
    });
  }

  it("prints yaml with sorted keys, and one object without a list around it", async () => {
    const text = await kctl.out("get", "cm", "web", "-oyaml");
    expect(text.replace(/uid: .*/, "uid: U").replace(/resourceVersion: .*/, 'resourceVersion: "1"')).to.equal(
      lines(
        "apiVersion: v1",
        "data:",
        '  size: "3"',
        "kind: ConfigMap",
        "metadata:",
        '  creationTimestamp: "2026-01-01T00:00:00Z"',
        "  labels:",
        "    app: web",
        "    tier: front",
        "  name: web",
        "  namespace: default",
        '  resourceVersion: "1"',
        "  uid: U",
      ),
    );
  });

  it("prints several objects as a List", async () => {
    const list = JSON.parse(await kctl.out("get", "cm/web", "secret/key", "-o", "json")) as {
      kind: string;
      items: object[];
    };
    expect(list).to.include({ kind: "List", apiVersion: "v1" });
    expect(list.items).to.have.length(2);
  });

  it("shows what it finds, names what it does not, and fails", async () => {
    expect(await kctl.run("get", "cm", "web", "nothing", "none")).to.deep.equal({
      code: 1,
      stdout: lines("NAME   DATA   AGE", "web    1      90s"),
      stderr: lines(
        'Error from server (NotFound): configmaps "nothing" not found',
        'Error from server (NotFound): configmaps "none" not found',
      ),
    });
  });

  const failures: readonly (readonly [args: string, stderr: string])[] = [
    ["get deployment.apps x", 'Error from server (NotFound): deployments.apps "x" not found\n'],
    ["get configmp", 'error: the server doesn\'t have a resource type "configmp"; did you mean "configmap"?\n'],
    ["get cm -o yml", 'error: unable to match a printer suitable for the output format "yml"; did you mean "yaml"?\n'],
    ["get cm -A web", "error: a resource cannot be retrieved by name across all namespaces\n"],
    ["get cm web -l a=b", "error: name cannot be provided when a selector is specified\n"],
    ["get cm --colour", "error: unknown flag: --colour\nSee 'kctl get --help' for usage.\n"],
    ["get cm -o jsonpath={.a", "error: error parsing jsonpath {.a, unclosed action\n"],
    ["gte cm", 'error: unknown command "gte" for "kctl"; did you mean "kctl get"?\nRun \'kctl --help\' for usage.\n'],
  ];
  for (const [args, stderr] of failures) {
    it(`refuses ${args}`, async () => {
      expect(await kctl.run(...(args.split(" ") as [string]))).to.deep.equal({ code: 1, stdout: "", stderr });
    });
  }

  it("says where it has found nothing, and succeeds", async () => {
    expect(await kctl.run("get", "pods")).to.deep.equal({
      code: 0,
      stdout: "",
      stderr: "No resources found in default namespace.\n",
    });
    expect((await kctl.run("get", "pods", "-A")).stderr).to.equal("No resources found\n");
  });

  it("shows changes as they come, until it is interrupted", async () => {
    const stop = new AbortController();
    const run = kctl.run("get", "secrets", "-w", "-o", "name", { signal: stop.signal });
    await cluster.settle();
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "new", namespace: "default" } });
    await cluster.settle();
    stop.abort();
    expect(await run).to.deep.equal({ code: 130, stdout: "secret/key\nsecret/new\n", stderr: "" });
  });

  it("asks for discovery once, and keeps the answer", async () => {
    const paths: string[] = [];
    const counted = new Kctl({
      clock: cluster.clock,
      transport: (request) => (paths.push(request.path), cluster.transport(request)),
    });
    await counted.out("get", "cm");
    await counted.out("get", "cm");
    expect(paths.filter((path) => path === "/apis")).to.have.length(1);
  });
});
