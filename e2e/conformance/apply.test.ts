// Server-side apply as clients rely on it: creating, the status, giving fields up, lists by key, conflicts and taking over.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { APPLY, STRATEGIC, type Answer, type ApiClient, type Json, type KubeJson } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const pods = "/api/v1/namespaces/test/pods";
const deployments = "/apis/apps/v1/namespaces/test/deployments";

const pod = (name: string, containers: readonly Json[] = [{ name: "c", image: "i:1" }], metadata: Json = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers },
});
const deployment = (name: string, spec: Json = {}, container: Json = { image: "nginx:latest" }) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, labels: { app: "nginx" } },
  spec: {
    selector: { matchLabels: { app: "nginx" } },
    template: { metadata: { labels: { app: "nginx" } }, spec: { containers: [{ name: "nginx", ...container }] } },
    ...spec,
  },
});
interface Owner {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1: Json;
}
const ownersOf = ({ metadata }: KubeJson) => metadata.managedFields as readonly Owner[];

describe("conformance: server-side apply", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  const ask = (path: string, body: unknown, options = "fieldManager=apply_test"): Promise<Answer> =>
    api.ask("PATCH", `${path}?${options}`, { body, type: APPLY });
  const apply = async (path: string, body: unknown, options?: string): Promise<KubeJson> => {
    const { code, text, data } = await ask(path, body, options);
    if (code >= 300) throw new Error(`${code} ${text}`);
    return data;
  };

  it("creates what is not there, answering 201, and nothing the second time", async () => {
    const first = await ask(`${pods}/test-pod`, pod("test-pod"));
    expect(first.code).to.equal(201);
    const second = await ask(`${pods}/test-pod`, pod("test-pod"));
    expect(second.code).to.equal(200);
    expect(second.data).to.deep.equal(first.data);
    expect(ownersOf(second.data).map(({ manager, operation }) => [manager, operation])).to.deep.equal([
      ["apply_test", "Apply"],
    ]);
  });

  it("leaves the status to its subresource, and the rest to the object", async () => {
    const container = [{ name: "c", image: "i:1" }];
    const conditions = [{ type: "MyStatus", status: "True" }];
    await apply(`${pods}/with-status`, { ...pod("with-status", container), status: { conditions } });
    expect(await api.get(`${pods}/with-status`)).not.to.have.nested.property("status.conditions");
    const status = { ...pod("with-status", [{ name: "c", image: "i:2" }]), status: { conditions } };
    const applied = await apply(`${pods}/with-status/status`, status, "fieldManager=status_test");
    expect(applied).to.have.nested.property("status.conditions[0].type", "MyStatus");
    expect(applied).to.have.nested.property("spec.containers[0].image", "i:1");
    const owner = ownersOf(applied).find(({ manager }) => manager === "status_test");
    expect(owner).to.include({ operation: "Apply", subresource: "status" });
    expect(Object.keys(owner?.fieldsV1 ?? {})).to.deep.equal(["f:status"]);
  });

  it("creates nothing through the status", async () => {
    const { code, data } = await ask(`${pods}/nobody/status`, pod("nobody"));
    expect([code, data.reason]).to.deep.equal([404, "NotFound"]);
  });

  it("removes a field that its manager leaves out, unless another has it, too", async () => {
    const path = `${deployments}/giving-up`;
    await apply(path, deployment("giving-up", { replicas: 5, minReadySeconds: 3 }));
    await apply(path, deployment("giving-up", { minReadySeconds: 3 }), "fieldManager=other");
    const left = await apply(path, deployment("giving-up"));
    expect(left.spec, "replicas are back at their default").to.include({ replicas: 1, minReadySeconds: 3 });
  });

  it("leaves what nobody applies alone", async () => {
    const path = `${deployments}/unowned`;
    await apply(path, deployment("unowned"));
    const more = { spec: { template: { spec: { containers: [{ name: "sidecar", image: "s:1" }] } } } };
    await api.patch(`${path}?fieldManager=kubectl`, more, STRATEGIC);
    await api.patch(`${path}?fieldManager=kubectl`, { spec: { replicas: 3 } });
    const applied = await apply(path, deployment("unowned"));
    expect(applied).to.have.nested.property("spec.replicas", 3);
    const { containers } = (applied.spec as { template: { spec: { containers: readonly Json[] } } }).template.spec;
    expect(containers.map(({ name }) => name)).to.have.members(["nginx", "sidecar"]);
  });

  it("merges a list by its keys, and removes only the elements that the manager had", async () => {
    const path = `${deployments}/lists`;
    const port = (containerPort: number, name: string) => ({ containerPort, name, protocol: "TCP" });
    const withPorts = (...ports: readonly Json[]) => deployment("lists", {}, { image: "i", ports });
    await apply(path, withPorts(port(80, "a"), port(81, "b")), "fieldManager=one");
    await apply(path, withPorts(port(82, "c")), "fieldManager=two");
    const applied = await apply(path, withPorts(port(81, "b")), "fieldManager=one");
    expect(applied.spec).to.have.deep.nested.property("template.spec.containers[0].ports", [
      port(81, "b"),
      port(82, "c"),
    ]);
    const renamed = await apply(path, withPorts(port(81, "renamed")), "fieldManager=one");
    expect(renamed.spec).to.have.nested.property("template.spec.containers[0].ports[0].name", "renamed");
  });

  it("takes null for a list or a map as nothing", async () => {
    const applied = await apply(
      `${pods}/null-items`,
      pod("null-items", undefined, { labels: null, annotations: null }),
    );
    expect(applied.metadata).not.to.have.any.keys("labels", "annotations");
    const again = await apply(
      `${pods}/null-items`,
      pod("null-items", [{ name: "c", image: "i:1", env: null, args: null }]),
    );
    expect(again.spec).not.to.have.nested.property("containers[0].env");
  });

  it("names every conflict with its manager and field, and takes over by force", async () => {
    const path = `${deployments}/conflict`;
    await apply(path, deployment("conflict", { replicas: 3 }), "fieldManager=first");
    const refused = await ask(path, deployment("conflict", { replicas: 4 }, { image: "other" }), "fieldManager=second");
    expect(refused.code).to.equal(409);
    expect(refused.data).to.include({ reason: "Conflict" });
    expect(refused.data).to.have.deep.nested.property("details.causes", [
      { reason: "FieldManagerConflict", message: 'conflict with "first"', field: ".spec.replicas" },
      {
        reason: "FieldManagerConflict",
        message: 'conflict with "first"',
        field: '.spec.template.spec.containers[name="nginx"].image',
      },
    ]);
    expect(refused.data.message).to.match(
      /^Apply failed with 2 conflicts: conflicts with "first":\n- \.spec\.replicas\n- /,
    );
    const forced = await apply(path, deployment("conflict", { replicas: 4 }), "fieldManager=second&force=true");
    expect(forced.spec).to.include({ replicas: 4 });
    const first = ownersOf(forced).find(({ manager }) => manager === "first");
    expect(first?.fieldsV1).not.to.have.nested.property("f:spec.f:replicas");
  });

  it("conflicts with a plain update, whose manager is named with its version", async () => {
    const path = `${deployments}/updated`;
    await apply(path, deployment("updated", { replicas: 3 }));
    await api.patch(`${path}?fieldManager=updater`, { spec: { replicas: 5 } });
    const { code, data } = await ask(path, deployment("updated", { replicas: 3 }));
    expect(code).to.equal(409);
    expect(data.message).to.match(
      /^Apply failed with 1 conflict: conflict with "updater" using apps\/v1: \.spec\.replicas$/,
    );
  });

  it("needs a manager, and force is of use to apply only", async () => {
    const none = await ask(`${pods}/x`, pod("x"), "force=true");
    expect([none.code, none.data.message]).to.deep.equal([
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ]);
    const forced = await api.ask("PATCH", `${pods}/test-pod?force=true`, { body: {}, type: STRATEGIC });
    expect(forced.code).to.equal(422);
  });

  it("applies the scale, and owns replicas through it", async () => {
    const path = `${deployments}/scaled`;
    await apply(path, deployment("scaled", { replicas: 1 }));
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "scaled" }, spec: { replicas: 5 } };
    const refused = await ask(`${path}/scale`, scale, "fieldManager=scaler");
    expect(refused.code).to.equal(409);
    const scaled = await apply(`${path}/scale`, scale, "fieldManager=scaler&force=true");
    expect(scaled).to.include({ kind: "Scale" });
    const owner = ownersOf(await api.get(path)).find(({ manager }) => manager === "scaler");
    expect(owner).to.deep.include({ subresource: "scale", fieldsV1: { "f:spec": { "f:replicas": {} } } });
  });

  it("clears managed fields on demand, and keeps what was there from whoever applies next", async () => {
    const path = `${deployments}/cleared`;
    await apply(path, deployment("cleared"));
    const cleared = await api.patch(path, { metadata: { managedFields: [{}] } });
    expect(cleared.metadata.managedFields).to.equal(undefined);
    const other = deployment("cleared", { replicas: 2 });
    const refused = await ask(path, other);
    expect(refused.data.message).to.contain('conflict with "before-first-apply" using apps/v1: .spec.replicas');
    const forced = await apply(path, other, "fieldManager=apply_test&force=true");
    expect(ownersOf(forced).map(({ manager }) => manager)).to.have.members(["before-first-apply", "apply_test"]);
  });

  it("refuses a configuration that brings managed fields, or another's uid", async () => {
    const path = `${pods}/test-pod`;
    const managed = pod("test-pod", undefined, { managedFields: [] });
    expect((await ask(path, managed)).code).to.equal(400);
    const { code, data } = await ask(path, pod("test-pod", undefined, { uid: "another" }));
    expect([code, data.reason]).to.deep.equal([409, "Conflict"]);
    const nowhere = await ask(`${pods}/new-pod`, pod("new-pod", undefined, { uid: "another" }));
    expect([nowhere.code, nowhere.data.reason]).to.deep.equal([409, "Conflict"]);
  });
});
