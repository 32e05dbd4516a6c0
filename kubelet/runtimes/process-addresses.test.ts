import { expect } from "chai";
import { chooseAddress, chooseAddressBlock } from "./process-addresses.ts";

describe("addresses of pods that are processes", () => {
  it("lie in 127.64.0.0/10 and never among those of services", () => {
    for (let index = 0; index < 2000; index++) {
      const [first, second, third] = chooseAddressBlock(`/var/lib/node-${index}`).split(".").map(Number);
      expect(first).to.equal(127);
      expect(second).to.be.within(64, 127);
      expect(second).not.to.be.within(96, 111);
      expect(third).to.be.within(0, 255);
    }
  });

  it("are the same for a node each time, and different for most nodes", () => {
    expect(chooseAddressBlock("/a")).to.equal(chooseAddressBlock("/a"));
    const blocks = Array.from({ length: 100 }, (_, index) => chooseAddressBlock(`/var/lib/node-${index}`));
    expect(new Set(blocks).size).to.be.above(95);
  });

  it("are given to one pod each until none is left", () => {
    const taken = new Set<string>();
    for (let address = chooseAddress("127.64.7", taken); address; address = chooseAddress("127.64.7", taken)) {
      taken.add(address);
    }
    expect(taken.size).to.equal(254);
    taken.delete("127.64.7.9");
    expect(chooseAddress("127.64.7", taken)).to.equal("127.64.7.9");
  });
});
