import { expect } from "chai";
import fc from "fast-check";
import { decodeRecord, encodeRecord } from "./record-codec.ts";

describe("the record codec", () => {
  it("gives back what was encoded", () => {
    const record = fc.record({
      key: fc.string({ unit: "grapheme" }),
      createRevision: fc.maxSafeNat(),
      value: fc.uint8Array(),
    });
    fc.assert(
      fc.property(record, (original) => {
        const decoded = decodeRecord(encodeRecord(original));
        expect({ ...decoded, value: Uint8Array.from(decoded.value) }).to.deep.equal(original);
      }),
    );
  });
});
