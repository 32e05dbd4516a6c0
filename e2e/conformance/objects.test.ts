// What single kinds owe their users: pods' status and ephemeral containers, immutable data, events, classes, roles of names.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import { JSON_PATCH, MERGE, STRATEGIC, type ApiClient, type Json } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const root = "/api/v1/namespaces/test";
const pod = (name: string, spec: Json = {}) => ({
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: "c", image: "registry.k8s.io/pause:3.10" }], ...spec },
});

describe("conformance: what single kinds do", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
  });
  after(() => cluster.remove());

  const refusalOf = async (method: "POST" | "PATCH", path: string, body: unknown) => {
    const { code, data } = await api.ask(method, path, { body, ...(method === "PATCH" && { type: MERGE }) });
    return { code, reason: data.reason, message: data.message };
  };

  it("patches and replaces the status of a pod", async () => {
    await api.post(`${root}/pods`, pod("status"));
    const condition = { type: "DisruptionTarget", status: "True", reason: "E2E", message: "Set from an e2e test" };
    const patched = await api.patch(`${root}/pods/status/status`, {
      status: { message: "Patched by e2e test", reason: "E2E" },
    });
    expect(patched.status).to.include({
      message: "Patched by e2e test",
      reason: "E2E",
      phase: "Pending",
      qosClass: "BestEffort",
    });
    const merged = await api.patch(`${root}/pods/status/status`, { status: { conditions: [condition] } }, STRATEGIC);
    expect(merged).to.have.nested.property("status.conditions[0]").that.includes(condition);
    const updated = await api.put(`${root}/pods/status/status`, {
      ...merged,
      status: { ...(merged.status as Json), reason: "Put" },
    });
    expect(updated.status).to.include({ reason: "Put" });
    expect(await api.get(`${root}/pods/status/status`)).to.deep.equal(updated);
  });

  it("adds ephemeral containers, and never takes one away", async () => {
    await api.post(`${root}/pods`, pod("debugged"));
    const path = `${root}/pods/debugged/ephemeralcontainers`;
    const debuggerOf = (name: string) => ({ name, image: "busybox", command: ["/bin/sh"], stdin: true, tty: true });
    const added = await api.patch(path, { spec: { ephemeralContainers: [debuggerOf("one")] } }, STRATEGIC);
    expect(added).to.have.nested.property("spec.ephemeralContainers[0].name", "one");
    const spec = { ...(added.spec as Json), ephemeralContainers: [debuggerOf("one"), debuggerOf("two")] };
    await api.put(path, { ...added, spec });
    expect(await api.get(path))
      .to.have.nested.property("spec.ephemeralContainers")
      .with.length(2);
    const taken = await refusalOf("PATCH", path, { spec: { ephemeralContainers: [debuggerOf("two")] } });
    expect(taken).to.include({ code: 422, reason: "Invalid" });
    expect(taken.message).to.contain(
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "one" may not be removed',
    );
  });

  it("lets a pod's images, deadline and labels change, and nothing else of its spec", async () => {
    await api.post(`${root}/pods`, pod("changed"));
    const path = `${root}/pods/changed`;
    await api.patch(path, { metadata: { labels: { time: "value" } }, spec: { activeDeadlineSeconds: 5 } });
    await api.patch(path, [{ op: "replace", path: "/spec/containers/0/image", value: "other:1" }], JSON_PATCH);
    const refused = await refusalOf("PATCH", path, { spec: { hostname: "other" } });
    expect(refused).to.include({ code: 422, reason: "Invalid" });
    expect(refused.message).to.contain(
      "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    );
  });

  it("deletes pods together by label", async () => {
    for (const name of ["set-1", "set-2", "set-3"]) {
      await api.post(`${root}/pods`, { ...pod(name), metadata: { name, labels: { type: "Testing" } } });
    }
    await api.delete(`${root}/pods?labelSelector=type%3DTesting`, { gracePeriodSeconds: 0 });
    expect((await api.get(`${root}/pods?labelSelector=type%3DTesting`)).items).to.deep.equal([]);
  });

  for (const [plural, kind, data] of [
    ["configmaps", "ConfigMap", { key: "value" }],
    ["secrets", "Secret", { key: "dmFsdWU=" }],
  ] as const) {
    it(`keeps the data of immutable ${plural}, and the mark itself`, async () => {
      await api.post(`${root}/${plural}`, { metadata: { name: "fixed" }, data });
      const path = `${root}/${plural}/fixed`;
      await api.patch(path, { immutable: true });
      const detail = (field: string) =>
        `${kind} "fixed" is invalid: ${field}: Forbidden: field is immutable when \`immutable\` is set`;
      for (const [change, field] of [
        [{ data: { key: "b3RoZXI=" } }, "data"],
        [{ immutable: false }, "immutable"],
        [{ immutable: null }, "immutable"],
      ] as const) {
        expect(await refusalOf("PATCH", path, change)).to.deep.equal({
          code: 422,
          reason: "Invalid",
          message: detail(field),
        });
      }
      await api.patch(path, { metadata: { labels: { still: "free" } } });
      await api.delete(path);
    });

    it(`refuses ${plural} with an empty key`, async () => {
      const refused = await refusalOf("POST", `${root}/${plural}`, {
        metadata: { name: "empty" },
        data: { "": "dmFsdWU=" },
      });
      expect(refused).to.include({ code: 422, reason: "Invalid" });
      expect(refused.message).to.contain('data[]: Invalid value: "": ');
    });
  }

  it("finds and patches secrets in all namespaces by label, and deletes them together", async () => {
    const labels = { testsecret: "yes" };
    await api.post(`${root}/secrets`, { metadata: { name: "labelled", labels }, data: { key: "dmFsdWU=" } });
    const patched = await api.patch(
      `${root}/secrets/labelled`,
      { metadata: { labels: { testsecret: "true" } }, data: { key: "cGF0Y2g=" } },
      STRATEGIC,
    );
    expect(patched.data).to.deep.equal({ key: "cGF0Y2g=" });
    const found = await api.get("/api/v1/secrets?labelSelector=testsecret%3Dtrue");
    expect(found.items.map(({ metadata }) => metadata.name)).to.deep.equal(["labelled"]);
    await api.delete(`${root}/secrets?labelSelector=testsecret%3Dtrue`);
    expect((await api.get("/api/v1/secrets?labelSelector=testsecret%3Dtrue")).items).to.deep.equal([]);
  });

  it("keeps the value and the preemption policy of a priority class", async () => {
    const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    await api.post(classes, { metadata: { name: "p1" }, value: 10, description: "d" });
    await api.patch(`${classes}/p1`, { description: "updated", globalDefault: false });
    expect((await refusalOf("PATCH", `${classes}/p1`, { value: 11 })).message).to.equal(
      'PriorityClass.scheduling.k8s.io "p1" is invalid: value: Forbidden: may not be changed in an update.',
    );
    expect((await refusalOf("PATCH", `${classes}/p1`, { preemptionPolicy: "Never" })).message).to.match(
      /^PriorityClass.scheduling.k8s.io "p1" is invalid: preemptionPolicy: (Forbidden|Invalid value)/,
    );
    await api.delete(`${classes}/p1`);
  });

  it("shows one event in both of its versions, and selects by its fields", async () => {
    const core = `${root}/events`;
    const grouped = "/apis/events.k8s.io/v1/namespaces/test/events";
    await api.post(grouped, {
      metadata: { name: "seen", labels: { "testevent-constant": "true" } },
      eventTime: "2017-09-19T13:49:16.000000Z",
      action: "Do",
      reason: "Test",
      type: "Normal",
      note: "This is event",
      regarding: { kind: "Pod", name: "p", namespace: "test" },
      reportingController: "test-controller",
      reportingInstance: "test-node",
    });
    const asCore = await api.get(`${core}/seen`);
    expect(asCore).to.deep.include({
      kind: "Event",
      apiVersion: "v1",
      message: "This is event",
      involvedObject: { kind: "Pod", name: "p", namespace: "test" },
      reportingComponent: "test-controller",
      eventTime: "2017-09-19T13:49:16.000000Z",
    });
    for (const path of [
      `${grouped}?fieldSelector=reportingController%3Dtest-controller`,
      `${core}?fieldSelector=involvedObject.name%3Dp,reason%3DTest`,
      "/apis/events.k8s.io/v1/events?labelSelector=testevent-constant%3Dtrue",
    ]) {
      expect((await api.get(path)).items, path).to.have.length(1);
    }
    const series = { count: 100, lastObservedTime: "2014-09-19T13:50:16.000000Z" };
    const patched = await api.patch(`${grouped}/seen`, { series }, STRATEGIC);
    expect(patched.series).to.deep.equal(series);
    const old = {
      metadata: { name: "old" },
      involvedObject: { namespace: "test", kind: "Pod" },
      reason: "Test",
      message: "first",
      source: { component: "c" },
    };
    await api.post(core, old);
    await api.patch(`${core}/old`, { message: "second" }, STRATEGIC);
    expect(await api.get(`${grouped}/old`)).to.include({ note: "second" });
    await api.delete(`${grouped}?labelSelector=testevent-constant%3Dtrue`);
    expect((await api.get(core)).items.map(({ metadata }) => metadata.name)).to.deep.equal(["old"]);
  });

  it("walks a replication controller through its life", async () => {
    const controllers = `${root}/replicationcontrollers`;
    const template = { metadata: { labels: { rc: "life" } }, spec: pod("x").spec };
    await api.post(controllers, {
      metadata: { name: "life", labels: { rc: "life" } },
      spec: { replicas: 1, template },
    });
    const created = await api.get(`${controllers}/life`);
    expect(created.spec, "the selector is that of the template").to.deep.include({ selector: { rc: "life" } });
    await api.patch(`${controllers}/life/status`, { status: { readyReplicas: 0, availableReplicas: 0, replicas: 0 } });
    await api.patch(`${controllers}/life/scale`, { spec: { replicas: 2 } });
    const found = await api.get("/api/v1/replicationcontrollers?labelSelector=rc%3Dlife");
    expect(found.items[0]).to.have.nested.property("spec.replicas", 2);
    await api.delete(`${controllers}?labelSelector=rc%3Dlife`, { propagationPolicy: "Background" });
    expect((await api.get(`${controllers}?labelSelector=rc%3Dlife`)).items).to.deep.equal([]);
  });

  it("changes the kind of a service, and gives it what the kind needs", async () => {
    const services = `${root}/services`;
    const created = await api.post(services, {
      metadata: { name: "kinds" },
      spec: { type: "ExternalName", externalName: "example.com" },
    });
    expect(created.spec).to.deep.equal({ type: "ExternalName", externalName: "example.com", sessionAffinity: "None" });
    const ports = [{ port: 80, protocol: "TCP", targetPort: 9376 }];
    const clusterIp = await api.put(`${services}/kinds`, { ...created, spec: { type: "ClusterIP", ports } });
    expect(clusterIp.spec)
      .to.include.keys("clusterIP", "clusterIPs", "ipFamilies")
      .and.not.have.property("externalName");
    const nodePort = await api.patch(`${services}/kinds`, { spec: { type: "NodePort" } });
    expect(nodePort).to.have.nested.property("spec.ports[0].nodePort").that.is.within(30000, 32767);
    const back = await api.put(`${services}/kinds`, {
      ...nodePort,
      spec: { type: "ExternalName", externalName: "foo.com" },
    });
    expect(back.spec).not.to.have.any.keys("clusterIP", "ports");
    await api.delete(`${services}/kinds`);
  });

  it("deletes services together by label", async () => {
    const services = `${root}/services`;
    for (const [name, label] of [
      ["s-1", "yes"],
      ["s-2", "yes"],
      ["s-3", "no"],
    ]) {
      await api.post(services, { metadata: { name, labels: { collection: label } }, spec: { ports: [{ port: 80 }] } });
    }
    await api.delete(`${services}?labelSelector=collection%3Dyes`);
    expect((await api.get(services)).items.map(({ metadata }) => metadata.name)).to.deep.equal(["s-3"]);
  });
});
