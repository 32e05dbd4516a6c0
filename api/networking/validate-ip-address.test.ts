import { expect } from "chai";
import { ipAddresses, ipAddressesV1Beta1, type IPAddress } from "./ip-address.ts";
import { serviceCIDRs, type ServiceCIDR } from "./service-cidr.ts";
import { validateIPAddress } from "./validate-ip-address.ts";
import { validateServiceCIDR } from "./validate-service-cidr.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const parentRef = { resource: "services", namespace: "default", name: "web" };
const addressOf = (name: string, spec: object = { parentRef }): IPAddress =>
  storedObject(ipAddresses, { metadata: { name }, spec });

describe("an IPAddress", () => {
  it("has an address for a name, in its one form", () => {
    for (const name of ["10.96.0.1", "2001:db8::1"])
      expect(render(validateIPAddress(addressOf(name)))).to.deep.equal([]);
    expect(render(validateIPAddress(addressOf("2001:DB8::1")))).to.deep.equal([
      'metadata.name: Invalid value: "2001:DB8::1": must be a canonical format IP address',
    ]);
    expect(render(validateIPAddress(addressOf("web")))).to.deep.equal([
      'metadata.name: Invalid value: "web": ParseAddr("web"): unable to parse IP',
    ]);
  });

  it("belongs to something, for good", () => {
    expect(render(validateIPAddress(addressOf("10.96.0.1", {})))).to.deep.equal(["spec.parentRef: Required value"]);
    expect(
      render(validateIPAddress(addressOf("10.96.0.1", { parentRef: { group: "A b", name: "." } }))),
    ).to.have.length(3);
    const moved = addressOf("10.96.0.1", { parentRef: { ...parentRef, name: "b" } });
    expect(render(validateIPAddress(moved, addressOf("10.96.0.1")))[0]).to.match(
      /^spec.parentRef: Invalid value: .*: field is immutable$/,
    );
  });

  it("is the same in both versions", () => {
    const stored = addressOf("10.96.0.1");
    const shown = ipAddressesV1Beta1.conversion?.fromStored(stored);
    expect(shown).to.deep.equal({ ...stored, apiVersion: "networking.k8s.io/v1beta1" });
    expect(shown && ipAddressesV1Beta1.conversion?.toStored(shown)).to.deep.equal(stored);
  });
});

const rangeErrors = (...cidrs: string[]) =>
  render(validateServiceCIDR(storedObject<ServiceCIDR>(serviceCIDRs, { spec: { cidrs } })));

describe("a ServiceCIDR", () => {
  it("has a range, or one of each family", () => {
    expect(rangeErrors("10.96.0.0/16")).to.deep.equal([]);
    expect(rangeErrors("2001:db8::/64", "10.96.0.0/16")).to.deep.equal([]);
  });

  const invalid: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[], ["spec.cidrs: Required value: at least one CIDR required"]],
    [
      ["10.96.0.0/16", "10.97.0.0/16"],
      [
        'spec.cidrs: Invalid value: {"cidrs":["10.96.0.0/16","10.97.0.0/16"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ],
    ],
    [
      ["10.96.0.1/16"],
      ['spec.cidrs[0]: Invalid value: "10.96.0.1/16": must not have bits set beyond the prefix length'],
    ],
    [
      ["10.96.0.0"],
      ['spec.cidrs[0]: Invalid value: "10.96.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    [["2001:DB8::/64"], ['spec.cidrs[0]: Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")']],
    [
      ["::ffff:10.96.0.0/112"],
      ['spec.cidrs[0]: Invalid value: "::ffff:10.96.0.0/112": must not have an IPv4-mapped IPv6 address'],
    ],
  ];
  for (const [cidrs, expected] of invalid) {
    it(`does not have ${cidrs.length > 0 ? cidrs.join(" and ") : "no range"}`, () => {
      expect(rangeErrors(...cidrs)).to.deep.equal(expected);
    });
  }

  it("keeps its range", () => {
    const range = (cidr: string) => storedObject<ServiceCIDR>(serviceCIDRs, { spec: { cidrs: [cidr] } });
    expect(render(validateServiceCIDR(range("10.0.0.0/16"), range("10.96.0.0/16")))).to.deep.equal([
      'spec.cidrs: Invalid value: ["10.0.0.0/16"]: field is immutable',
    ]);
  });
});
