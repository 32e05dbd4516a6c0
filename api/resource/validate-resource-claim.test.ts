import { expect } from "chai";
import { deviceClasses, type DeviceClass } from "./device-class.ts";
import { resourceClaims, type ResourceClaim } from "./resource-claim.ts";
import { resourceClaimTemplates, type ResourceClaimTemplate } from "./resource-claim-template.ts";
import { validateDeviceClass } from "./validate-device-class.ts";
import { validateResourceClaim, validateResourceClaimTemplate } from "./validate-resource-claim.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const request = { name: "gpu", deviceClassName: "gpu.example.com" };
const claimOf = (devices: object, status: object = {}, metadata: object = {}) =>
  storedObject<ResourceClaim>(resourceClaims, {
    metadata,
    spec: { devices: { requests: [request], ...devices } },
    status,
  });
const errorsOf = (devices: object) =>
  render(validateResourceClaim(claimOf(devices))).map((error) => error.replace("spec.devices.", ""));
const REFERENCE =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

describe("the validation of resource claims", () => {
  it("fills in how many devices are asked for", () => {
    const { spec } = claimOf({ requests: [request, { ...request, allocationMode: "All" }] });
    expect(spec.devices.requests?.map(({ allocationMode, count }) => [allocationMode, count])).to.deep.equal([
      ["ExactCount", 1],
      ["All", undefined],
    ]);
    expect(errorsOf({})).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "requests for nothing",
      { requests: [{ name: "a" }, { name: "a", deviceClassName: "x", allocationMode: "Some" }] },
      [
        "requests[0]: Required value: exactly one of `deviceClassName` or `firstAvailable` must be specified",
        'requests[1].allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
        'requests[1].name: Duplicate value: "a"',
      ],
    ],
    [
      "counts that make no sense",
      {
        requests: [
          { ...request, count: -1 },
          { ...request, name: "b", allocationMode: "All", count: 2 },
        ],
      },
      [
        "requests[0].count: Invalid value: -1: must be greater than zero",
        "requests[1].count: Invalid value: 2: must not be specified when allocationMode is 'All'",
      ],
    ],
    [
      "selectors that select nothing",
      { requests: [{ ...request, selectors: [{}, { cel: { expression: "x".repeat(10_241) } }] }] },
      [
        "requests[0].selectors[0].cel: Required value",
        "requests[0].selectors[1].cel.expression: Too long: may not be more than 10240 bytes",
      ],
    ],
    [
      "constraints on others' requests",
      { constraints: [{ requests: ["nic"], matchAttribute: "model" }, {}] },
      [
        `constraints[0].requests[0]: Invalid value: "nic": ${REFERENCE}`,
        'constraints[0].matchAttribute: Invalid value: "model": must include a domain',
        "constraints[1].matchAttribute: Required value",
      ],
    ],
    [
      "settings that are none",
      { config: [{}, { opaque: { driver: "a.example.com", parameters: "x" } }, { opaque: {} }] },
      [
        "config[0].opaque: Required value",
        'config[1].opaque.parameters: Invalid value: "<value omitted>": parameters must be a valid JSON object',
        "config[2].opaque.driver: Required value",
        "config[2].opaque.driver: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "config[2].opaque.parameters: Required value",
      ],
    ],
    [
      "too many requests",
      { requests: Array.from({ length: 33 }, (_, index) => ({ ...request, name: `r${index}` })) },
      ["requests: Too many: 33: must have at most 32 items"],
    ],
  ];
  for (const [title, devices, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(errorsOf(devices)).to.deep.equal(expected);
    });
  }

  it("keeps what was asked for", () => {
    const next = claimOf({ requests: [] });
    expect(render(validateResourceClaim(next, claimOf({})))).to.deep.equal([
      'spec: Invalid value: {"devices":{"requests":[]}}: field is immutable',
    ]);
  });

  const result = { request: "gpu", driver: "gpu.example.com", pool: "node-1", device: "gpu-0" };
  const allocation = { devices: { results: [result] } };
  const device = { driver: result.driver, pool: result.pool, device: result.device };
  const user = { resource: "pods", name: "p", uid: "1" };
  const statusErrors = (status: object, old: object = {}, metadata: object = {}) =>
    render(validateResourceClaim(claimOf({}, status, metadata), claimOf({}, old, metadata)));

  it("accepts an allocation, users of it, and how the devices are", () => {
    const networkData = { interfaceName: "eth0", ips: ["192.0.2.5/24", "2001:db8::1/64"], hardwareAddress: "00:00" };
    const devices = [{ ...device, networkData, data: {} }];
    expect(statusErrors({ allocation, reservedFor: [user], devices })).to.deep.equal([]);
  });

  const statuses: readonly (readonly [string, object, object, readonly string[]])[] = [
    [
      "users of nothing",
      { reservedFor: [user, { ...user, name: "" }] },
      {},
      [
        "status.reservedFor[1].name: Required value",
        'status.reservedFor[1].uid: Duplicate value: "1"',
        "status.reservedFor: Forbidden: may not be specified when `allocated` is not set",
      ],
    ],
    [
      "another allocation",
      { allocation: { devices: { results: [] } } },
      { allocation },
      ['status.allocation: Invalid value: {"devices":{"results":[]}}: field is immutable'],
    ],
    [
      "devices for no request",
      { allocation: { devices: { results: [{ ...result, request: "nic", pool: "" }], config: [{ source: "x" }] } } },
      {},
      [
        `status.allocation.devices.results[0].request: Invalid value: "nic": ${REFERENCE}`,
        "status.allocation.devices.results[0].pool: Required value",
        'status.allocation.devices.config[0].source: Unsupported value: "x": supported values: "FromClaim", "FromClass"',
        "status.allocation.devices.config[0].opaque: Required value",
      ],
    ],
    [
      "news of other devices",
      { devices: [{ ...device, networkData: { ips: ["192.0.2.5", "2001:DB8::1/64"] } }] },
      {},
      [
        'status.devices[0]: Invalid value: "gpu.example.com/node-1/gpu-0": must be an allocated device in the claim',
        'status.devices[0].networkData.ips[0]: Invalid value: "192.0.2.5": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
        'status.devices[0].networkData.ips[1]: Invalid value: "2001:DB8::1/64": must be in canonical form ("2001:db8::1/64")',
      ],
    ],
  ];
  for (const [title, status, old, expected] of statuses) {
    it(`refuses ${title}`, () => {
      expect(statusErrors(status, old)).to.deep.equal(expected);
    });
  }

  it("lets nobody new use a claim that is being deleted", () => {
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    const reservedFor = [user];
    expect(statusErrors({ allocation, reservedFor }, { allocation, reservedFor }, { deletionTimestamp })).to.deep.equal(
      [],
    );
    expect(statusErrors({ allocation, reservedFor }, { allocation }, { deletionTimestamp })).to.deep.equal([
      "status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set",
    ]);
  });

  it("forgets what was said of devices that are allocated no longer", () => {
    const old = claimOf({}, { allocation, devices: [device] });
    const next = claimOf({ requests: [] }, { devices: [device] });
    const prepared = resourceClaims.prepareStatus?.(next, old, "");
    expect(prepared?.status).to.deep.equal({});
    expect(prepared?.spec).to.deep.equal(old.spec);
    const kept = resourceClaims.prepareStatus?.(claimOf({}, { allocation, devices: [device] }), old, "");
    expect(kept?.status.devices).to.deep.equal([device]);
  });

  it("shows the state", () => {
    const stateOf = (status: object, metadata: object = {}) =>
      resourceClaims.columns[1]?.cell(claimOf({}, status, metadata), 0);
    expect(stateOf({})).to.equal("pending");
    expect(stateOf({ allocation })).to.equal("allocated");
    expect(stateOf({ allocation, reservedFor: [user] })).to.equal("allocated,reserved");
    expect(stateOf({ allocation }, { deletionTimestamp: "2026-01-01T00:00:00Z" })).to.equal("deleted,allocated");
    expect(stateOf({}, { deletionTimestamp: "2026-01-01T00:00:00Z" })).to.equal("deleted");
  });
});

describe("the validation of device classes and of templates of claims", () => {
  it("follows the rules of claims", () => {
    const deviceClass = storedObject<DeviceClass>(deviceClasses, { spec: { selectors: [{}], config: [{}] } });
    expect(render(validateDeviceClass(deviceClass))).to.deep.equal([
      "spec.selectors[0].cel: Required value",
      "spec.config[0].opaque: Required value",
    ]);
    const template = storedObject<ResourceClaimTemplate>(resourceClaimTemplates, {
      spec: { metadata: { labels: { a: "b c" } }, spec: { devices: { requests: [{ name: "a" }] } } },
    });
    const errors = render(validateResourceClaimTemplate(template));
    expect(errors[0]).to.match(/^spec.metadata.labels: Invalid value: "b c"/);
    expect(errors[1]).to.match(/^spec.spec.devices.requests\[0\]: Required value/);
    const next = { ...template, spec: { ...template.spec, metadata: {} } };
    expect(render(validateResourceClaimTemplate(next, template))[0]).to.match(/^spec: .*field is immutable$/);
  });
});
