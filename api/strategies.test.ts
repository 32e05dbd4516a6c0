// What the server decides when objects are written, for the kinds with few such rules. Pods and services have tests of their
// own.

import { expect } from "chai";
import { deployments } from "./apps/deployment.ts";
import { replicaSets } from "./apps/replica-set.ts";
import { namespaces } from "./core/namespace.ts";
import { nodes } from "./core/node.ts";
import { serviceAccounts } from "./core/service-account.ts";
import { endpointSlices } from "./discovery/endpoint-slice.ts";
import { storedObject } from "../testing/stored-object.ts";

const template = { spec: { containers: [{ name: "c", image: "i" }] } };
const spec = { selector: { matchLabels: { a: "b" } }, template };

const NOW = "1970-01-01T00:01:00Z";

describe("a deployment that is written", () => {
  const status = { replicas: 3 };
  const old = storedObject(deployments, { metadata: { generation: 2, labels: { a: "b" } }, spec, status });

  it("begins without a status, at generation 1", () => {
    const created = deployments.prepare?.(old);
    expect(created?.status).to.deep.equal({});
    expect(created?.metadata.generation).to.equal(1);
  });

  it("counts changes of its spec and of its annotations, not of its labels", () => {
    const generationOf = (fields: object) =>
      deployments.prepare?.(storedObject(deployments, { spec, ...fields }), old).metadata.generation;
    expect(generationOf({ metadata: { labels: { c: "d" } } })).to.equal(2);
    expect(generationOf({ metadata: { annotations: { c: "d" } } })).to.equal(3);
    expect(generationOf({ spec: { ...spec, replicas: 5 } })).to.equal(3);
  });

  it("keeps spec, labels and generation when its status is written", () => {
    const next = storedObject(deployments, { spec: { ...spec, replicas: 9 }, status: { replicas: 4 } });
    const written = deployments.prepareStatus?.(next, old, NOW);
    expect(written?.spec).to.equal(old.spec);
    expect(written?.metadata).to.deep.include({ generation: 2, labels: { a: "b" } });
    expect(written?.status.replicas).to.equal(4);
  });
});

describe("other objects that are written", () => {
  it("begin as a replica set with no pods", () => {
    const created = replicaSets.prepare?.(storedObject(replicaSets, { spec, status: { replicas: 3 } }));
    expect(created?.status).to.deep.equal({ replicas: 0 });
  });

  it("begin as an active namespace with its finalizer and its name as a label", () => {
    const created = namespaces.prepare?.(storedObject(namespaces, { status: { phase: "Terminating" } }));
    expect(created?.spec.finalizers).to.deep.equal(["kubernetes"]);
    expect(created?.status).to.deep.equal({ phase: "Active" });
    expect(created?.metadata.labels).to.deep.equal({ "kubernetes.io/metadata.name": "test" });
  });

  it("leave a namespace's finalizers and phase alone afterwards", () => {
    const old = storedObject(namespaces, { spec: { finalizers: ["kubernetes"] }, status: { phase: "Terminating" } });
    const updated = namespaces.prepare?.(storedObject(namespaces, {}), old);
    expect(updated?.spec).to.equal(old.spec);
    expect(updated?.status).to.equal(old.status);
  });

  it("let a kubelet register its node with a status, and keep it afterwards", () => {
    const node = storedObject(nodes, { status: { capacity: { cpu: "1" } } });
    expect(nodes.prepare?.(node).status.allocatable).to.deep.equal({ cpu: "1" });
    expect(nodes.prepare?.(storedObject(nodes), node).status).to.equal(node.status);
  });

  it("count an endpoint slice's changes, of its labels too", () => {
    const slice = (labels: object, addresses: string[]) =>
      storedObject(endpointSlices, {
        metadata: { labels, generation: 3 },
        addressType: "IPv4",
        endpoints: [{ addresses }],
      });
    const old = slice({}, ["10.0.0.1"]);
    const generationOf = (next: typeof old) => endpointSlices.prepare?.(next, old).metadata.generation;
    expect(generationOf(slice({}, ["10.0.0.1"]))).to.equal(3);
    expect(generationOf(slice({}, ["10.0.0.2"]))).to.equal(4);
    expect(generationOf(slice({ a: "b" }, ["10.0.0.1"]))).to.equal(4);
  });

  it("keep of a service account's secrets the names only", () => {
    const account = storedObject(serviceAccounts, { secrets: [{ name: "s", namespace: "other", kind: "Secret" }] });
    expect(serviceAccounts.prepare?.(account).secrets).to.deep.equal([{ name: "s" }]);
  });
});
