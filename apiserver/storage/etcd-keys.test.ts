import { expect } from "chai";
import { EtcdKeys } from "./etcd-keys.ts";

describe("EtcdKeys", () => {
  const keys = new EtcdKeys("/cluster");

  it("puts the prefix before a key and takes it off again", () => {
    expect(keys.encode("/registry/ü").toString()).to.equal("/cluster/registry/ü");
    expect(keys.decode(keys.encode("/registry/ü"))).to.equal("/registry/ü");
  });

  for (const [prefix, end] of [
    ["/pods/", "/cluster/pods0"],
    ["", "/clustes"],
  ] as const) {
    it(`ends the range of ${prefix || "everything"} before ${end}`, () => {
      expect(keys.endOf(prefix).toString()).to.equal(end);
    });
  }

  it("covers the whole of etcd where there is no prefix at all", () => {
    const all = new EtcdKeys("");
    expect([all.encode(""), all.endOf("")]).to.deep.equal([Buffer.of(0), Buffer.of(0)]);
  });
});
