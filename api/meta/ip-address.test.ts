import { expect } from "chai";
import { checkCidr, checkEndpointIp, checkIp } from "./ip-address.ts";

const isFine = (errors: readonly unknown[]) => errors.length === 0;

describe("IP addresses", () => {
  it("are IPv4 or IPv6, written without tricks", () => {
    const good = ["10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"];
    const bad = ["", "10.0.0", "010.0.0.1", "10.0.0.256", "fe80::1%eth0", "localhost", "10.0.0.1/8"];
    expect(good.filter((ip) => !isFine(checkIp("ip", ip)))).to.deep.equal([]);
    expect(bad.filter((ip) => isFine(checkIp("ip", ip)))).to.deep.equal([]);
  });

  it("have ranges in CIDR form", () => {
    const good = ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/64"];
    const bad = ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/8/8", "::/129"];
    expect(good.filter((cidr) => !isFine(checkCidr("cidr", cidr)))).to.deep.equal([]);
    expect(bad.filter((cidr) => isFine(checkCidr("cidr", cidr)))).to.deep.equal([]);
  });

  const special: readonly (readonly [string, string])[] = [
    ["0.0.0.0", "unspecified"],
    ["::", "unspecified"],
    ["127.0.0.1", "loopback"],
    ["127.128.0.1", "loopback"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["169.254.169.254", "link-local range"],
    ["fe80::1", "link-local range"],
    ["224.0.0.5", "link-local multicast"],
    ["ff02::1", "link-local multicast"],
  ];
  for (const [ip, what] of special) {
    it(`get no traffic at ${ip}`, () => {
      expect(checkEndpointIp("ip", ip).map(({ message }) => message)).to.have.length(1);
      expect(checkEndpointIp("ip", ip)[0]?.message).to.contain(what);
    });
  }

  it("of pods that are plain processes get traffic", () => {
    expect(["127.64.0.1", "127.127.255.254", "10.0.0.1"].flatMap((ip) => checkEndpointIp("ip", ip))).to.deep.equal([]);
  });
});
