import { expect } from "chai";
import { cidrContains, parseCidr, parseIPv4, renderCidr, renderIPv4 } from "./cidr.ts";
import { addressKeys, isAllocatable } from "./service-address-ranges.ts";

describe("IPv4 ranges", () => {
  it("are read, whatever address of theirs they are named by", () => {
    expect(parseCidr("10.96.1.2/16")).to.deep.include({ first: parseIPv4("10.96.0.0"), size: 65536 });
    expect(parseCidr("255.255.255.255/32")).to.deep.include({ first: 2 ** 32 - 1, size: 1 });
  });

  it("are written by their first address", () => {
    for (const text of ["10.96.0.0/16", "0.0.0.0/0", "1.2.3.4/32"]) expect(renderCidr(parseCidr(text))).to.equal(text);
    expect(renderCidr(parseCidr("10.96.1.2/16"))).to.equal("10.96.0.0/16");
  });

  it("are refused by name when they are none", () => {
    for (const text of ["", "10.96.0.0", "10.96.0.0/33", "10.96.0.256/16", "fd00::/64", "010.0.0.1/8"]) {
      expect(() => parseCidr(text)).to.throw(`"${text}" is not an IPv4 range`);
    }
  });

  it("contain their addresses, from the first to the last", () => {
    const cidr = parseCidr("10.96.0.0/24");
    const contains = (ip: string) => cidrContains(cidr, parseIPv4(ip) ?? -1);
    expect(["10.95.255.255", "10.96.0.0", "10.96.0.255", "10.96.1.0"].map(contains)).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
  });

  it("give addresses back as they were read", () => {
    for (const ip of ["0.0.0.0", "10.96.0.1", "255.255.255.255"]) expect(renderIPv4(parseIPv4(ip) ?? -1)).to.equal(ip);
  });

  it("keep the network, the broadcast and the first address from being chosen", () => {
    const cidr = parseCidr("10.96.0.0/29");
    const { count, render } = addressKeys(cidr);
    expect([render(0), render(count - 1)]).to.deep.equal(["10.96.0.2", "10.96.0.6"]);
    expect(["10.96.0.0", "10.96.0.1", "10.96.0.7"].map((ip) => isAllocatable(cidr, ip))).to.deep.equal([
      false,
      true,
      false,
    ]);
  });
});
