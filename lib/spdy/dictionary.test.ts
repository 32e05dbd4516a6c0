import { expect } from "chai";
import { SPDY_DICTIONARY_ID, spdyDictionary } from "./dictionary.ts";

function adler32(bytes: Buffer): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

describe("SPDY/3's dictionary", () => {
  it("is the one that zlib streams name by its sum", () => {
    expect(adler32(spdyDictionary)).to.equal(SPDY_DICTIONARY_ID);
    expect(spdyDictionary.length).to.equal(1423);
  });
});
