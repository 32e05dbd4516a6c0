import { expect } from "chai";
import {
  canonicalIp,
  ipNumber,
  ipText,
  isIpv4InIpv6,
  isStrictlyInside,
  looksLikeIp,
  parseIpRange,
} from "./ip-range.ts";

describe("addresses as numbers", () => {
  const numbers: readonly (readonly [string, bigint])[] = [
    ["0.0.0.0", 0n],
    ["255.255.255.255", 0xffffffffn],
    ["10.96.0.1", 0x0a600001n],
    ["::", 0n],
    ["::1", 1n],
    ["2001:db8::1", 0x20010db8000000000000000000000001n],
    ["1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n],
    ["::ffff:1.2.3.4", 0xffff01020304n],
    ["fe80::", 0xfe80n << 112n],
  ];
  for (const [text, number] of numbers) {
    it(`read ${text}`, () => {
      expect(ipNumber(text)).to.equal(number);
    });
  }

  it("are written as they were read", () => {
    for (const ip of ["10.96.0.1", "255.255.255.255", "0.0.0.0"]) expect(ipText(ipNumber(ip), "IPv4")).to.equal(ip);
    for (const ip of ["2001:db8::1", "::", "fe80::1:0:0:1"]) expect(ipText(ipNumber(ip), "IPv6")).to.equal(ip);
  });

  it("have one canonical form", () => {
    expect(canonicalIp("10.96.0.1")).to.equal("10.96.0.1");
    expect(canonicalIp("2001:DB8:0:0::0001")).to.equal("2001:db8::1");
    expect(canonicalIp("10.96.0")).to.equal(undefined);
  });

  it("may hide another family, or leading zeros", () => {
    expect(["::ffff:1.2.3.4", "::1.2.3.4", "1.2.3.4"].map(isIpv4InIpv6)).to.deep.equal([true, false, false]);
    expect(["010.0.0.001", "1.2.3.4", "::1", "1.2.3", "a.example"].map(looksLikeIp)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("ranges of addresses", () => {
  const isInside = (inner: string, outer: string) => {
    const [a, b] = [parseIpRange(inner), parseIpRange(outer)];
    return a && b && isStrictlyInside(a, b);
  };

  it("begin at their first address, whatever address of theirs they are named by", () => {
    const range = parseIpRange("10.96.1.2/16");
    expect(range).to.deep.equal({ family: "IPv4", address: 0x0a600102n, first: 0x0a600000n, prefixLength: 16 });
    expect(parseIpRange("10.96.1.2")).to.equal(undefined);
  });

  it("lie in larger ones of their family", () => {
    expect(isInside("10.96.1.0/24", "10.96.0.0/16")).to.equal(true);
    expect(isInside("10.97.1.0/24", "10.96.0.0/16")).to.equal(false);
    expect(isInside("10.96.0.0/16", "10.96.0.0/16")).to.equal(false);
    expect(isInside("2001:db8:1::/48", "2001:db8::/32")).to.equal(true);
    expect(isInside("::a60:0/120", "10.96.0.0/16")).to.equal(false);
    expect(isInside("1.2.3.4/32", "0.0.0.0/0")).to.equal(true);
  });
});
