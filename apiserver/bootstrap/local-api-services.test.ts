import { expect } from "chai";
import type { APIService } from "../../api/apiregistration/api-service.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { MemoryStore } from "../storage/memory-store.ts";
import { localApiServices } from "./local-api-services.ts";

const PATH = "/apis/apiregistration.k8s.io/v1/apiservices";
const NOW = "2026-01-01T00:00:00Z";

describe("the API services of this server", () => {
  it("are one for each version, with kube-apiserver's priorities", () => {
    const versions = [
      { group: "", version: "v1" },
      { group: "apps", version: "v1" },
      { group: "networking.k8s.io", version: "v1beta1" },
      { group: "apiregistration.k8s.io", version: "v1" },
    ];
    const rows = localApiServices(versions, NOW).map(({ object }) => {
      const { metadata, spec } = object as unknown as APIService;
      return [metadata.name, spec.group, spec.groupPriorityMinimum, spec.versionPriority];
    });
    expect(rows).to.deep.equal([
      ["v1.", undefined, 18_000, 1],
      ["v1.apps", "apps", 17_800, 15],
      ["v1beta1.networking.k8s.io", "networking.k8s.io", 17_200, 9],
    ]);
  });

  it("are there from the start, available, and are not made twice", async () => {
    const store = new MemoryStore();
    const first = await ApiHarness.start({ store });
    const core = (await first.get(`${PATH}/v1.`)) as unknown as APIService;
    expect(core.metadata.labels).to.deep.equal({ "kube-aggregator.kubernetes.io/automanaged": "onstart" });
    expect(core.status.conditions?.[0]).to.include({ type: "Available", status: "True", reason: "Local" });
    expect(await store.get("/registry/apiregistration.k8s.io/apiservices/v1.apps")).to.not.equal(undefined);
    const revision = await store.revision();
    const second = await ApiHarness.start({ store });
    expect(await store.revision()).to.equal(revision);
    expect(await second.get(`${PATH}/v1.`)).to.deep.equal(core);
    first.stop();
    second.stop();
  });

  it("are in the order of discovery", async () => {
    const api = await ApiHarness.start();
    const { items = [] } = await api.get(PATH);
    const { data } = await api.call("GET", "/apis");
    const groups = (data as unknown as { groups: { name: string }[] }).groups.map(({ name }) => name);
    const listed = (items as unknown as APIService[])
      .map(({ spec }) => spec)
      .filter(({ group }) => group)
      .sort((a, b) => b.groupPriorityMinimum - a.groupPriorityMinimum)
      .map(({ group }) => group);
    expect([...new Set(listed)].sort()).to.deep.equal(
      groups.filter((name) => name !== "apiregistration.k8s.io").sort(),
    );
    expect(listed[0]).to.equal(groups.find((name) => name !== "apiregistration.k8s.io"));
    api.stop();
  });
});
