import { expect } from "chai";
import { ApiHarness, type Data } from "../../testing/api-harness.ts";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

describe("discovery", () => {
  let api: ApiHarness;
  before(async () => {
    api = await ApiHarness.start();
  });
  after(() => api.stop());
  const fields = (data: Data) => data as unknown as Record<string, unknown>;

  it("lists the versions of the core group", async () => {
    expect(fields(await api.get("/api"))).to.deep.include({ kind: "APIVersions", versions: ["v1"] });
  });

  it("lists the groups", async () => {
    const { groups } = fields(await api.get("/apis")) as { groups: { name: string }[] };
    expect(groups.map(({ name }) => name)).to.deep.equal([
      "apps",
      "authentication.k8s.io",
      "coordination.k8s.io",
      "discovery.k8s.io",
      "placement.kctl.dev",
    ]);
    expect(groups[0]).to.deep.equal({
      name: "apps",
      versions: [{ groupVersion: "apps/v1", version: "v1" }],
      preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    });
    expect(fields(await api.get("/apis/apps"))).to.deep.include({ kind: "APIGroup", name: "apps" });
  });

  it("lists the resources of a version, with their subresources", async () => {
    const list = fields(await api.get("/apis/apps/v1")) as { resources: { name: string }[]; groupVersion: string };
    expect(list.groupVersion).to.equal("apps/v1");
    expect(list.resources.map(({ name }) => name)).to.deep.equal([
      "deployments",
      "deployments/scale",
      "deployments/status",
      "replicasets",
      "replicasets/scale",
      "replicasets/status",
    ]);
    expect(list.resources[0]).to.deep.equal({
      name: "deployments",
      singularName: "deployment",
      namespaced: true,
      kind: "Deployment",
      verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      shortNames: ["deploy"],
      categories: ["all"],
    });
    expect(list.resources[1]).to.deep.equal({
      name: "deployments/scale",
      singularName: "",
      namespaced: true,
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    });
  });

  it("says it all at once to those who ask for that", async () => {
    const { data, headers } = await api.call("GET", "/apis", { headers: { accept: `${AGGREGATED},application/json` } });
    expect(headers["content-type"]).to.equal(AGGREGATED);
    expect(data).to.include({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
    expect(data).to.have.nested.property("items[0].metadata.name", "apps");
    expect(data).to.have.nested.property("items[0].versions[0].resources[0].subresources[0].subresource", "scale");
    const core = await api.call("GET", "/api", { headers: { accept: AGGREGATED } });
    expect(core.data).to.have.nested.property("items[0].metadata.name", "");
  });

  it("sends nothing to those who have it already", async () => {
    const { headers } = await api.call("GET", "/apis");
    const again = await api.call("GET", "/apis", { headers: { "if-none-match": headers.etag ?? "" } });
    expect(again.code).to.equal(304);
    expect(again.response.body.kind).to.equal("empty");
  });

  it("knows nothing of what is not served", async () => {
    for (const path of ["/apis/none", "/apis/apps/v2", "/api/v2", "/apis/apps/v1/nothing"]) {
      expect((await api.call("GET", path)).code, path).to.equal(404);
    }
  });
});
