import { expect } from "chai";
import { clusterRoles } from "../../api/rbac/cluster-role.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { clusterRoleAggregationController } from "./controller.ts";

const crontabs = { verbs: ["get", "list"], apiGroups: ["stable.example.com"], resources: ["crontabs"] };
const LABEL = "rbac.authorization.k8s.io/aggregate-to-view";

const part = (name: string, labels: Readonly<Record<string, string>>) => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name, labels },
  rules: [crontabs],
});

describe("the aggregation of cluster roles", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ controllers: [clusterRoleAggregationController] });
  });
  afterEach(() => cluster.stop());

  const rulesOf = async (name: string) => (await cluster.get(clusterRoles, name)).rules;

  it("finds nothing to do in a new cluster", async () => {
    const versions = async () =>
      (await cluster.list(clusterRoles)).map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
    const before = await versions();
    await cluster.apply(part("plain", { any: "label" }));
    await cluster.settle();
    const after = await versions();
    expect(after.filter(([name]) => name !== "plain")).to.deep.equal(before);
  });

  it("adds the rules of a new role to view, and so to edit and admin, and takes them away again", async () => {
    const before = await rulesOf("admin");
    await cluster.apply(part("crontabs", { [LABEL]: "true" }));
    await cluster.settle();
    for (const name of ["view", "edit", "admin"]) expect(await rulesOf(name), name).to.deep.include(crontabs);
    const { managedFields } = (await cluster.get(clusterRoles, "view")).metadata;
    const writers = managedFields?.map(({ manager, operation }) => `${manager} ${operation}`);
    expect(writers).to.include("clusterrole-aggregation-controller Apply");
    await cluster.delete(clusterRoles, "crontabs");
    await cluster.settle();
    expect(await rulesOf("admin")).to.have.deep.members(before ?? []);
  });

  it("undoes what is written into such a role by hand", async () => {
    const before = await rulesOf("view");
    await cluster.apply({ ...part("view", {}), metadata: { name: "view" } });
    await cluster.settle();
    expect(await rulesOf("view")).to.deep.equal(before);
  });

  it("lets roles without such a rule be", async () => {
    await cluster.apply(part("plain", { any: "label" }));
    await cluster.settle();
    expect(await rulesOf("plain")).to.deep.equal([crontabs]);
  });
});
