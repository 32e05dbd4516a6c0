import { expect } from "chai";
import { apiServices, type APIService } from "./api-service.ts";
import { prepareApiService } from "./api-service-strategy.ts";
import { validateApiService } from "./validate-api-service.ts";
import { storedObject } from "../../testing/stored-object.ts";

const serviceOf = (spec: object = {}, name = "v1.metrics.example.com") =>
  storedObject<APIService>(apiServices, {
    metadata: { name },
    spec: { group: "metrics.example.com", version: "v1", groupPriorityMinimum: 100, versionPriority: 10, ...spec },
  });
const render = (service: APIService, old?: APIService) =>
  validateApiService(service, old).map(({ path, message }) => `${path}: ${message}`);
const cellsOf = (service: APIService) => apiServices.columns.slice(1, 3).map(({ cell }) => cell(service, 0));
const remote = { service: { namespace: "kube-system", name: "metrics" } };

describe("an API service", () => {
  it("is available at once where this server serves it", () => {
    const created = prepareApiService(serviceOf());
    expect(created.status.conditions?.[0]).to.include({ type: "Available", status: "True", reason: "Local" });
    expect(cellsOf(created)).to.deep.equal(["Local", "True"]);
  });

  it("of another server is not known to be available", () => {
    const created = prepareApiService(serviceOf(remote));
    expect(created.spec.service?.port).to.equal(443);
    expect(cellsOf(created)).to.deep.equal(["kube-system/metrics", "Unknown"]);
    const conditions = [{ type: "Available", status: "False", reason: "MissingEndpoints" }];
    expect(cellsOf({ ...created, status: { conditions } })[1]).to.equal("False (MissingEndpoints)");
  });

  it("keeps its status when the spec is written", () => {
    const old = prepareApiService(serviceOf(remote));
    const next = { ...old, status: { conditions: [{ type: "Available", status: "True" }] } };
    expect(prepareApiService(next, old).status).to.deep.equal(old.status);
  });

  it("may have a service, or be of the core group", () => {
    expect(render(serviceOf(remote))).to.deep.equal([]);
    expect(render(serviceOf({ group: undefined }, "v1."))).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, APIService, readonly string[]])[] = [
    [
      "another name",
      serviceOf({}, "v2.metrics.example.com"),
      [
        'metadata.name: Invalid value: "v2.metrics.example.com": must be `spec.version+"."+spec.group`: "v1.metrics.example.com"',
      ],
    ],
    [
      "ranks that are none",
      serviceOf({ groupPriorityMinimum: 20_001, versionPriority: 0 }),
      [
        "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000",
        "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
      ],
    ],
    [
      "no group",
      serviceOf({ group: undefined, version: "v2" }, "v2."),
      ["spec.group: Required value: only v1 may have an empty group and it better be legacy kube"],
    ],
    [
      "trust without another server",
      serviceOf({ caBundle: "YWI=", insecureSkipTLSVerify: true }),
      [
        'spec.caBundle: Invalid value: "2 bytes": local APIServices may not have a caBundle',
        "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
      ],
    ],
    [
      "a service that is nowhere",
      serviceOf({ service: { port: 0 }, caBundle: "YWI=", insecureSkipTLSVerify: true }),
      [
        "spec.service.namespace: Required value",
        "spec.service.name: Required value",
        "spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive",
        "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present",
      ],
    ],
  ];
  for (const [title, service, expected] of cases) {
    it(`is refused for ${title}`, () => {
      expect(render(service)).to.deep.equal(expected);
    });
  }

  it("cannot become one of another version", () => {
    const next = serviceOf({ version: "v2" });
    expect(render(next, serviceOf())).to.deep.equal([
      'metadata.name: Invalid value: "v1.metrics.example.com": must be `spec.version+"."+spec.group`: "v2.metrics.example.com"',
    ]);
  });
});
