import { expect } from "chai";
import { compareGroups } from "./group-order.ts";
import { ApiHarness, type Data } from "../../testing/api-harness.ts";

interface Group {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string }[];
  readonly preferredVersion: object;
}
interface AggregatedGroup {
  readonly metadata: { readonly name: string };
  readonly versions: readonly { readonly version: string; readonly resources: readonly AggregatedResource[] }[];
}
interface AggregatedResource {
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly subresources?: readonly { readonly subresource: string; readonly verbs: readonly string[] }[];
}

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

  it("lists the groups in Kubernetes' order", async () => {
    const { groups } = fields(await api.get("/apis")) as { groups: Group[] };
    const names = groups.map(({ name }) => name);
    expect(names).to.deep.equal([...names].sort(compareGroups));
    expect(names).to.include.members(["apps", "autoscaling", "batch", "coordination.k8s.io", "placement.kctl.dev"]);
    expect(groups.find(({ name }) => name === "apps")).to.deep.equal({
      name: "apps",
      versions: [{ groupVersion: "apps/v1", version: "v1" }],
      preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    });
  });

  it("names a version that there is as the preferred one of each group, and the resources of every version", async () => {
    const { groups } = fields(await api.get("/apis")) as { groups: Group[] };
    for (const group of groups) {
      expect(fields(await api.get(`/apis/${group.name}`))).to.deep.equal({
        kind: "APIGroup",
        apiVersion: "v1",
        ...group,
      });
      expect(group.versions).to.deep.include(group.preferredVersion);
      for (const { groupVersion } of group.versions) {
        const list = fields(await api.get(`/apis/${groupVersion}`));
        expect(list).to.include({ kind: "APIResourceList", groupVersion });
        expect(list.resources).to.not.have.length(0);
      }
    }
  });

  it("says the same in both forms", async () => {
    for (const root of ["/api", "/apis"]) {
      const { data } = await api.call("GET", root, { headers: { accept: AGGREGATED } });
      const { items } = data as unknown as { items: AggregatedGroup[] };
      for (const { metadata, versions } of items) {
        for (const { version, resources } of versions) {
          const path = metadata.name ? `${root}/${metadata.name}/${version}` : `${root}/${version}`;
          const list = fields(await api.get(path)) as { resources: { name: string; verbs: string[] }[] };
          const aggregated = resources.flatMap(({ resource, verbs, subresources = [] }) => [
            { name: resource, verbs },
            ...subresources.map((each) => ({ name: `${resource}/${each.subresource}`, verbs: each.verbs })),
          ]);
          expect(list.resources.map(({ name, verbs }) => ({ name, verbs }))).to.deep.equal(aggregated);
        }
      }
    }
  });

  it("gives the hashes of storage versions that kube-apiserver gives", async () => {
    const hashes: [path: string, plural: string, hash: string][] = [
      ["/api/v1", "pods", "xPOwRZ+Yhw8="],
      ["/api/v1", "configmaps", "qFsyl6wFWjQ="],
      ["/apis/apps/v1", "deployments", "8aSe+NMegvE="],
    ];
    for (const [path, plural, hash] of hashes) {
      const { resources } = fields(await api.get(path)) as { resources: { name: string }[] };
      expect(resources.find(({ name }) => name === plural)).to.include({ storageVersionHash: hash });
    }
  });

  it("gives the kinds of subresources as Kubernetes does", async () => {
    const { resources } = fields(await api.get("/api/v1")) as { resources: { name: string }[] };
    const entry = (name: string) => resources.find((resource) => resource.name === name);
    expect(entry("pods/exec")).to.deep.equal({
      name: "pods/exec",
      singularName: "",
      namespaced: true,
      kind: "PodExecOptions",
      verbs: ["create", "get"],
    });
    expect(entry("pods/eviction")).to.include({ group: "policy", version: "v1", kind: "Eviction" });
  });

  it("lists the resources of a version, with their subresources", async () => {
    const list = fields(await api.get("/apis/apps/v1")) as { resources: { name: string }[]; groupVersion: string };
    expect(list.groupVersion).to.equal("apps/v1");
    const names = list.resources.map(({ name }) => name);
    expect(names).to.deep.equal([...names].sort());
    const entry = (wanted: string) => list.resources.find(({ name }) => name === wanted);
    expect(entry("deployments")).to.deep.equal({
      name: "deployments",
      singularName: "deployment",
      namespaced: true,
      kind: "Deployment",
      verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      shortNames: ["deploy"],
      categories: ["all"],
      storageVersionHash: "8aSe+NMegvE=",
    });
    expect(entry("deployments/scale")).to.deep.equal({
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
    const { items } = data as unknown as { items: AggregatedGroup[] };
    const apps = items.find(({ metadata }) => metadata.name === "apps");
    const deployments = apps?.versions[0]?.resources.find(({ resource }) => resource === "deployments");
    expect(deployments).to.deep.include({
      responseKind: { group: "apps", version: "v1", kind: "Deployment" },
      scope: "Namespaced",
      singularResource: "deployment",
    });
    expect(deployments?.subresources?.map(({ subresource }) => subresource)).to.deep.equal(["scale", "status"]);
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
