import { expect } from "chai";
import { configMaps } from "../../api/core/config-map.ts";
import type { FlowSchema } from "../../api/flowcontrol/flow-schema.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { MemoryStore } from "../storage/memory-store.ts";
import { systemObject } from "./system-object.ts";

const FLOW_SCHEMAS = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";

describe("what every cluster has", () => {
  let api: ApiHarness;
  const store = new MemoryStore();
  const namesOf = async (path: string) => (await api.get(path)).items?.map(({ metadata }) => metadata.name);
  before(async () => {
    api = await ApiHarness.start({ store, serviceCidr: "10.96.0.5/24" });
  });
  after(() => api.stop());

  it("is four namespaces, active and with their finalizer", async () => {
    expect(await namesOf("/api/v1/namespaces")).to.deep.equal([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
    expect(await api.get("/api/v1/namespaces/default")).to.deep.include({
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  });

  it("is the range of the services' addresses, ready", async () => {
    const range = await api.get("/apis/networking.k8s.io/v1/servicecidrs/kubernetes");
    expect(range.spec).to.deep.equal({ cidrs: ["10.96.0.0/24"] });
    expect(range).to.have.nested.property("status.conditions[0].type", "Ready");
    expect(range).to.have.nested.property("status.conditions[0].status", "True");
  });

  it("is flow schemas whose priority levels exist", async () => {
    const levels = (await namesOf("/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations")) ?? [];
    expect(levels).to.have.length(8);
    const { items = [] } = await api.get(FLOW_SCHEMAS);
    expect(items).to.have.length(13);
    for (const each of items as unknown as FlowSchema[]) {
      expect(levels).to.include(each.spec.priorityLevelConfiguration.name);
      expect(each.metadata.annotations).to.deep.equal({ "apf.kubernetes.io/autoupdate-spec": "true" });
      expect(each.status.conditions?.[0]).to.deep.include({ type: "Dangling", status: "False" });
    }
  });

  it("is made again where it is missing, and otherwise left as it is", async () => {
    const kept = await api.get(`${FLOW_SCHEMAS}/probes`);
    await api.call("DELETE", `${FLOW_SCHEMAS}/exempt`);
    const revision = await store.revision();
    const [first, second] = await Promise.all([ApiHarness.start({ store }), ApiHarness.start({ store })]);
    expect(await first.get(`${FLOW_SCHEMAS}/probes`)).to.deep.equal(kept);
    expect(await second.get(`${FLOW_SCHEMAS}/exempt`)).to.have.nested.property("spec.matchingPrecedence", 1);
    expect(await store.revision()).to.equal(revision + 1);
    first.stop();
    second.stop();
  });

  it("is tied to its kind", () => {
    const object = { metadata: { name: "a" } };
    expect(systemObject(configMaps, object)).to.deep.equal({ resource: configMaps, object });
  });
});
