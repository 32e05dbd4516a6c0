import { expect } from "chai";
import { ApiHarness } from "../testing/api-harness.ts";
import { builtinResources } from "../api/index.ts";
import { servedResources } from "./runtime-config.ts";
import { MemoryStore } from "./storage/memory-store.ts";

const BETA = "admissionregistration.k8s.io/v1beta1";
const PATH = `/apis/${BETA}/mutatingadmissionpolicies`;

describe("the versions that are served", () => {
  it("are Kubernetes' defaults, and those that are asked for", () => {
    expect(servedResources()).to.deep.equal(builtinResources);
    expect(servedResources([`${BETA}=false`, "apps/v1=true"])).to.deep.equal(builtinResources);
    const added = servedResources([`${BETA}=true`]).slice(builtinResources.length);
    expect(added.map(({ plural }) => plural)).to.deep.equal([
      "mutatingadmissionpolicies",
      "mutatingadmissionpolicybindings",
    ]);
    expect(servedResources([BETA])).to.have.length(builtinResources.length + 2);
  });

  for (const [entry, message] of [
    ["apps/v9=true", /^--runtime-config: apps\/v9 is not known\. What can be turned on is admissionregistration/],
    ["apps/v1=false", /^--runtime-config: apps\/v1 cannot be turned off/],
    ["apps/v1=maybe", /should look like GROUP\/VERSION=true/],
    ["=true", /should look like GROUP\/VERSION=true/],
  ] as const) {
    it(`refuse ${entry}`, () => {
      expect(() => servedResources([entry])).to.throw(message);
    });
  }

  const spec = {
    reinvocationPolicy: "Never",
    matchConstraints: {
      resourceRules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
    },
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[]" } }],
  };

  it("are not there when off", async () => {
    const api = await ApiHarness.start();
    expect((await api.call("GET", PATH)).code).to.equal(404);
    expect((await api.call("GET", `/apis/${BETA}`)).code).to.equal(404);
    expect(
      (await api.call("GET", "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.admissionregistration.k8s.io")).code,
    ).to.equal(404);
    api.stop();
  });

  it("leave nothing behind when they are turned off, and what others have made alone", async () => {
    const services = "/apis/apiregistration.k8s.io/v1/apiservices";
    const store = new MemoryStore();
    const on = await ApiHarness.start({ store, resources: servedResources([BETA]) });
    const others = { group: "example.com", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };
    await on.create(services, { metadata: { name: "v1.example.com" }, spec: others });
    on.stop();
    const off = await ApiHarness.start({ store });
    expect((await off.call("GET", `${services}/v1beta1.admissionregistration.k8s.io`)).code).to.equal(404);
    expect((await off.call("GET", `${services}/v1.admissionregistration.k8s.io`)).code).to.equal(200);
    expect((await off.call("GET", `${services}/v1.example.com`)).code).to.equal(200);
    off.stop();
  });

  it("are served like all others when on", async () => {
    const api = await ApiHarness.start({ resources: servedResources([BETA]) });
    const created = await api.create(PATH, { metadata: { name: "a" }, spec });
    expect(created).to.deep.include({ apiVersion: BETA, kind: "MutatingAdmissionPolicy" });
    expect(created).to.have.nested.property("spec.failurePolicy", "Fail");
    expect(created.metadata.generation).to.equal(1);
    const { data } = await api.call("GET", `/apis/${BETA}`);
    expect((data as unknown as { resources: { name: string }[] }).resources.map(({ name }) => name)).to.deep.equal([
      "mutatingadmissionpolicies",
      "mutatingadmissionpolicybindings",
    ]);
    const service = await api.get("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.admissionregistration.k8s.io");
    expect(service).to.have.nested.property("spec.versionPriority", 12);
    api.stop();
  });
});
