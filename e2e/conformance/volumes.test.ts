// Volumes, claims, classes of ingress and ranges of addresses: what conformance asks beyond the operations of every kind.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { MERGE, STRATEGIC, type ApiClient, type Json } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const volumes = "/api/v1/persistentvolumes";
const claims = "/api/v1/namespaces/test/persistentvolumeclaims";
const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "Set from an e2e test" };
const volume = (name: string) => ({
  metadata: { name, labels: { e2e: "volumes" } },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    hostPath: { path: "/tmp/e2e" },
    storageClassName: "e2e",
  },
});
const claim = (name: string) => ({
  metadata: { name, labels: { e2e: "claims" } },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName: "e2e" },
});

describe("conformance: volumes and claims", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  for (const [kind, collection, build] of [
    ["volume", volumes, volume],
    ["claim", claims, claim],
  ] as const) {
    it(`walks a ${kind} through its life, which its protection prolongs`, async () => {
      const created = await api.post(collection, build("walked"));
      const protection = kind === "volume" ? "kubernetes.io/pv-protection" : "kubernetes.io/pvc-protection";
      expect(created.metadata.finalizers).to.deep.equal([protection]);
      const item = `${collection}/walked`;
      await api.patch(item, { metadata: { labels: { patched: "yes" } } }, STRATEGIC);
      const found = await api.get(`${collection}?labelSelector=patched%3Dyes`);
      expect(found.items).to.have.length(1);
      const updated = await api.put(item, {
        ...found.items[0],
        metadata: { ...found.items[0]?.metadata, labels: { e2e: "new" } },
      });
      expect(updated.metadata.labels).to.deep.equal({ e2e: "new" });
      const marked = await api.delete(item);
      expect(marked.metadata.deletionTimestamp).to.be.a("string");
      await api.patch(item, { metadata: { finalizers: null } });
      for (const name of ["one", "two"]) await api.post(collection, build(name));
      const label = `labelSelector=e2e%3D${kind}s`;
      const { items } = await api.delete(`${collection}?${label}`);
      expect(items).to.have.length(2);
      for (const { metadata } of items)
        await api.patch(`${collection}/${metadata.name}`, { metadata: { finalizers: null } });
      expect((await api.get(collection)).items).to.deep.equal([]);
    });
  }

  it("patches and replaces the status of a claim", async () => {
    await api.post(claims, claim("status"));
    const path = `${claims}/status/status`;
    const patched = await api.patch(path, { status: { conditions: [condition] } });
    expect(patched.status).to.deep.nested.include({ phase: "Pending" });
    expect(patched).to.have.nested.property("status.conditions[0]").that.includes(condition);
    const next = { ...(patched.status as Json), conditions: [{ ...condition, message: "again" }] };
    const updated = await api.put(path, { ...patched, status: next });
    expect(updated).to.have.nested.property("status.conditions[0].message", "again");
    expect(await api.get(path)).to.deep.equal(updated);
  });

  it("patches and replaces the status of a volume", async () => {
    await api.post(volumes, volume("status"));
    const path = `${volumes}/status/status`;
    const patched = await api.patch(path, { status: { message: "E2E", reason: "Patched" } });
    expect(patched.status).to.include({ phase: "Pending", message: "E2E", reason: "Patched" });
    const updated = await api.put(path, { ...patched, status: { ...(patched.status as Json), phase: "Available" } });
    expect(updated.status).to.include({ phase: "Available" });
  });

  it("lets the spec of a claim alone after it was made, apart from what may grow", async () => {
    await api.post(claims, claim("fixed"));
    const { code, data } = await api.ask("PATCH", `${claims}/fixed`, {
      body: { spec: { storageClassName: "x" } },
      type: MERGE,
    });
    expect(code).to.equal(422);
    expect(data.message).to.match(
      /^PersistentVolumeClaim "fixed" is invalid: spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims/,
    );
  });

  it("keeps what is fixed in a storage class", async () => {
    const classes = "/apis/storage.k8s.io/v1/storageclasses";
    await api.post(classes, { metadata: { name: "fixed" }, provisioner: "e2e" });
    for (const change of [{ provisioner: "other" }, { reclaimPolicy: "Retain" }, { parameters: { a: "b" } }]) {
      expect((await api.ask("PATCH", `${classes}/fixed`, { body: change, type: MERGE })).code).to.be.oneOf([403, 422]);
    }
    await api.delete(`${classes}/fixed`);
  });

  it("gives an ingress without a class the default one, and names a class's parameters", async () => {
    const classes = "/apis/networking.k8s.io/v1/ingressclasses";
    const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" };
    const parameters = { apiGroup: "k8s.example.com", kind: "Parameters", name: "p" };
    const created = await api.post(classes, {
      metadata: { name: "default", annotations },
      spec: { controller: "example.com/c", parameters },
    });
    expect(created.spec).to.deep.include({ parameters: { ...parameters, scope: "Cluster" } });
    const defaultBackend = { service: { name: "s", port: { number: 80 } } };
    const ingress = await api.post("/apis/networking.k8s.io/v1/namespaces/test/ingresses", {
      metadata: { name: "i" },
      spec: { defaultBackend },
    });
    expect(ingress.spec).to.include({ ingressClassName: "default" });
    await api.delete(`${classes}/default`);
  });
});
