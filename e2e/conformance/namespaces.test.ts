// Namespaces with the controllers at work: their life, their finalizers and status, and what is in them when they go.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { eventually } from "../waiting.ts";
import { MERGE, type ApiClient, type Json } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const at = (name: string) => `/api/v1/namespaces/${name}`;
const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Updated by an e2e test" };

describe("conformance: namespaces", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster(["apiserver", "controllers"]));
  });
  after(() => cluster.remove());

  const create = (name: string) => api.post("/api/v1/namespaces", { metadata: { name } });
  const untilGone = (name: string) =>
    eventually(`${name} is gone`, async () => (await api.ask("GET", at(name))).code === 404, 20_000);

  it("gives each its name as a label, its finalizer and its phase, and what controllers put into it", async () => {
    const created = await create("fresh");
    expect(created.metadata.labels).to.deep.equal({ "kubernetes.io/metadata.name": "fresh" });
    expect(created).to.deep.include({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
    await eventually("its service account is there", () => api.get(`${at("fresh")}/serviceaccounts/default`));
    const bundle = await eventually("its authorities are there", () =>
      api.get(`${at("fresh")}/configmaps/kube-root-ca.crt`),
    );
    expect(bundle)
      .to.have.nested.property("data.ca\\.crt")
      .that.matches(/BEGIN CERTIFICATE/);
  });

  it("is patched and updated, and keeps the label of its name", async () => {
    await create("patched");
    const patched = await api.patch(at("patched"), { metadata: { labels: { testLabel: "testValue" } } });
    expect(patched.metadata.labels).to.deep.equal({ "kubernetes.io/metadata.name": "patched", testLabel: "testValue" });
    const labels = { updated: "yes" };
    const updated = await api.put(at("patched"), { ...patched, metadata: { ...patched.metadata, labels } });
    expect(updated.metadata.labels).to.deep.equal({ "kubernetes.io/metadata.name": "patched", updated: "yes" });
  });

  it("has a status that is patched and updated", async () => {
    await create("with-status");
    const path = `${at("with-status")}/status`;
    const annotations = { "e2e-patched-ns-status": "with-status" };
    const patched = await api.patch(path, { metadata: { annotations }, status: { conditions: [condition] } });
    expect(patched.metadata.annotations).to.include(annotations);
    expect(patched).to.have.nested.property("status.conditions[0]").that.includes(condition);
    const next = { ...condition, message: "again" };
    const updated = await api.put(path, { ...patched, status: { ...(patched.status as Json), conditions: [next] } });
    expect(updated).to.have.nested.property("status.conditions[0].message", "again");
    expect(await api.get(path)).to.deep.equal(updated);
  });

  it("takes a finalizer through its own subresource, and waits for it", async () => {
    const created = await create("finalized");
    const finalizer = "e2e.example.com/fakeFinalizer";
    const spec = { finalizers: ["kubernetes", finalizer] };
    const ignored = await api.put(at("finalized"), { ...created, spec });
    expect(ignored.spec, "an update leaves them alone").to.deep.equal({ finalizers: ["kubernetes"] });
    const taken = await api.put(`${at("finalized")}/finalize`, { ...ignored, spec });
    expect(taken.spec).to.deep.equal(spec);
    await api.delete(at("finalized"));
    const left = await eventually("the controller has done its part", async () => {
      const now = await api.get(at("finalized"));
      return (now.spec as Json & { finalizers: string[] }).finalizers.length === 1 && now;
    });
    expect(left).to.deep.include({ spec: { finalizers: [finalizer] } });
    expect(left).to.have.nested.property("status.phase", "Terminating");
    await api.put(`${at("finalized")}/finalize`, { ...left, spec: { finalizers: [] } });
    await untilGone("finalized");
  });

  it("takes everything in it along, and nothing new comes in", async () => {
    await create("doomed");
    await api.post(`${at("doomed")}/services`, { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } });
    const held = { metadata: { name: "held", finalizers: ["example.com/hold"] } };
    await api.post(`${at("doomed")}/configmaps`, held);
    await api.delete(at("doomed"));
    const refused = await api.ask("POST", `${at("doomed")}/configmaps`, { body: { metadata: { name: "late" } } });
    expect(refused.code).to.equal(403);
    expect(refused.data).to.deep.include({
      reason: "Forbidden",
      message: `configmaps "late" is forbidden: unable to create new content in namespace doomed because it is being terminated`,
    });
    expect(refused.data).to.deep.nested.include({
      "details.causes[0]": {
        reason: "NamespaceTerminating",
        message: "namespace doomed is being terminated",
        field: "metadata.namespace",
      },
    });
    await eventually(
      "the service is gone",
      async () => (await api.ask("GET", `${at("doomed")}/services/s`)).code === 404,
    );
    const conditions = await eventually("its status tells what it waits for", async () => {
      const { conditions = [] } = (await api.get(at("doomed"))).status as { conditions?: readonly Json[] };
      return (
        conditions.some(({ type, status }) => type === "NamespaceFinalizersRemaining" && status === "True") &&
        conditions
      );
    });
    const remaining = conditions.find(({ type }) => type === "NamespaceContentRemaining");
    expect(remaining).to.include({
      status: "True",
      reason: "SomeResourcesRemain",
      message: "Some resources are remaining: configmaps. has 1 resource instances",
    });
    await api.ask("PATCH", `${at("doomed")}/configmaps/held`, {
      body: { metadata: { finalizers: null } },
      type: MERGE,
    });
    await untilGone("doomed");
    await create("doomed");
    expect((await api.get(`${at("doomed")}/services`)).items).to.deep.equal([]);
  });

  it("is listed by label, and of many all go", async () => {
    for (const name of ["many-1", "many-2", "many-3"]) {
      await api.post("/api/v1/namespaces", { metadata: { name, labels: { many: "yes" } } });
    }
    const { items } = await api.get("/api/v1/namespaces?labelSelector=many%3Dyes");
    expect(items.map(({ metadata }) => metadata.name)).to.deep.equal(["many-1", "many-2", "many-3"]);
    expect((await api.ask("DELETE", "/api/v1/namespaces?labelSelector=many%3Dyes")).code, "one by one only").to.equal(
      405,
    );
    await Promise.all(items.map(({ metadata }) => api.delete(at(metadata.name))));
    await Promise.all(items.map(({ metadata }) => untilGone(metadata.name)));
  });
});
