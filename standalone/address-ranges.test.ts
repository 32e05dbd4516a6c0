import { expect } from "chai";
import { chooseSlot, isCidr, overlap, parseRoutes, rangesOfSlot, SLOTS } from "./address-ranges.ts";

describe("a cluster's address ranges", () => {
  it("are Kubernetes' customary ones for the first cluster of a machine", () => {
    expect(rangesOfSlot(0, { pods: "network", services: "network" })).to.deep.equal({
      serviceCidr: "10.96.0.0/16",
      clusterCidr: "10.244.0.0/16",
    });
    expect(rangesOfSlot(0, { pods: "loopback", services: "loopback" })).to.deep.equal({
      serviceCidr: "127.96.0.0/16",
      clusterCidr: "127.64.0.0/10",
    });
  });

  it("never overlap between slots, and stay within what the process runtime leaves to services", () => {
    const networks = Array.from({ length: SLOTS }, (_, slot) =>
      rangesOfSlot(slot, { pods: "network", services: "network" }),
    );
    const all = networks.flatMap(({ serviceCidr, clusterCidr }) => [serviceCidr, clusterCidr]);
    for (const [index, one] of all.entries()) {
      expect(isCidr(one)).to.equal(true);
      for (const other of all.slice(index + 1)) expect(overlap(one, other), `${one} ${other}`).to.equal(false);
    }
    for (let slot = 0; slot < SLOTS; slot++) {
      const { serviceCidr } = rangesOfSlot(slot, { pods: "loopback", services: "loopback" });
      expect(overlap(serviceCidr, "127.96.0.0/12")).to.equal(true);
    }
  });

  it("are of the first free slot", () => {
    expect(chooseSlot((slot) => slot >= 2)).to.equal(2);
    expect(chooseSlot(() => false)).to.equal(undefined);
  });

  for (const [one, other, expected] of [
    ["10.0.0.0/8", "10.96.0.0/16", true],
    ["10.96.0.0/16", "10.97.0.0/16", false],
    ["0.0.0.0/0", "192.168.1.0/24", true],
    ["192.168.1.1/32", "192.168.1.1/32", true],
    ["200.0.0.0/8", "72.0.0.0/8", false],
  ] as const) {
    it(`${one} and ${other} ${expected ? "overlap" : "do not overlap"}`, () => {
      expect(overlap(one, other)).to.equal(expected);
      expect(overlap(other, one)).to.equal(expected);
    });
  }

  it("are recognised as such", () => {
    for (const text of ["10.96.0.0", "10.96.0.0/33", "10.256.0.0/16", "fd00::/64", "x"])
      expect(isCidr(text), text).to.equal(false);
  });

  it("are compared with the machine's routes, as the kernel lists them", () => {
    const text = [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
      "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
      "br0\t0000F40A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
      "",
    ].join("\n");
    expect(parseRoutes(text)).to.deep.equal(["10.0.0.0/24", "10.244.0.0/16"]);
  });
});
