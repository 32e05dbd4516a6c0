// Field ownership as stock kubectl sees it, over HTTPS: applying on the server's side, conflicts, taking over, and the way from
// client-side apply.

import { expect } from "chai";
import { describeWith } from "../testing/machine-parts.ts";
import { KCTL } from "./cluster-under-test.ts";
import { runCommand, runOrFail } from "./command.ts";
import { InProcessCluster } from "./in-process-cluster.ts";

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

const configMap = (data: object) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data });
const deployment = ({ image = "i:1", replicas }: { readonly image?: string; readonly replicas?: number } = {}) =>
  JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image }] } },
    },
  });
const IMAGE = '.spec.template.spec.containers[name="c"].image';

describeWith(["kubectl"], "server-side apply with stock kubectl", () => {
  let cluster: InProcessCluster;
  before(async () => {
    cluster = await InProcessCluster.start(["apiserver"]);
  });
  after(() => cluster.remove());
  afterEach(() => runOrFail(["kubectl", "delete", "configmap/settings", "deployment/web", "--ignore-not-found"], at()));

  const at = (input?: string) => ({ environment: { KUBECONFIG: cluster.kubeconfigPath }, ...(input && { input }) });
  const apply = (manifest: string, ...flags: readonly string[]) =>
    runCommand(["kubectl", "apply", "--server-side", "-f", "-", ...flags], at(manifest));
  const read = async (name: string) => {
    const text = await runOrFail(["kubectl", "get", name, "-o", "json", "--show-managed-fields"], at());
    return JSON.parse(text) as { data?: object; metadata: { managedFields?: readonly Entry[]; annotations?: object } };
  };
  const whoOwns = async (name: string) =>
    (await read(name)).metadata.managedFields?.map(({ manager, operation, subresource }) =>
      [manager, operation, subresource].filter(Boolean).join(" "),
    );

  it("applies, and finds nothing to do the second time", async () => {
    expect((await apply(configMap({ a: "1" }))).stdout).to.equal("configmap/settings serverside-applied\n");
    const before = await read("configmap/settings");
    expect((await apply(configMap({ a: "1" }))).code).to.equal(0);
    expect(await read("configmap/settings")).to.deep.equal(before);
    expect(before.metadata.managedFields?.[0]?.fieldsV1).to.deep.equal({ "f:data": { "f:a": {} } });
  });

  it("names the other manager of a field, and takes it by force", async () => {
    await apply(deployment({ image: "i:1" }), "--field-manager=one");
    const refused = await apply(deployment({ image: "i:2" }), "--field-manager=two");
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.match(/^error: Apply failed with 1 conflict: conflict with "one": /);
    expect(refused.stderr).to.contain(IMAGE);
    const forced = await apply(deployment({ image: "i:2" }), "--field-manager=two", "--force-conflicts");
    expect(forced.code).to.equal(0);
    const back = await apply(deployment({ image: "i:1" }), "--field-manager=one");
    expect(back.stderr).to.contain(`conflict with "two": ${IMAGE}`);
  });

  it("lets managers own their own parts, and removes what one does not want any more", async () => {
    await apply(configMap({ a: "1", b: "1" }), "--field-manager=one");
    await apply(configMap({ c: "1" }), "--field-manager=two");
    await apply(configMap({ b: "1" }), "--field-manager=one");
    expect((await read("configmap/settings")).data).to.deep.equal({ b: "1", c: "1" });
    expect(await whoOwns("configmap/settings")).to.have.members(["one Apply", "two Apply"]);
  });

  it("shows who else has changed an object, and hides it unless asked", async () => {
    await runOrFail(["kubectl", "create", "-f", "-"], at(deployment({ replicas: 1 })));
    await runOrFail(["kubectl", "scale", "deployment/web", "--replicas=3"], at());
    await runOrFail(["kubectl", "label", "deployment/web", "x=y"], at());
    expect(await whoOwns("deployment/web")).to.have.members([
      "kubectl-create Update",
      "kubectl Update scale",
      "kubectl-label Update",
    ]);
    const { stderr } = await apply(deployment({ replicas: 2 }), "--field-manager=me");
    expect(stderr).to.contain('conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas');
    for (const command of [["kubectl"], KCTL]) {
      const get = [...command, "get", "deployment/web", "-o", "yaml"];
      expect(await runOrFail(get, at())).to.not.contain("managedFields");
      expect(await runOrFail([...get, "--show-managed-fields"], at())).to.contain("f:replicas: {}");
    }
  });

  it("takes over from client-side apply, and removes what the manifest has dropped since", async () => {
    await runOrFail(["kubectl", "apply", "-f", "-"], at(configMap({ a: "1", b: "1" })));
    expect(await whoOwns("configmap/settings")).to.deep.equal(["kubectl-client-side-apply Update"]);
    const { code, stderr } = await apply(configMap({ b: "2" }));
    expect([code, stderr]).to.deep.equal([0, ""]);
    const { data, metadata } = await read("configmap/settings");
    expect(data).to.deep.equal({ b: "2" });
    expect(metadata.managedFields?.map(({ manager }) => manager)).to.have.members(["kubectl", "kubectl-last-applied"]);
    expect(JSON.stringify(metadata.annotations)).to.contain('{\\"b\\":\\"2\\"}');
    const client = await runOrFail(["kubectl", "apply", "-f", "-"], at(configMap({ c: "3" })));
    expect(client).to.equal("configmap/settings configured\n");
    expect((await read("configmap/settings")).data).to.deep.equal({ c: "3" });
  });

  it("writes to the status alone", async () => {
    await apply(deployment());
    const status = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, status: { replicas: 4 } };
    const { code, stderr } = await apply(JSON.stringify(status), "--subresource=status", "--field-manager=reporter");
    expect([code, stderr]).to.deep.equal([0, ""]);
    expect(await whoOwns("deployment/web")).to.include("reporter Apply status");
  });

  it("tries without a trace, and refuses what the kind does not have", async () => {
    expect((await apply(configMap({ a: "1" }), "--dry-run=server")).stdout).to.equal(
      "configmap/settings serverside-applied (server dry run)\n",
    );
    expect((await runCommand(["kubectl", "get", "configmap/settings"], at())).code).to.equal(1);
    const wrong = configMap({ a: "1" }).replace('"data"', '"dta"');
    const { stderr } = await apply(wrong, "--validate=false");
    expect(stderr).to.equal(
      "Error from server: failed to create typed patch object (default/settings; /v1, Kind=ConfigMap): .dta: field not declared in schema\n",
    );
  });

  it("is the same with kctl, and both can take turns", async () => {
    const turn = (command: readonly string[], data: object) =>
      runOrFail([...command, "apply", "--server-side", "-f", "-"], at(configMap(data)));
    await turn(KCTL, { a: "1", b: "1" });
    await turn(["kubectl"], { b: "2" });
    await turn(KCTL, { b: "3" });
    expect((await read("configmap/settings")).data).to.deep.equal({ b: "3" });
    expect(await whoOwns("configmap/settings")).to.deep.equal(["kubectl Apply"]);
  });
});
