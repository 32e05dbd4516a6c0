// How clients find out what is served: groups, versions and resources, one document at a time and all at once.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import type { ApiClient, Json } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

interface Version {
  readonly groupVersion: string;
  readonly version: string;
}
interface Group {
  readonly name: string;
  readonly versions: readonly Version[];
  readonly preferredVersion: Version;
}
type Resource = Json & { readonly name: string; readonly kind: string; readonly verbs: readonly string[] };

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

describe("conformance: discovery", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  let groups: readonly Group[];
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
    groups = (await api.get("/apis")).groups as readonly Group[];
  });
  after(() => cluster.remove());

  it("locates the group of groups, its version and its kind", async () => {
    const group = groups.find(({ name }) => name === "apiextensions.k8s.io");
    expect(group?.versions).to.deep.equal([{ groupVersion: "apiextensions.k8s.io/v1", version: "v1" }]);
    expect(await api.get("/apis/apiextensions.k8s.io")).to.deep.include({
      kind: "APIGroup",
      apiVersion: "v1",
      ...group,
    });
    const { resources } = await api.get("/apis/apiextensions.k8s.io/v1");
    const names = (resources as readonly Resource[]).map(({ name }) => name);
    expect(names).to.include.members(["customresourcedefinitions", "customresourcedefinitions/status"]);
  });

  it("names for each group a preferred version that is one of its versions", async () => {
    for (const { name, preferredVersion, versions } of groups) {
      const group = (await api.get(`/apis/${name}`)) as unknown as Group;
      expect(group.preferredVersion, name).to.deep.equal(preferredVersion);
      expect(versions, name).to.deep.include(preferredVersion);
      expect(group.versions, name).to.deep.equal(versions);
    }
  });

  it("lists the resources of each version, with verbs and stable names", async () => {
    // The server of metrics gives its resources no singular.
    const own = groups.filter(({ name }) => name !== "metrics.k8s.io");
    for (const { groupVersion } of own.flatMap(({ versions }) => versions)) {
      const list = await api.get(`/apis/${groupVersion}`);
      expect(list).to.include({ kind: "APIResourceList", apiVersion: "v1", groupVersion });
      for (const { name, verbs, kind, singularName } of list.resources as readonly Resource[]) {
        expect(verbs, `${groupVersion} ${name}`).to.deep.equal([...verbs].sort());
        expect(kind).to.match(/^[A-Z]/);
        if (!name.includes("/")) expect(singularName, `${groupVersion} ${name}`).to.match(/^[a-z]+$/);
      }
    }
  });

  it("has the groups and versions that every cluster of this level serves", () => {
    const served = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
    expect(served).to.include.members([
      "apiregistration.k8s.io/v1",
      "apps/v1",
      "events.k8s.io/v1",
      "authentication.k8s.io/v1",
      "authorization.k8s.io/v1",
      "autoscaling/v2",
      "autoscaling/v1",
      "batch/v1",
      "certificates.k8s.io/v1",
      "networking.k8s.io/v1",
      "policy/v1",
      "rbac.authorization.k8s.io/v1",
      "storage.k8s.io/v1",
      "admissionregistration.k8s.io/v1",
      "apiextensions.k8s.io/v1",
      "scheduling.k8s.io/v1",
      "coordination.k8s.io/v1",
      "node.k8s.io/v1",
      "discovery.k8s.io/v1",
      "flowcontrol.apiserver.k8s.io/v1",
    ]);
    expect(groups.find(({ name }) => name === "autoscaling")?.preferredVersion.version).to.equal("v2");
  });

  it("says the same all at once as one by one", async () => {
    for (const root of ["/apis", "/api"]) {
      const { data, headers, code } = await api.ask("GET", root, { accept: `${AGGREGATED},application/json` });
      expect(code).to.equal(200);
      expect(headers["content-type"]).to.match(
        /^application\/json;g=apidiscovery\.k8s\.io;v=v2;as=APIGroupDiscoveryList/,
      );
      expect(data).to.include({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
      for (const item of data.items) await compareGroup(root, item as unknown as Aggregated);
      if (root === "/apis") {
        expect(data.items.map(({ metadata }) => metadata.name)).to.deep.equal(groups.map(({ name }) => name));
      }
    }
  });

  interface Aggregated {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly freshness: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly verbs: readonly string[];
        readonly subresources?: readonly { readonly subresource: string; readonly verbs: readonly string[] }[];
      }[];
    }[];
  }

  async function compareGroup(root: string, { metadata: { name }, versions }: Aggregated): Promise<void> {
    for (const { version, resources, freshness } of versions) {
      expect(freshness).to.equal("Current");
      const path = name ? `${root}/${name}/${version}` : `${root}/${version}`;
      const alone = (await api.get(path)).resources as readonly Resource[];
      const whole = resources.flatMap(({ resource, verbs, subresources = [] }) => [
        [resource, verbs],
        ...subresources.map((each) => [`${resource}/${each.subresource}`, each.verbs]),
      ]);
      const named = whole.filter(([, verbs]) => (verbs ?? []).length > 0);
      expect(named, path).to.have.deep.members(alone.map((each) => [each.name, each.verbs]));
    }
  }

  it("gives the same document for the same tag, and none to who has it", async () => {
    const { headers } = await api.ask("GET", "/apis", { accept: AGGREGATED });
    expect(headers.etag).to.match(/^"[0-9A-F]{128}"$/i);
  });

  it("tells its version, its addresses and its documents", async () => {
    const version = await api.get("/version");
    expect(version.gitVersion).to.match(/^v1\.33\.\d+/);
    expect(version).to.include({ major: "1", minor: "33" });
    expect(await api.get("/api"))
      .to.have.nested.property("versions")
      .that.deep.equals(["v1"]);
    expect(await api.get("/api")).to.have.nested.property("serverAddressByClientCIDRs[0].clientCIDR", "0.0.0.0/0");
    expect((await api.get("/openapi/v3")).paths).to.include.keys("api/v1", "apis/apps/v1");
    expect((await api.get("/")).paths).to.include.members(["/api", "/apis", "/healthz", "/openapi/v2", "/version"]);
  });
});
