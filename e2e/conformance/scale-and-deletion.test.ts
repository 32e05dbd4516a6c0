// The scale of what has replicas, and what deleting does to what is owned: propagation, finalizers and preconditions.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { JSON_PATCH, MERGE, STRATEGIC, type ApiClient, type Json } from "./api-client.ts";
import { rootOf } from "./api-operations.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";
import { template } from "./workload-operations.ts";

const selector = { matchLabels: { app: "web" } };
const SCALED: readonly [apiVersion: string, plural: string, spec: Json][] = [
  ["apps/v1", "deployments", { selector }],
  ["apps/v1", "replicasets", { selector }],
  ["apps/v1", "statefulsets", { selector, serviceName: "web" }],
  ["v1", "replicationcontrollers", { selector: { app: "web" } }],
];

describe("conformance: scales and deletion", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  for (const [apiVersion, plural, spec] of SCALED) {
    it(`reads, replaces and patches the scale of ${plural}`, async () => {
      const collection = `${rootOf(apiVersion)}/namespaces/test/${plural}`;
      const created = await api.post(collection, {
        metadata: { name: "s" },
        spec: { ...spec, replicas: 1, template: template() },
      });
      const path = `${collection}/s/scale`;
      const scale = await api.get(path);
      expect(scale).to.deep.include({ apiVersion: "autoscaling/v1", kind: "Scale", spec: { replicas: 1 } });
      expect(scale.status).to.deep.equal({ replicas: 0, selector: "app=web" });
      expect(scale.metadata).to.include({ name: "s", namespace: "test", uid: created.metadata.uid });
      const updated = await api.put(path, { ...scale, spec: { replicas: 2 } });
      expect(updated.spec).to.deep.equal({ replicas: 2 });
      expect((await api.ask("PUT", path, { body: scale })).code, "its version is old").to.equal(409);
      for (const [type, body, replicas] of [
        [MERGE, { spec: { replicas: 4 } }, 4],
        [STRATEGIC, { spec: { replicas: 5 } }, 5],
        [JSON_PATCH, [{ op: "replace", path: "/spec/replicas", value: 0 }], 0],
      ] as const) {
        await api.patch(path, body, type);
        expect(await api.get(`${collection}/s`)).to.have.nested.property("spec.replicas", replicas);
      }
      const refused = await api.ask("PATCH", path, { body: { spec: { replicas: -1 } }, type: MERGE });
      expect([refused.code, refused.data.reason]).to.deep.equal([422, "Invalid"]);
      expect(refused.data.message).to.match(/spec\.replicas: Invalid value: -1: must be greater than or equal to 0/);
      await api.delete(`${collection}/s`, { propagationPolicy: "Background" });
    });
  }

  const configMaps = "/api/v1/namespaces/test/configmaps";

  it("deletes only the object of the uid and the version that are asked for", async () => {
    const { metadata } = await api.post(configMaps, { metadata: { name: "precious" } });
    const item = `${configMaps}/precious`;
    const changed = await api.patch(item, { data: { a: "1" } });
    for (const [preconditions, message] of [
      [
        { uid: "other" },
        `the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      ],
      [
        { resourceVersion: metadata.resourceVersion },
        `the ResourceVersion in the precondition (${metadata.resourceVersion}) does not match the ResourceVersion in record (${changed.metadata.resourceVersion}). The object might have been modified`,
      ],
    ] as const) {
      const { code, data } = await api.ask("DELETE", item, { body: { preconditions } });
      expect([code, data.reason]).to.deep.equal([409, "Conflict"]);
      expect(data.message).to.equal(`Operation cannot be fulfilled on ConfigMap "precious": ${message}`);
    }
    const { uid, resourceVersion } = changed.metadata;
    const deleted = await api.delete(item, { preconditions: { uid, resourceVersion } });
    expect(deleted).to.deep.include({
      kind: "Status",
      status: "Success",
      details: { name: "precious", kind: "configmaps", uid },
    });
  });

  it("marks what has finalizers, and lets it go with the last", async () => {
    const finalizers = ["example.com/one", "example.com/two"];
    await api.post(configMaps, { metadata: { name: "held", finalizers } });
    const item = `${configMaps}/held`;
    const marked = await api.delete(item);
    expect(marked.metadata)
      .to.include.keys("deletionTimestamp")
      .and.to.deep.include({ finalizers, deletionGracePeriodSeconds: 0 });
    const again = await api.delete(item);
    expect(again.metadata.deletionTimestamp).to.equal(marked.metadata.deletionTimestamp);
    const more = await api.ask("PATCH", item, {
      body: { metadata: { finalizers: [...finalizers, "example.com/three"] } },
      type: MERGE,
    });
    expect([more.code, more.data.reason]).to.deep.equal([422, "Invalid"]);
    await api.patch(item, { metadata: { finalizers: ["example.com/two"] } });
    const last = await api.patch(item, { metadata: { finalizers: null } });
    expect(last.metadata).not.to.have.property("finalizers");
    expect((await api.ask("GET", item)).code).to.equal(404);
  });

  it("leaves deleting to the collector, as the propagation policy says", async () => {
    const collection = "/apis/apps/v1/namespaces/test/replicasets";
    const create = (name: string) =>
      api.post(collection, {
        metadata: { name, labels: { set: "yes" } },
        spec: { replicas: 0, selector, template: template() },
      });
    for (const [policy, finalizer] of [
      ["Foreground", "foregroundDeletion"],
      ["Orphan", "orphan"],
    ]) {
      await create("a");
      const deleted = await api.delete(`${collection}/a`, { propagationPolicy: policy });
      expect(deleted.metadata.finalizers).to.deep.equal([finalizer]);
      await api.patch(`${collection}/a`, { metadata: { finalizers: null } });
    }
    for (const name of ["a", "b"]) await create(name);
    const { items } = await api.delete(`${collection}?labelSelector=set%3Dyes&propagationPolicy=Foreground`);
    expect(items.map(({ metadata }) => metadata.finalizers)).to.deep.equal([
      ["foregroundDeletion"],
      ["foregroundDeletion"],
    ]);
    for (const name of ["a", "b"]) await api.patch(`${collection}/${name}`, { metadata: { finalizers: null } });
    const both = await api.ask("DELETE", `${collection}/x`, {
      body: { orphanDependents: true, propagationPolicy: "Orphan" },
    });
    expect(both.code).to.equal(422);
  });

  it("tries without doing", async () => {
    await api.post(configMaps, { metadata: { name: "kept", labels: { dry: "run" } } });
    await api.post(`${configMaps}?dryRun=All`, { metadata: { name: "never" } });
    await api.delete(`${configMaps}/kept?dryRun=All`);
    await api.delete(configMaps, { dryRun: ["All"] });
    await api.patch(`${configMaps}/kept?dryRun=All`, { data: { a: "1" } });
    const { items } = await api.get(configMaps);
    expect(items.map(({ metadata, data }) => [metadata.name, data])).to.deep.equal([["kept", undefined]]);
  });
});
